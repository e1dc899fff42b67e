import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { UPLOAD_PART } from '#contract/model/telemetry-file.ts'
import { given } from '../arguments.ts'
import { CliError, causeOf } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import type { SiteConnection } from '../site/connect-site.ts'

/**
 * Sends a file in parts, so that neither it nor a part of it is ever whole in memory. @returns the upload's id
 * @throws CliError `file_not_readable`
 */
export async function uploadFile(
  { interrupt }: CommandContext,
  { client }: SiteConnection,
  path: string,
): Promise<string> {
  const file = await openInput(path)
  try {
    let uploadId: string | undefined
    let offset = 0
    while (true) {
      interrupt.throwIfAborted()
      const { buffer, bytesRead } = await file.read(Buffer.alloc(UPLOAD_PART), 0, UPLOAD_PART, offset)
      if (bytesRead === 0 && uploadId !== undefined) return uploadId
      const part = { name: basename(path), offset, data: buffer.subarray(0, bytesRead).toString('base64') }
      const answer = await client.telemetryFiles.upload({ ...part, ...given({ uploadId }) })
      uploadId = answer.uploadId
      offset = answer.bytes
    }
  } finally {
    await file.close()
  }
}

async function openInput(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new CliError('file_not_readable', `${path} cannot be read: ${causeOf(error)}`, { file: path })
  }
}
