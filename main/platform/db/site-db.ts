import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, type Transaction } from 'kysely'
import { Migrator } from 'kysely/migration'
import { ExpectedError } from '#contract/errors.ts'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { registerChangeStamps, resumeStamps } from './change-stamps.ts'
import { migrations } from './migrations/index.ts'
import type { SiteSchema } from './schema.ts'
import { withStatementCache } from './statement-cache.ts'

export type SiteDb = Kysely<SiteSchema>
/** Inside a transaction use only this: the outer handle would wait for ever for the one connection. */
export type SiteTrx = Transaction<SiteSchema>

/**
 * Opens (or makes) the site's SQLite store and brings its schema up to date.
 * Durable (`synchronous=FULL`), and erased rows are overwritten (`secure_delete`), since sealed keys live here.
 *
 * @param clock what changes for the cloud are stamped by
 * @throws ExpectedError `data_from_newer_version` when a newer Millwright has migrated this store.
 */
export async function openSiteDb(file: string, clock: Clock = systemClock): Promise<SiteDb> {
  const sqlite = new Database(file)
  const stamps = registerChangeStamps(sqlite, clock)
  try {
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = FULL')
    // On once the schema is up to date: a migration that makes a table anew must not take what refers to it along.
    sqlite.pragma('foreign_keys = OFF')
    sqlite.pragma('secure_delete = ON')
    sqlite.pragma('busy_timeout = 5000')
    if (process.platform === 'darwin') sqlite.pragma('fullfsync = ON')
  } catch (error) {
    sqlite.close()
    throw error
  }
  const db = new Kysely<SiteSchema>({ dialect: new SqliteDialect({ database: withStatementCache(sqlite) }) })
  try {
    await refuseNewerData(db)
    await migrate(db)
    sqlite.pragma('foreign_keys = ON')
    resumeStamps(sqlite, stamps)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return db
}

async function refuseNewerData(db: SiteDb): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) return
  const applied = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .execute()
  const unknown = applied.find((row) => !(row.name in migrations))
  if (unknown) throw new ExpectedError('data_from_newer_version', { migration: unknown.name })
}

async function migrate(db: SiteDb): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw new Error('The store could not be brought up to date', { cause: error })
}
