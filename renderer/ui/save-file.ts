import { shell } from '../api/client.ts'

/**
 * Saves what the UI made: through the dialog of the desktop shell, or as a browser download. Resolves with the path
 * (desktop), the name (browser), or null when the person cancelled.
 */
export async function saveFile(
  name: string,
  content: string | Uint8Array<ArrayBuffer> | Blob,
  type = 'application/octet-stream',
): Promise<string | null> {
  if (shell !== undefined) {
    const bytes = content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content
    return await shell.saveFile(name, bytes)
  }
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own reference by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  return name
}
