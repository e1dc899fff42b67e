import { UPLOAD_PART } from '#contract/model/telemetry-file.ts'
import { api } from './client.ts'
import { toBase64 } from './job-file.ts'

/** Sends a file to the site in parts, on every host the same. Resolves with the upload's id. */
export async function uploadFile(
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  let uploadId: string | undefined
  let offset = 0
  do {
    const part = new Uint8Array(await file.slice(offset, offset + UPLOAD_PART).arrayBuffer())
    const answer = await api.telemetryFiles.upload(
      { name: file.name, offset, data: toBase64(part), ...(uploadId !== undefined && { uploadId }) },
      { signal },
    )
    uploadId = answer.uploadId
    offset = answer.bytes
    onProgress(file.size === 0 ? 1 : offset / file.size)
  } while (offset < file.size)
  return uploadId
}
