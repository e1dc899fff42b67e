import { createReadStream } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import { bundleLimits } from './bundle-limits.ts'
import type { BundleSource } from './bundle-source.ts'
import { below } from './part-path.ts'

/**
 * A bundle that lies in a folder. Hidden files are passed over; a link out of the folder is refused.
 *
 * @throws ExpectedError `bundle_too_many_files`, `bundle_path_refused`
 */
export async function openFolderSource(folder: string): Promise<BundleSource> {
  const root = await realpath(folder)
  const paths: string[] = []
  await list(root, '', paths)
  return {
    paths,
    open: (path) => createReadStream(join(root, path)),
    close: async () => {},
  }
}

async function list(root: string, under: string, paths: string[]): Promise<void> {
  if (under.split('/').length > bundleLimits.depth) return
  for (const entry of await readdir(join(root, under), { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue
    const path = below(under, entry.name)
    if (entry.isDirectory()) {
      await list(root, path, paths)
      continue
    }
    if (entry.isSymbolicLink()) {
      const target = await realpath(join(root, path))
      if (!target.startsWith(root + sep)) throw new ExpectedError('bundle_path_refused', { path })
    } else if (!entry.isFile()) continue
    if (paths.length >= bundleLimits.entries)
      throw new ExpectedError('bundle_too_many_files', { limit: bundleLimits.entries })
    paths.push(path)
  }
}
