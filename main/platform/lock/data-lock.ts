import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ExpectedError } from '#contract/errors.ts'

export interface DataLock {
  release(): void
}

/**
 * Takes a data folder for this process, making it (0700) if needed. The lock is SQLite's own file lock on
 * `lock.sqlite`, which the operating system drops with the process, however it ends.
 *
 * @throws ExpectedError `data_in_use` with the other engine's pid and address, `data_not_writable`
 */
export function lockDataDir(dir: string): DataLock {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
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
  return {
    release: () => {
      held.exec('rollback')
      held.close()
    },
  }
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
