import type { ClientBase } from 'pg'
import { ExpectedError } from '#contract/errors.ts'
import { inTransaction } from './in-transaction.ts'
import type { CloudStorage, TelemetryOptions } from './migrations/0001-telemetry.ts'
import { type CloudMigration, cloudMigrations } from './migrations/index.ts'
import { ADMIN, makeGroups, serverVersion, tellOfStrangers } from './roles/groups.ts'
import { closePublic, openDatabase } from './roles/rights.ts'
import { type StorageWish, storageOf } from './storage.ts'

/** The version that this Millwright makes and knows. */
export const CLOUD_SCHEMA_VERSION = cloudMigrations.length
/** Sites that know this version or a newer one may go on writing. */
export const COMPATIBLE_FROM = 1

const OLDEST_POSTGRES = 140_000
const FIRST_UNKNOWN_POSTGRES = 190_000

/** Any number that nothing else takes: two migrations of a database run one after the other. */
const LOCK = 'millwright.migrate'

export interface MigrateOptions {
  readonly storage?: StorageWish
  readonly log?: { info(message: string): void; warn(message: string): void }
  /** For tests of what comes later. */
  readonly migrations?: readonly CloudMigration[]
}

export interface Migrated {
  /** 0: there was nothing. */
  readonly from: number
  readonly to: number
  readonly storage: CloudStorage
}

/**
 * Brings the schema `millwright` of a database to the newest version, in one transaction each; what was interrupted is not
 * there, and is done by the next run. Each run gives the rights again that somebody may have taken. The session's role needs CREATEROLE and CREATE on the database, and need not be a
 * superuser.
 *
 * @throws ExpectedError cloud_version_too_old, cloud_schema_foreign, cloud_schema_newer, cloud_admin_lacks_rights;
 *   else what Postgres says
 */
export async function migrateCloud(client: ClientBase, options: MigrateOptions = {}): Promise<Migrated> {
  const { log, migrations = cloudMigrations } = options
  const warn = (message: string) => log?.warn(message)
  const admin = await administratorOf(client)
  const version = await serverVersion(client)
  if (version < OLDEST_POSTGRES) {
    throw new ExpectedError('cloud_version_too_old', { host: admin.host, version: admin.serverVersion })
  }
  if (version >= FIRST_UNKNOWN_POSTGRES) {
    warn(`Postgres ${admin.serverVersion} is newer than this Millwright was tried with`)
  }
  await lock(client)
  try {
    const from = await versionOf(client)
    if (from > migrations.length) throw new ExpectedError('cloud_schema_newer', { version: from })
    if (from < migrations.length && !admin.superuser && !(admin.createRole && admin.create)) {
      throw new ExpectedError('cloud_admin_lacks_rights', {
        username: admin.name,
        cause: admin.createRole ? `no CREATE on database ${admin.database}` : 'no CREATEROLE',
      })
    }
    await closePublic(client, warn)
    let storage = from > 0 ? await chosenStorage(client, options.storage) : null
    for (const [index, migration] of migrations.entries()) {
      if (index < from) continue
      storage = await inTransaction(client, () =>
        run(client, { migration, to: index + 1, wish: storage?.storage ?? options.storage ?? 'auto', admin }),
      )
      log?.info(`schema millwright is at version ${index + 1} (${migration.name}, ${storage.storage})`)
    }
    if (from === 0) await tellOfStrangers(client, warn)
    else await giveRights(client, { migrations, admin, storage })
    await openDatabase(client, admin.quotedDatabase, warn)
    return { from, to: migrations.length, storage: storage?.storage ?? 'native' }
  } finally {
    // A connection that is gone has let go of it.
    await client.query('SELECT pg_advisory_unlock(hashtext($1))', [LOCK]).catch(() => undefined)
  }
}

/** Waits a minute for another migration. @throws what Postgres says (55P03) where it takes longer */
async function lock(client: ClientBase): Promise<void> {
  await client.query("SET lock_timeout = '60s'")
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [LOCK])
  await client.query('RESET lock_timeout')
}

