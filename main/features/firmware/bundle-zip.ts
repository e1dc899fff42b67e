import type { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { BundleBuild } from '#contract/model/bundle.ts'
import type { BundleRow } from './bundles.repository.ts'
import type { PartFiles } from './part-files.ts'

export interface BundleZip {
  /** `millwright-gateway-1.2.0.zip` */
  name: string
  content: Readable
}

/** Times of files in a ZIP are not the bundle's: it is the same ZIP each time. */
const entryOptions = { mtime: new Date(Date.UTC(2020, 0, 1)), mode: 0o100644 }

/** A bundle as it can be imported elsewhere. It is packed as it is read. */
export function bundleZip(
  { name, version, manifest, signature }: Pick<BundleRow, 'name' | 'version' | 'manifest' | 'signature'>,
  builds: readonly BundleBuild[],
  files: PartFiles,
): BundleZip {
  const zip = new ZipFile()
  const output = zip.outputStream as Readable
  // A file that fails ends the whole.
  zip.on('error', (error: Error) => output.destroy(error))
  zip.addBuffer(Buffer.from(manifest), 'manifest.json', entryOptions)
  if (signature !== null) zip.addBuffer(Buffer.from(signature), 'signature.json', entryOptions)
  const parts = new Map(
    builds.flatMap((build) => build.parts.map(({ path, sha256 }) => [entryName(path), sha256])),
  )
  let reading: Readable | null = null
  // Whoever takes it may go away: yazl leaves the file that it reads open then.
  output.once('close', () => reading?.destroy())
  for (const [path, sha256] of parts)
    zip.addReadStreamLazy(path, entryOptions, (give) => {
      if (output.destroyed) return
      reading = files.stream(sha256)
      give(null, reading)
    })
  zip.end()
  const fileName = `${name} ${version}`
    .normalize('NFKD')
    .replace(/[^\w.]+/g, '-')
    .toLowerCase()
  return { name: `${fileName}.zip`, content: output }
}

/** The manifest's path as a ZIP may name it: `./esp32//app.bin` is `esp32/app.bin`. */
function entryName(path: string): string {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/')
}
