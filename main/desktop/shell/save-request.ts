import { basename } from 'node:path'

/** Largest file that the UI hands over to be saved; exports of more than that are streamed by the engine. */
const MAX_SAVE_BYTES = 256 * 1024 * 1024

export interface SaveRequest {
  name: string
  content: Uint8Array | string
}

/** @throws TypeError for anything but a name and a content within the limit */
export function readSaveRequest(args: readonly unknown[]): SaveRequest {
  const [name, content] = args
  if (typeof name !== 'string' || name.length > 255) throw new TypeError('saveFile takes a file name')
  if (typeof content !== 'string' && !(content instanceof Uint8Array))
    throw new TypeError('saveFile takes text or bytes')
  if (content.length > MAX_SAVE_BYTES) throw new TypeError(`saveFile takes at most ${MAX_SAVE_BYTES} bytes`)
  return { name: safeName(name), content }
}

/** A file name that means the same on every system and never a path. */
function safeName(name: string): string {
  const plain = basename(name.replaceAll('\\', '/'))
    .replace(/[<>:"/|?*]|\p{Cc}/gu, '_')
    .replace(/^\.+|[. ]+$/g, '')
  return plain === '' ? 'millwright' : plain
}
