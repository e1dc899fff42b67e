import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { openFolderSource } from '#firmware/bundle/folder-source.ts'
import { bundleFilesOf } from '#firmware/bundle/read-bundle.ts'

/**
 * The bundle in a folder as a ZIP, packed as it is read: manifest, signature and the parts that they name, nothing else
 * that lies there.
 *
 * @throws ExpectedError `bundle_manifest_missing`, `bundle_manifest_invalid`, `bundle_part_missing`, `bundle_path_refused`
 */
export async function packFolder(folder: string): Promise<AsyncIterable<Uint8Array>> {
  const source = await openFolderSource(folder)
  const zip = new ZipFile()
  const output = zip.outputStream as Readable
  zip.on('error', (error: Error) => output.destroy(error))
  for (const path of await bundleFilesOf(source))
    zip.addReadStreamLazy(path, {}, (give) => give(null, Readable.from(source.open(path))))
  zip.end()
  return output as AsyncIterable<Uint8Array>
}
