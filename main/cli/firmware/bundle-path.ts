import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { BundleSource } from '#firmware/bundle/bundle-source.ts'
import { openFolderSource } from '#firmware/bundle/folder-source.ts'
import { openZipSource } from '#firmware/bundle/zip-source.ts'
import { CliError, causeOf } from '../cli-error.ts'

/** What a person points at: a ZIP, a folder, or the manifest.json in one. */
export async function bundlePath(path: string): Promise<{ kind: 'zip' | 'folder'; path: string }> {
  const found = await stat(path).catch((error: unknown) => {
    throw new CliError('file_not_readable', `${path} cannot be read: ${causeOf(error)}`, { file: path })
  })
  if (found.isDirectory()) return { kind: 'folder', path }
  return basename(path) === 'manifest.json' ? { kind: 'folder', path: dirname(path) } : { kind: 'zip', path }
}

export async function openBundle(path: string): Promise<BundleSource> {
  const found = await bundlePath(path)
  return found.kind === 'zip' ? openZipSource(found.path) : openFolderSource(found.path)
}
