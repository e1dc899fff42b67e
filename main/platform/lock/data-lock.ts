import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { ExpectedError } from '#contract/errors.ts'

export interface DataLock {
  release(): void
}

/** Kept here, for a handle that nobody holds any more would be collected, closed, and give the folder away. */
const heldLocks = new Set<Database.Database>()

/**
 * Takes a data folder for this process, making it (0700) if needed. The lock is SQLite's own file lock on
 * `lock.sqlite`, which the operating system drops with the process, however it ends.
 *
 * @throws ExpectedError `data_in_use` with the other engine's pid and address, `data_not_writable`
 */
export function lockDataDir(dir: string): DataLock {
  try {
    makeFolder(dir)
    accessSync(dir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new ExpectedError('data_not_writable', { dir, cause: causeOf(error) })
  }
  let lock: Database.Database | undefined
  try {
    lock = new Database(join(dir, 'lock.sqlite'), { timeout: 200 })
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('begin exclusive')
  } catch (error) {
    lock?.close()
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
      const { pid, url } = readRunFile(dir)
      throw new ExpectedError('data_in_use', { dir, pid, url })
    }
    throw new ExpectedError('data_not_writable', { dir, cause: causeOf(error) })
  }
  const held = lock
  heldLocks.add(held)
  return {
    release: () => {
      heldLocks.delete(held)
      held.exec('rollback')
      held.close()
    },
  }
}

/** Folder by folder: Node's own recursive way never ends where the parent is a file system like /proc. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) return
  makeFolder(dirname(dir))
  mkdirSync(dir, { mode: 0o700 })
}

function readRunFile(dir: string): { pid: number | string; url: string | null } {
  try {
    const run = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as { pid?: number; url?: string }
    return { pid: run.pid ?? '?', url: run.url ?? null }
  } catch {
    return { pid: '?', url: null }
  }
}

function causeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return code ?? message ?? String(error)
}
