import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { ExpectedError } from '#contract/errors.ts'
import { migrations } from './migrations/index.ts'
import type { SiteSchema } from './schema.ts'
import type { SiteDb } from './site-db.ts'
import { withStatementCache } from './statement-cache.ts'

/**
 * Opens the site's store to read it and nothing else, beside a running site or where none runs. A reader of its own
 * keeps long searches off the one connection that everything waits for.
 *
 * @throws ExpectedError `data_from_newer_version`, `data_from_older_version`; an error of SQLite where there is none
 */
export async function openSiteDbToRead(file: string): Promise<SiteDb> {
  const sqlite = new Database(file, { readonly: true, fileMustExist: true })
  sqlite.pragma('busy_timeout = 5000')
  const db = new Kysely<SiteSchema>({ dialect: new SqliteDialect({ database: withStatementCache(sqlite) }) })
  try {
    await refuseOtherVersion(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return db
}

async function refuseOtherVersion(db: SiteDb): Promise<void> {
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .execute()
  const applied = new Set(rows.map(({ name }) => name))
  for (const migration of applied)
    if (!(migration in migrations)) throw new ExpectedError('data_from_newer_version', { migration })
  for (const migration of Object.keys(migrations))
    if (!applied.has(migration)) throw new ExpectedError('data_from_older_version', { migration })
}
