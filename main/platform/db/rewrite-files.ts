import Database from 'better-sqlite3'
import { sql } from 'kysely'
import type { SiteDb } from './site-db.ts'

/** Writes the site's store anew, without free pages, and cuts its log. It waits for that: at most `mostBytes`. @returns false where it is larger */
export async function rewriteSiteDb(db: SiteDb, mostBytes: number): Promise<boolean> {
  const { rows } = await sql<{ bytes: number }>`select page_count * page_size as bytes
    from pragma_page_count(), pragma_page_size()`.execute(db)
  const fits = (rows[0]?.bytes ?? 0) <= mostBytes
  if (fits) await sql`vacuum`.execute(db)
  await sql`pragma wal_checkpoint(truncate)`.execute(db)
  return fits
}

/** The same for a file that another thread has open, too. @throws what SQLite throws, such as SQLITE_BUSY */
export function rewriteFile(file: string): void {
  const other = new Database(file, { timeout: 5_000, fileMustExist: true })
  try {
    other.pragma('secure_delete = ON')
    other.exec('VACUUM')
    other.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    other.close()
  }
}