/** What is there: 0 for nothing. @throws ExpectedError cloud_schema_foreign */
export async function versionOf(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ schema: boolean; meta: boolean; may: boolean; database: string }>(
    `SELECT to_regnamespace('millwright') IS NOT NULL AS schema,
       EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'millwright' AND c.relname = 'meta' AND c.relkind = 'r'
           AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner AND r.rolname = '${ADMIN}')) AS meta,
       coalesce(has_schema_privilege(to_regnamespace('millwright')::oid, 'USAGE'), false) AS may,
       current_database() AS database`,
  )
  const found = rows[0]
  if (!found?.schema) return 0
  if (!found.meta) throw new ExpectedError('cloud_schema_foreign', { database: found.database })
  if (!found.may) {
    throw new ExpectedError('cloud_admin_lacks_rights', {
      username: (await administratorOf(client)).name,
      cause: `not a member of ${ADMIN}`,
    })
  }
  const meta = await client.query<{ key: string; value: string }>('SELECT key, value FROM millwright.meta')
  const values = new Map(meta.rows.map(({ key, value }) => [key, value]))
  const at = Number(values.get('schema_version'))
  if (values.get('product') !== 'millwright' || !Number.isInteger(at) || at < 1) {
    throw new ExpectedError('cloud_schema_foreign', { database: found.database })
  }
  return at
}

/** A schema stays as it was made. */
async function chosenStorage(client: ClientBase, wish: StorageWish | undefined): Promise<TelemetryOptions> {
  const { rows } = await client.query<{ value: CloudStorage }>(
    "SELECT value FROM millwright.meta WHERE key = 'storage'",
  )
  const made = rows[0]?.value ?? 'native'
  if (wish && wish !== 'auto' && wish !== made) {
    throw new ExpectedError('cloud_refused', {
      cause: `readings are stored in ${made}, which cannot be changed`,
    })
  }
  return storageOf(client, made === 'timescale' ? 'auto' : 'native')
}

async function run(
  client: ClientBase,
  step: { migration: CloudMigration; to: number; wish: StorageWish; admin: Administrator },
): Promise<TelemetryOptions> {
  const { migration, to, admin } = step
  const options = await storageOf(client, step.wish)
  await makeGroups(client, admin)
  if (to === 1) {
    await client.query(`CREATE SCHEMA millwright AUTHORIZATION ${ADMIN}`)
    // TimescaleDB runs its policies as the owner, who must be able to sign in. Without a password nobody can as it.
    if (options.storage === 'timescale') await client.query(`ALTER ROLE ${ADMIN} LOGIN`)
  }
  await actAsOwner(client)
  // Functions name tables that come after them.
  await client.query('SET LOCAL check_function_bodies = off')
  for (const statement of migration.statements(options)) await client.query(statement)
  await client.query(NOBODY_CALLS)
  if (to === 1) {
    await client.query(
      `INSERT INTO millwright.meta VALUES ('product', 'millwright'), ('cloud_id', gen_random_uuid()::text), ('storage', $1)`,
      [options.storage],
    )
    await client.query('SELECT millwright.make_ahead()')
  }
  await client.query(
    `INSERT INTO millwright.meta VALUES ('schema_version', $1), ('compatible_from', $2)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    [String(to), String(COMPATIBLE_FROM)],
  )
  await client.query('RESET ROLE')
  return options
}

/** Postgres lets everybody call a new function. */
const NOBODY_CALLS = 'REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA millwright FROM PUBLIC'

/** What of the migrations is about rights, once more, in their order. */
async function giveRights(
  client: ClientBase,
  {
    migrations,
    admin,
    storage,
  }: { migrations: readonly CloudMigration[]; admin: Administrator; storage: TelemetryOptions | null },
): Promise<void> {
  if (storage === null) return
  const statements = migrations.flatMap((migration) => migration.statements(storage))
  const rights = statements.filter((statement) => /^(GRANT|REVOKE) /.test(statement))
  await inTransaction(client, async () => {
    await makeGroups(client, admin)
    await actAsOwner(client)
    await client.query([NOBODY_CALLS, ...rights].join(';\n'))
  })
}

/** For the rest of the transaction. */
async function actAsOwner(client: ClientBase): Promise<void> {
  await client.query(`SET LOCAL ROLE ${ADMIN}`)
  await client.query('SET LOCAL search_path = pg_catalog')
}

interface Administrator {
  readonly name: string
  readonly database: string
  readonly quotedDatabase: string
  readonly host: string
  readonly serverVersion: string
  readonly superuser: boolean
  readonly createRole: boolean
  readonly create: boolean
}

async function administratorOf(client: ClientBase): Promise<Administrator> {
  const { rows } = await client.query<Administrator>(
    `SELECT current_user::text AS name, current_database()::text AS database,
       quote_ident(current_database()) AS "quotedDatabase", coalesce(host(inet_server_addr()), 'localhost') AS host,
       current_setting('server_version') AS "serverVersion", r.rolsuper AS superuser, r.rolcreaterole AS "createRole",
       has_database_privilege(current_database(), 'CREATE') AS "create"
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
  )
  const row = rows[0]
  if (!row) throw new Error('the session has no role')
  return row
}
