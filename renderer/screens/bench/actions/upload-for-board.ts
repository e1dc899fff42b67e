import { ORPCError } from '@orpc/client'
import * as z from 'zod'
import { api, shell } from '#renderer/api/client.ts'
import { toBase64 } from '#renderer/api/job-file.ts'

/** Bytes of a file for a board: the largest flash of the chips that are flashed. */
export const FILE_MOST = 32 * 1024 ** 2

const AnswerSchema = z.object({ uploadId: z.string() })
const ErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
})

/** Sends a file to the site, for a job that comes next. Resolves with the upload's id. */
export async function uploadForBoard(file: File): Promise<string> {
  // The desktop's window has no HTTP.
  if (shell !== undefined) {
    const data = toBase64(new Uint8Array(await file.arrayBuffer()))
    return (await api.bench.putFile({ name: file.name.slice(0, 200), data })).uploadId
  }
  const response = await fetch(`/api/v1/bench/files?name=${encodeURIComponent(file.name.slice(0, 200))}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file,
  })
  const answer: unknown = await response.json()
  if (response.ok) return AnswerSchema.parse(answer).uploadId
  const { code, message, data } = ErrorSchema.parse(answer)
  throw new ORPCError(code, { message, data })
}
