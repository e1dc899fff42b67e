import { createReadStream } from 'node:fs'
import { basename, resolve } from 'node:path'
import { UPLOAD_PART } from '#contract/model/telemetry-file.ts'
import { given } from '../arguments.ts'
import type { CommandContext } from '../command-context.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import type { SiteBundleDetails } from './bundle-lines.ts'
import { bundlePath } from './bundle-path.ts'
import { packFolder } from './pack-folder.ts'

/** Sends a bundle in parts and has it taken into the catalogue. @throws CliError `file_not_readable`; what the site refuses */
export async function importBundle(
  { interrupt }: CommandContext,
  { client }: SiteConnection,
  path: string,
  tenant: string | undefined,
): Promise<SiteBundleDetails> {
  const found = await bundlePath(path)
  const isFolder = found.kind === 'folder'
  const content = isFolder
    ? await packFolder(found.path)
    : (createReadStream(found.path) as AsyncIterable<Uint8Array>)
  const name = `${basename(resolve(found.path))}${isFolder ? '.zip' : ''}`
  let uploadId: string | undefined
  let offset = 0
  for await (const part of inParts(content)) {
    interrupt.throwIfAborted()
    const data = part.toString('base64')
    const answer = await client.firmware.upload({ name, offset, data, ...given({ uploadId }) })
    uploadId = answer.uploadId
    offset = answer.bytes
  }
  return client.firmware.import({ uploadId: uploadId ?? '', ...given({ tenant }) })
}

/** At least one, of an empty file. */
async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of content) {
    waiting.push(chunk)
    bytes += chunk.byteLength
    while (bytes >= UPLOAD_PART) {
      const all = Buffer.concat(waiting)
      yield all.subarray(0, UPLOAD_PART)
      waiting = [all.subarray(UPLOAD_PART)]
      bytes -= UPLOAD_PART
    }
  }
  yield Buffer.concat(waiting)
}
