import type { Insertable, Selectable, Updateable } from 'kysely'
import type { BenchRun, BenchSetup } from '#contract/model/flash.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { BenchRunTable } from '#platform/db/flashing-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { runInScope } from './bench-scope.ts'

/** A run, read: its JSON as what it means. */
export type BenchRunRow = Omit<Selectable<BenchRunTable>, 'setup' | 'facts'> & {
  setup: BenchSetup
  facts: BenchRun['facts']
  tenantName: string
}

function runs(db: SiteDb | SiteTrx) {
  return db
    .selectFrom('benchRuns')
    .innerJoin('tenants', 'tenants.id', 'benchRuns.tenantId')
    .selectAll('benchRuns')
    .select('tenants.name as tenantName')
}

function scoped(db: SiteDb | SiteTrx, scope: TenantScope) {
  return scope.all ? runs(db) : runs(db).where(runInScope(scope))
}

function read(row: Selectable<BenchRunTable> & { tenantName: string }): BenchRunRow {
  return {
    ...row,
    setup: JSON.parse(row.setup) as BenchSetup,
    facts: JSON.parse(row.facts) as BenchRun['facts'],
  }
}

export function insertRun(trx: SiteTrx, run: Insertable<BenchRunTable>) {
  return trx.insertInto('benchRuns').values(run).execute()
}

export function updateRun(db: SiteDb | SiteTrx, id: string, changes: Updateable<BenchRunTable>) {
  return db.updateTable('benchRuns').set(changes).where('id', '=', id).execute()
}

export async function runById(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
  id: string,
): Promise<BenchRunRow | undefined> {
  const row = await scoped(db, scope).where('benchRuns.id', '=', id).executeTakeFirst()
  return row && read(row)
}

/** Those that are not over. */
export async function liveRuns(
  db: SiteDb | SiteTrx,
  scope: TenantScope = { all: true },
): Promise<BenchRunRow[]> {
  return (await scoped(db, scope).where('benchRuns.state', '!=', 'ended').execute()).map(read)
}

/** Newest first. */
export async function listRuns(
  db: SiteDb,
  scope: TenantScope,
  of: { tenantId: string | null; before: string | null; limit: number },
): Promise<BenchRunRow[]> {
  let query = scoped(db, scope).orderBy('benchRuns.id', 'desc').limit(of.limit)
  if (of.tenantId !== null) query = query.where('benchRuns.tenantId', '=', of.tenantId)
  if (of.before !== null) query = query.where('benchRuns.id', '<', of.before)
  return (await query.execute()).map(read)
}

/** Names that begin like this one, for the letter of the next run of a day. */
export async function runNames(trx: SiteTrx, tenantId: string, start: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('benchRuns')
    .select('name')
    .where('tenantId', '=', tenantId)
    .where('name', 'like', `${start}%`)
    .execute()
  return rows.map(({ name }) => name)
}
