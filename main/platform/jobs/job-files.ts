import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import { type DiskRoom, roomBeyondReserve } from './disk-room.ts'

/** The disk is looked at each time a file grew by so many bytes. */
const LOOKED_EVERY = 16 * 1024 ** 2

/** What a job makes and what it was given, in `<data>/jobs/<id>/`. Names inside are fixed: none comes from outside. */
export class JobFiles {
  readonly dir: string
  readonly #room: DiskRoom

  constructor(dir: string, room: DiskRoom = roomBeyondReserve) {
    this.dir = dir
    this.#room = room
  }

  folder(id: string): string {
    return join(this.dir, id)
  }

  /** What the job made; there only once it is whole. */
  artefact(id: string): string {
    return join(this.folder(id), 'file')
  }

  /** What the job was given. */
  input(id: string): string {
    return join(this.folder(id), 'input')
  }

  async make(id: string): Promise<void> {
    await mkdir(this.folder(id), { recursive: true, mode: 0o700 })
  }

  async list(): Promise<string[]> {
    try {
      return await readdir(this.dir)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  async remove(id: string): Promise<void> {
    await rm(this.folder(id), { recursive: true, force: true })
  }

  async openPart(id: string, name: 'file' | 'input'): Promise<PartFile> {
    await this.make(id)
    const path = join(this.folder(id), name)
    return PartFile.open(path, this.folder(id), this.#room)
  }

  /** Hands what one job was given to another. @throws ExpectedError `import_file_gone` */
  async moveInput(from: string, to: string): Promise<void> {
    await this.make(to)
    try {
      await rename(this.input(from), this.input(to))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      await this.remove(to)
      throw new ExpectedError('import_file_gone', { id: from })
    }
    await syncFolder(this.folder(to))
    await syncFolder(this.folder(from))
  }
}

/** A file that appears whole or not at all: written beside its place, synced, renamed. */
export class PartFile {
  readonly #path: string
  readonly #folder: string
  readonly #handle: FileHandle
  readonly #room: DiskRoom
  /** It may grow to so many bytes before the disk is looked at again. */
  #lookAt = 0
  bytes = 0

  private constructor(path: string, folder: string, handle: FileHandle, room: DiskRoom) {
    this.#path = path
    this.#folder = folder
    this.#handle = handle
    this.#room = room
  }

  /** What an attempt before left is overwritten. */
  static async open(path: string, folder: string, room: DiskRoom): Promise<PartFile> {
    try {
      return new PartFile(path, folder, await open(`${path}.part`, 'w', 0o600), room)
    } catch (error) {
      throw outOfRoom(error, 0)
    }
  }

  /** @throws ExpectedError `job_disk_full` */
  async write(data: Uint8Array): Promise<void> {
    if (this.bytes + data.byteLength > this.#lookAt) await this.#look(data.byteLength)
    try {
      for (let start = 0; start < data.byteLength; ) {
        const { bytesWritten } = await this.#handle.write(data, start)
        start += bytesWritten
      }
      this.bytes += data.byteLength
    } catch (error) {
      throw outOfRoom(error, this.bytes)
    }
  }

  async #look(coming: number): Promise<void> {
    const room = await this.#room(this.#folder)
    if (room < coming) throw new ExpectedError('job_disk_full', { bytes: this.bytes })
    this.#lookAt = this.bytes + Math.max(coming, Math.min(room, LOOKED_EVERY))
  }

  /** Puts it in its place, through a power cut. @throws ExpectedError `job_disk_full` */
  async commit(): Promise<void> {
    try {
      await this.#handle.sync()
      await this.#handle.close()
      await rename(`${this.#path}.part`, this.#path)
      await syncFolder(this.#folder)
    } catch (error) {
      throw outOfRoom(error, this.bytes)
    }
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {})
    await rm(`${this.#path}.part`, { force: true })
  }
}

function outOfRoom(error: unknown, bytes: number): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new ExpectedError('job_disk_full', { bytes }, { cause: error })
}

async function syncFolder(dir: string): Promise<void> {
  // Windows opens no folder as a file; NTFS journals the rename by itself.
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
