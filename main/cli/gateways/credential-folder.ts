import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'
import { CliError, causeOf } from '../cli-error.ts'
import { openOutputFile } from '../files/output-file.ts'

/** All that the site puts into such a ZIP; anything else is not taken out of it, wherever it would go. */
const KNOWN = /^(?:[0-9a-f-]{17,36}_certs\.zip|report\.csv|labels\.pdf)$/

/** Makes the folder, for its owner alone. @throws CliError `file_not_writable` */
export async function makeCredentialFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new CliError('file_not_writable', `${path} cannot be made: ${causeOf(error)}`, { file: path })
  }
}

/**
 * Puts the files of an import's ZIP into a folder, each readable by its owner alone; resolves when all are on disk.
 *
 * @returns their names
 * @throws CliError `file_exists` without `overwrite`, `file_not_writable`, `site_failed` for a ZIP that is none of ours
 */
export async function unpackCredentials(zip: Buffer, folder: string, overwrite: boolean): Promise<string[]> {
  const names: string[] = []
  const archive = await fromBufferPromise(zip)
  for await (const entry of archive.eachEntry()) {
    const { fileName } = entry
    if (!KNOWN.test(fileName))
      throw new CliError('site_failed', `The ZIP of the site holds ${fileName}, which does not belong there`)
    const file = await openOutputFile(join(folder, fileName), { mode: 0o600, overwrite })
    try {
      await file.write(await buffer(await archive.openReadStreamPromise(entry)))
      await file.commit()
    } finally {
      await file.discard()
    }
    names.push(fileName)
  }
  return names
}
