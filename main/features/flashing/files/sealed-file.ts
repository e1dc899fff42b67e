import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import { syncFolder } from '#platform/secrets/durable-file.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'

/** Bytes of content in a box; the last one of a file may have fewer. */
const CHUNK = 64 * 1024
/** Format, nonce and tag that sealing adds to a box (`platform/secrets/sealing.ts`). */
const ADDED = 29
const PURPOSE = 'bench-file'

/** What is written, however long. */
export interface WrittenFile {
  bytes: number
  /** Of the content, lower-case hex. */
  sha256: string
}

/**
 * Writes a file of boxes, so that neither it nor what a deleted one leaves on the disk can be read without the site's
 * key: a flash image holds the keys of its gateway. Each box is bound to the file's id, its place and whether it is the
 * last, so that none can be swapped, moved or cut off. The file appears whole or not at all.
 *
 * @throws whatever `content` throws; the file is not there then
 */
export async function writeSealed(
  path: string,
  {
    id,
    sealer,
    content,
  }: { id: string; sealer: Sealer; content: AsyncIterable<Uint8Array> | Iterable<Uint8Array> },
): Promise<WrittenFile> {
  const temporary = `${path}.part`
  const handle = await open(temporary, 'w', 0o600)
  try {
    const hash = createHash('sha256')
    let bytes = 0
    let index = 0
    for await (const { chunk, isLast } of chunksOf(content)) {
      hash.update(chunk)
      bytes += chunk.length
      await writeAll(handle, sealer.seal(PURPOSE, placeOf(id, index, isLast), chunk))
      index += 1
    }
    await handle.sync()
    await handle.close()
    await rename(temporary, path)
    await syncFolder(dirname(path))
    return { bytes, sha256: hash.digest('hex') }
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(temporary, { force: true })
    throw error
  }
}

/** @throws ExpectedError `data_damaged`, `file_missing` */
export async function* readSealed(
  path: string,
  { id, sealer }: { id: string; sealer: Sealer },
): AsyncGenerator<Buffer> {
  const handle = await openExisting(path)
  try {
    const { size } = await handle.stat()
    let index = 0
    for (let at = 0; at < size; index += 1) {
      const length = Math.min(CHUNK + ADDED, size - at)
      const box = Buffer.alloc(length)
      await readAll(handle, box, at)
      at += length
      yield sealer.open(PURPOSE, placeOf(id, index, at === size), box)
    }
  } finally {
    await handle.close()
  }
}

/** Bytes of content in a sealed file of so many bytes. */
export function contentSize(fileSize: number): number {
  return fileSize - Math.ceil(fileSize / (CHUNK + ADDED)) * ADDED
}

function placeOf(id: string, index: number, isLast: boolean): string {
  return `${id}/${index}/${isLast ? 'last' : 'more'}`
}

/** Whatever comes, in chunks of one size; an empty content is one empty chunk. */
async function* chunksOf(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<{ chunk: Buffer; isLast: boolean }> {
  let held = Buffer.alloc(0)
  for await (const piece of content) {
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece])
    // The last one is known only once nothing comes after it.
    while (held.length > CHUNK) {
      yield { chunk: held.subarray(0, CHUNK), isLast: false }
      held = held.subarray(CHUNK)
    }
  }
  yield { chunk: held, isLast: true }
}

async function writeAll(handle: FileHandle, data: Uint8Array): Promise<void> {
  for (let start = 0; start < data.byteLength; ) {
    const { bytesWritten } = await handle.write(data, start)
    start += bytesWritten
  }
}

async function readAll(handle: FileHandle, into: Buffer, at: number): Promise<void> {
  for (let start = 0; start < into.length; ) {
    const { bytesRead } = await handle.read(into, start, into.length - start, at + start)
    if (bytesRead === 0)
      throw new ExpectedError('data_damaged', { file: 'A file of the bench', cause: 'it is cut off' })
    start += bytesRead
  }
}

async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ExpectedError('file_missing')
    throw error
  }
}
