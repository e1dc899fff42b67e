import Database from 'better-sqlite3'
import { ExpectedError } from '#contract/errors.ts'

/** Why a commit did not happen, in the words of `IngestReply`. */
export interface StoreFailure {
  code: 'disk_full' | 'store_failed'
  cause: string
}

/** SQLite's result codes for "the file, the disk or memory failed", as against "this statement was wrong". */
const storageCodes = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|BUSY|LOCKED|NOMEM|PROTOCOL)/
const damageCodes = /^SQLITE_(CORRUPT|NOTADB)/

export function storeFailure(error: unknown): StoreFailure {
  if (!(error instanceof Database.SqliteError)) return { code: 'store_failed', cause: messageOf(error) }
  if (error.code.startsWith('SQLITE_FULL')) return { code: 'disk_full', cause: error.message }
  return { code: 'store_failed', cause: `${error.message} (${error.code})` }
}

/** The same as an error. */
export function storeError(error: unknown): ExpectedError {
  const { code, cause } = storeFailure(error)
  return new ExpectedError(code, code === 'store_failed' ? { cause } : {}, { cause: error })
}

/** True where every batch would fail alike, so that trying them one by one is of no use. */
export function isStorageError(error: unknown): boolean {
  return error instanceof Database.SqliteError && storageCodes.test(error.code)
}

/** True where what is in a file is wrong, as against what could not be done with it. */
export function isDamage(error: unknown): boolean {
  if (error instanceof ExpectedError) return error.code === 'data_damaged'
  return error instanceof Database.SqliteError && damageCodes.test(error.code)
}

/** Turns a damaged file into `data_damaged`, naming it; anything else is returned as it is. */
export function damageOf(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError) || !damageCodes.test(error.code)) return error
  return new ExpectedError('data_damaged', { file, cause: error.message }, { cause: error })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
