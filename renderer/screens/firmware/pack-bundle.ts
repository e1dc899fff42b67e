import type { GivenFile } from './dropped-files.ts'
import { storedZip, type ZipEntry } from './stored-zip.ts'

/** Of a ZIP that a person chose nothing is looked at here. */
const isZip = (file: File) => /\.zip$/i.test(file.name) || file.type === 'application/zip'

/**
 * What a person chose or dropped, as the one ZIP that the site takes: a ZIP as it is; `manifest.json` with its files, or a
 * folder that holds them, packed. Whatever is missing or wrong is left for the site to say.
 */
export async function packBundle(files: readonly GivenFile[]): Promise<File> {
  const [first] = files
  if (first !== undefined && files.length === 1 && isZip(first.file)) return first.file
  const depth = ({ path }: GivenFile) => path.split('/').length
  const manifest = files
    .filter(({ file }) => file.name === 'manifest.json')
    .toSorted((a, b) => depth(a) - depth(b))[0]
  if (manifest === undefined)
    return zipOf(await Promise.all(files.map(({ path, file }) => entry(path, file))))
  const folder = manifest.path.slice(0, -'manifest.json'.length)
  const entries = [await entry('manifest.json', manifest.file)]
  const take = async (path: string) => {
    const found = fileAt(files, folder, path)
    if (found !== undefined && !entries.some((one) => one.path === path))
      entries.push(await entry(path, found.file))
  }
  await take('signature.json')
  for (const path of partPaths(await manifest.file.text())) await take(path)
  return zipOf(entries)
}

/** Files that were chosen one by one have lost their folders: then the name decides, where only one has it. */
function fileAt(files: readonly GivenFile[], folder: string, path: string): GivenFile | undefined {
  const inside = path.replace(/^(\.\/)+/, '')
  const exact = files.find((one) => one.path === folder + inside)
  if (exact !== undefined) return exact
  const named = files.filter(({ file }) => file.name === inside.split('/').at(-1))
  return named.length === 1 ? named[0] : undefined
}

function partPaths(manifest: string): string[] {
  try {
    const { builds } = JSON.parse(manifest) as { builds?: { parts?: { path?: unknown }[] }[] }
    const paths = (builds ?? []).flatMap(({ parts }) => (parts ?? []).map(({ path }) => path))
    return paths.filter((path) => typeof path === 'string')
  } catch {
    return []
  }
}

async function entry(path: string, file: File): Promise<ZipEntry> {
  return { path, bytes: new Uint8Array(await file.arrayBuffer()) }
}

function zipOf(entries: readonly ZipEntry[]): File {
  return new File([storedZip(entries)], 'bundle.zip', { type: 'application/zip' })
}
