import type { Job } from '#contract/model/job.ts'
import { api, shell } from './client.ts'

/** Saves what a job made: a browser fetches it straight to its disk; the desktop's window, which has no HTTP, in parts. */
export async function saveJobFile({ id, file }: Job, signal: AbortSignal): Promise<void> {
  if (file === null) return
  if (shell === undefined) {
    const link = document.createElement('a')
    link.href = `/api/v1/jobs/${id}/file`
    link.download = file.name
    link.click()
    return
  }
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (let offset = 0; offset < file.bytes; ) {
    const { data } = await api.jobs.filePart({ jobId: id, offset }, { signal })
    const part = fromBase64(data)
    if (part.byteLength === 0) break
    parts.push(part)
    offset += part.byteLength
  }
  await shell.saveFile(file.name, new Uint8Array(await new Blob(parts).arrayBuffer()))
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  // In pieces: an argument for each byte of a large array would overflow the stack.
  for (let start = 0; start < bytes.length; start += 32_768)
    text += String.fromCharCode(...bytes.subarray(start, start + 32_768))
  return btoa(text)
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
