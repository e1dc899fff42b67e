import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { ExpectedError } from '#contract/errors.ts'
import { roomBeyondReserve } from '#platform/jobs/disk-room.ts'
import { makePrivateFolder, syncFolder } from '#platform/secrets/durable-file.ts'
import type { PartStore } from './bundle-reader.ts'

const NAME = /^[0-9a-f]{64}$/

/** Parts of bundles in `<data>/firmware/`, each once, named by its SHA-256. A name is there only when its bytes are. */
export class PartFiles implements PartStore {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Makes the folder, and throws out what no bundle names: imports that a power cut ended, deletions that it kept from ending. */
  async start(named: ReadonlySet<string>): Promise<void> {
    await makePrivateFolder(this.#dir)
    for (const name of await readdir(this.#dir))
      if (!named.has(name)) await rm(join(this.#dir, name), { force: true })
  }

  /** @throws ExpectedError `job_disk_full`; what `content` throws: then nothing of it is kept */
  async put(content: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }> {
    const temporary = join(this.#dir, `${randomUUID()}.part`)
    const hash = createHash('sha256')
    let size = 0
    try {
      const handle = await open(temporary, 'wx', 0o600)
      try {
        for await (const chunk of content) {
          hash.update(chunk)
          size += chunk.byteLength
          await handle.writeFile(chunk)
        }
        await handle.sync()
      } finally {
        await handle.close()
      }
      const sha256 = hash.digest('hex')
      await rename(temporary, this.#file(sha256))
      await syncFolder(this.#dir)
      return { sha256, size }
    } catch (error) {
      await rm(temporary, { force: true })
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
      throw new ExpectedError('job_disk_full', { bytes: size }, { cause: error })
    }
  }

  /** Whole, and what its name says. @throws ExpectedError `data_damaged` */
  async bytes(sha256: string): Promise<Uint8Array> {
    const file = this.#file(sha256)
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new ExpectedError('data_damaged', { file, cause: error.code ?? error.message }, { cause: error })
    })
    const actual = createHash('sha256').update(bytes).digest('hex')
    if (actual !== sha256)
      throw new ExpectedError('data_damaged', { file, cause: `its SHA-256 is ${actual}` })
    return bytes
  }

  /** Less than `length` bytes at its end. @throws ExpectedError `data_damaged` where there is none of it */
  async piece(sha256: string, { offset, length }: { offset: number; length: number }): Promise<Uint8Array> {
    const file = this.#file(sha256)
    const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
      throw new ExpectedError('data_damaged', { file, cause: error.code ?? error.message }, { cause: error })
    })
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  }

  /** For a part of any size. */
  stream(sha256: string): Readable {
    return createReadStream(this.#file(sha256))
  }

  /** @throws ExpectedError `job_disk_full` where so many bytes more leave the disk too little */
  async requireRoom(bytes: number): Promise<void> {
    if ((await roomBeyondReserve(this.#dir)) < bytes) throw new ExpectedError('job_disk_full', { bytes: 0 })
  }

  async remove(hashes: Iterable<string>): Promise<void> {
    for (const sha256 of hashes) await rm(this.#file(sha256), { force: true })
    await syncFolder(this.#dir)
  }

  #file(sha256: string): string {
    if (!NAME.test(sha256)) throw new Error('Not the name of a part')
    return join(this.#dir, sha256)
  }
}
