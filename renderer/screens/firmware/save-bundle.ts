import type { FirmwareBundleDetails } from '#contract/api/firmware.ts'
import { api, shell } from '#renderer/api/client.ts'
import { fromBase64 } from '#renderer/api/job-file.ts'
import { storedZip, type ZipEntry } from './stored-zip.ts'

/** Saves a bundle as a ZIP: a browser fetches it; the desktop's window, which has no HTTP, packs it from its files. */
export async function saveBundle(bundle: FirmwareBundleDetails): Promise<void> {
  if (shell === undefined) {
    const link = document.createElement('a')
    link.href = `/api/v1/firmware/bundles/${bundle.id}/zip`
    link.download = ''
    link.click()
    return
  }
  const paths = new Set(['manifest.json', ...(bundle.signer === null ? [] : ['signature.json'])])
  for (const { parts } of bundle.builds) for (const { path } of parts) paths.add(path)
  const entries: ZipEntry[] = []
  for (const path of paths) entries.push({ path, bytes: await fetchFile(bundle.id, path) })
  const zip = new Uint8Array(await storedZip(entries).arrayBuffer())
  await shell.saveFile(`${bundle.name} ${bundle.version}.zip`, zip)
}

async function fetchFile(bundleId: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  while (true) {
    const piece = fromBase64((await api.firmware.filePart({ bundleId, path, offset })).data)
    if (piece.byteLength === 0) return new Uint8Array(await new Blob(pieces).arrayBuffer())
    pieces.push(piece)
    offset += piece.byteLength
  }
}
