import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'

/** What the file system says when a folder cannot take a file; everything else is a bug. */
const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR'])

/**
 * Writes a whole file so that a power cut leaves either the old content or the new: temporary file, fsync,
 * rename, fsync of the folder. A temporary file left behind by a cut is overwritten by the next write and
 * never read. The file is readable by its owner only.
 *
 * @throws ExpectedError `data_not_writable`
 */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.tmp`
  try {
    const handle = await open(temporary, 'w', 0o600)
    try {
      // A file left by a cut keeps its old mode when it is opened again.
      await handle.chmod(0o600)
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    await syncFolder(dirname(file))
  } catch (error) {
    throw notWritable(error, dirname(file))
  }
}

/** Makes a folder that only its owner can enter. @throws ExpectedError `data_not_writable` */
export async function makePrivateFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await chmod(dir, 0o700)
    await syncFolder(dirname(dir))
  } catch (error) {
    throw notWritable(error, dir)
  }
}

/** Removes a file for good. Its bytes are overwritten first, which helps where the disk writes in place. */
export async function removeDurably(file: string): Promise<void> {
  try {
    const handle = await open(file, 'r+')
    try {
      const { size } = await handle.stat()
      await handle.write(Buffer.alloc(size), 0, size, 0)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw notWritable(error, dirname(file))
  }
  await rm(file, { force: true })
  await syncFolder(dirname(file))
}

/** A new name is only there after a power cut when its folder was synced too. */
export async function syncFolder(dir: string): Promise<void> {
  // Windows opens no folder as a file; NTFS journals the rename by itself.
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function notWritable(error: unknown, dir: string): unknown {
  const code = codeOf(error)
  if (!code || !unwritable.has(code)) return error
  return new ExpectedError('data_not_writable', { dir, cause: code }, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
