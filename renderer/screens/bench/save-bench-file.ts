import { ORPCError } from '@orpc/client'
import * as z from 'zod'
import { api, shell } from '#renderer/api/client.ts'
import { saveFile } from '#renderer/ui/save-file.ts'

const ErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
})

/** Saves what a backup read. */
export async function saveBackup(jobId: string, name: string): Promise<void> {
  if (shell === undefined) await fetched(`/api/v1/bench/jobs/${jobId}/file`, name)
  else await saveFile(name, await api.bench.takeFile({ jobId }))
}

/** Saves how each board of a run ended. */
export async function saveResults(runId: string, as: 'csv' | 'pdf', name: string): Promise<void> {
  if (shell === undefined) await fetched(`/api/v1/bench/runs/${runId}/results.${as}`, name)
  else await saveFile(name, await api.bench.results({ runId, as }))
}

/** Fetched before it is saved, for a refusal is to be told in the page and not kept as the file. */
async function fetched(path: string, name: string): Promise<void> {
  const response = await fetch(path)
  if (response.ok) {
    await saveFile(name, await response.blob())
    return
  }
  const { code, message, data } = ErrorSchema.parse(await response.json())
  throw new ORPCError(code, { message, data })
}
