import { stat } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl'
import { ExpectedError } from '#contract/errors.ts'
import { bundleLimits } from './bundle-limits.ts'
import type { BundleSource } from './bundle-source.ts'
import { insidePath } from './part-path.ts'

/**
 * Opens a ZIP file. Only its directory is read here, and only what is asked for is unpacked.
 *
 * @throws ExpectedError `bundle_zip_damaged`, `bundle_too_large`, `bundle_too_many_files`, `bundle_path_refused`
 */
export async function openZipSource(file: string): Promise<BundleSource> {
  const { size } = await stat(file)
  if (size > bundleLimits.file)
    throw new ExpectedError('bundle_too_large', { what: 'The ZIP', limit: bundleLimits.file })
  // Names stay bytes here, so that a bad one is refused by its own code.
  const zip = await openPromise(file, { autoClose: false, decodeStrings: false }).catch(damaged)
  // What goes wrong while a file is read fails its stream; an event that nobody hears would end the process.
  zip.on('error', () => {})
  try {
    const entries = await readEntries(zip, size)
    return {
      paths: [...entries.keys()],
      open: (path) => unpacked(zip, required(entries.get(path))),
      close: async () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

async function readEntries(zip: ZipFile, packed: number): Promise<Map<string, Entry>> {
  // What the ZIP says of itself bounds nothing: it is counted.
  const entries = new Map<string, Entry>()
  let seen = 0
  let unpackedBytes = 0
  try {
    for await (const entry of zip.eachEntry()) {
      seen += 1
      if (seen > bundleLimits.entries)
        throw new ExpectedError('bundle_too_many_files', { limit: bundleLimits.entries })
      const name = getFileNameLowLevel(
        entry.generalPurposeBitFlag,
        entry.fileNameRaw,
        entry.extraFields,
        false,
      )
      if (name.endsWith('/')) continue
      const path = insidePath(name)
      if (entries.has(path)) throw new Error(`${path} is in it twice`)
      if (entry.isEncrypted()) throw new Error(`${path} needs a password`)
      unpackedBytes += entry.uncompressedSize
      entries.set(path, entry)
    }
  } catch (error) {
    return damaged(error)
  }
  if (unpackedBytes > Math.max(bundleLimits.ratioFrom, packed * bundleLimits.ratio))
    throw new ExpectedError('bundle_too_large', {
      what: 'What the ZIP unpacks to',
      limit: bundleLimits.ratioFrom,
    })
  return entries
}

async function* unpacked(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  let checksum = 0
  try {
    // The stream fails when more or fewer bytes come than the directory says; the checksum is left to us.
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
      checksum = crc32(chunk, checksum)
      yield chunk
    }
    if (checksum !== entry.crc32) throw new Error('a checksum does not fit')
  } catch (error) {
    damaged(error)
  }
}

function damaged(error: unknown): never {
  if (error instanceof ExpectedError) throw error
  const cause = error instanceof Error ? error.message : String(error)
  throw new ExpectedError('bundle_zip_damaged', { cause: cause.slice(0, 200) }, { cause: error })
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Not a path of this ZIP')
  return value
}
