import { createHash, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import { openFolderSource } from './folder-source.ts'
import { parseManifest } from './manifest.ts'
import { insidePath } from './part-path.ts'
import { MemoryParts } from './part-store.ts'
import { readBundle } from './read-bundle.ts'
import { signManifest } from './signature.ts'

export interface SignedBundle {
  /** The files of the folder that a signed bundle has anew. */
  manifest: string
  signature: string
}

/**
 * Signs the bundle in a folder: hash and size of each part go into the manifest, the signature beside it. What comes of
 * it is read back as whoever imports it will; nothing is written here.
 *
 * @throws ExpectedError `bundle_*`, `parts_overlap`: what is not right is not signed
 */
export async function signBundle(folder: string, key: KeyObject): Promise<SignedBundle> {
  const given = await readFile(join(folder, 'manifest.json')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new ExpectedError('bundle_manifest_missing')
  })
  parseManifest(given)
  // As it was written, with fields that we do not know.
  const content = JSON.parse(given.toString('utf8')) as { builds: { parts: Record<string, unknown>[] }[] }
  for (const { parts } of content.builds)
    for (const part of parts) Object.assign(part, await hashed(folder, String(part.path)))
  const manifest = `${JSON.stringify(content, null, 2)}\n`
  const signature = signManifest(Buffer.from(manifest), key)
  const source = await openFolderSource(folder)
  const ours: Record<string, string> = { 'manifest.json': manifest, 'signature.json': signature }
  const renewed = {
    ...source,
    paths: [...new Set([...source.paths, ...Object.keys(ours)])],
    open: (path: string) => (ours[path] === undefined ? source.open(path) : oneChunk(ours[path])),
  }
  await readBundle(renewed, { store: new MemoryParts(), signal: AbortSignal.timeout(60_000) })
  return { manifest, signature }
}

async function hashed(folder: string, path: string): Promise<{ sha256: string; size: number }> {
  const bytes = await readFile(join(folder, insidePath(path))).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new ExpectedError('bundle_part_missing', { path })
  })
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length }
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
