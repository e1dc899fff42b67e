import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import type { BundleSource } from '../bundle-source.ts'
import { MemoryParts } from '../part-store.ts'
import { type ReadBundle, readBundle } from '../read-bundle.ts'
import { signManifest } from '../signature.ts'
import { openZipSource } from '../zip-source.ts'
import { simGatewayFiles } from './sim-gateway.ts'

/** Of the publisher of the tests; no site trusts it by itself. */
export const publisherKey = createPrivateKey(
  readFileSync(resolve(import.meta.dirname, '../../../tests/fixtures/firmware/publisher.key.pem')),
)

export type BundleFiles = Map<string, Buffer>

/** The simulated gateway's bundle, changed: the manifest loses its hashes, so that each check can fail by itself. */
export function bundleFiles(
  change: {
    manifest?: (manifest: TestManifest) => unknown
    files?: (files: BundleFiles) => void
    sign?: boolean
  } = {},
): BundleFiles {
  const files = simGatewayFiles(publisherKey)
  const manifest = JSON.parse(String(files.get('manifest.json'))) as TestManifest
  manifest.builds = manifest.builds.slice(0, 1)
  if (!change.sign) {
    files.delete('signature.json')
    for (const part of manifest.builds[0]?.parts ?? []) {
      delete part.sha256
      delete part.size
    }
  }
  const changed = change.manifest?.(manifest) ?? manifest
  const text = Buffer.from(JSON.stringify(changed))
  files.set('manifest.json', text)
  if (change.sign) files.set('signature.json', Buffer.from(signManifest(text, publisherKey)))
  change.files?.(files)
  return files
}

export interface TestManifest {
  [field: string]: unknown
  builds: {
    [field: string]: unknown
    chipFamily: string
    parts: { path: string; offset: number; size?: number; sha256?: string }[]
  }[]
}

export function zipOf(files: BundleFiles): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [path, content] of files) zip.addBuffer(content, path)
  zip.end()
  return buffer(zip.outputStream)
}

/** Reads a ZIP as an import does. */
export async function readZip(zip: Buffer): Promise<ReadBundle> {
  const dir = mkdtempSync(join(tmpdir(), 'mw-bundle-'))
  let source: BundleSource | null = null
  try {
    const file = join(dir, 'bundle.zip')
    await writeFile(file, zip)
    source = await openZipSource(file)
    return await readBundle(source, { store: new MemoryParts(), signal: AbortSignal.timeout(10_000) })
  } finally {
    await source?.close()
    rmSync(dir, { recursive: true, force: true })
  }
}
