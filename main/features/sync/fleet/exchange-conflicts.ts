import { sql } from 'kysely'
import type { SiteDb } from '#platform/db/site-db.ts'
import { breathe } from '../breath.ts'
import { type CloudSql, inTurn } from './cloud-sql.ts'
import type { FleetRun } from './fleet-run.ts'
import type { FieldValue } from './merge-field.ts'
import { removeWaiting, waitingOf } from './site-store.ts'

const PAGE = 500
const NIL = '00000000-0000-0000-0000-000000000000'
/** How those that were settled here wait in the outbox. */
export const SETTLED = 'conflict'

interface ConflictRow {
  id: string
  tenantId: string
  entity: string
  entityId: string
  field: string
  kept: FieldValue
  keptStamp: string
  keptBy: string
  other: FieldValue
  otherStamp: string
  otherBy: string
  /** A number where Postgres has infinity. */
  at: Date | number
  resolvedAt: Date | number | null
  resolvedBy: string | null
}

const columns = `id, tenant_id AS "tenantId", entity, entity_id AS "entityId", field, kept, kept_stamp AS "keptStamp",
  coalesce(millwright.site_called(kept_by, tenant_id), kept_by) AS "keptBy", other, other_stamp AS "otherStamp",
  coalesce(millwright.site_called(other_by, tenant_id), other_by) AS "otherBy", at, resolved_at AS "resolvedAt",
  resolved_by AS "resolvedBy"`

/** Tells those who have the tenant what was settled here. Who settled it is told nobody outside: which site did is known by its change. */
export async function tellSettled({ db, link, names, signal }: FleetRun): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const waiting = await waitingOf(db, SETTLED, { limit: PAGE, taken: names.taken })
    if (waiting.length === 0) return
    const ids = waiting.map(({ id }) => id)
    await inTurn(link, (cloud) =>
      cloud.query(
        'UPDATE millwright.conflicts SET resolved_at = now() WHERE id = ANY ($1::uuid[]) AND resolved_at IS NULL',
        [ids],
      ),
    )
    await removeWaiting(db, waiting)
    await breathe()
  }
}

/** What was decided between two values, here or at another site of the tenant: everyone sees it, and that it is settled. */
export async function takeConflicts(run: FleetRun, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const rows = await readConflicts(run, 'id = ANY ($1::uuid[]) ORDER BY id', [ids])
  await keep(run, rows)
}

/** All of these tenants of the cloud. */
export async function pullConflicts(run: FleetRun, cloudTenantIds: readonly string[]): Promise<void> {
  for (let after = NIL; ; ) {
    run.signal.throwIfAborted()
    const of = `tenant_id = ANY ($1::uuid[]) AND id > $2::uuid ORDER BY id LIMIT ${PAGE}`
    const rows = await readConflicts(run, of, [cloudTenantIds, after])
    await keep(run, rows)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = last.id
    await breathe()
  }
}

async function readConflicts(
  { link }: FleetRun,
  where: string,
  values: readonly unknown[],
): Promise<ConflictRow[]> {
  const read = (cloud: CloudSql) =>
    cloud.query<ConflictRow>(`SELECT ${columns} FROM millwright.conflicts WHERE ${where}`, values)
  return (await inTurn(link, read)).rows
}

async function keep({ db, names, log }: FleetRun, rows: readonly ConflictRow[]): Promise<void> {
  const kept = rows.flatMap((row) => {
    const tenantId = names.localTenantOf(row.tenantId)
    if (tenantId === null) return []
    const at = timeOf(row.at)
    if (at === null) {
      log.warn({ id: row.id }, 'a conflict without a time is passed over')
      return []
    }
    const { id, entity, field, keptStamp, keptBy, otherStamp, otherBy, resolvedBy } = row
    const values = { kept: JSON.stringify(row.kept), other: JSON.stringify(row.other) }
    const resolvedAt = row.resolvedAt === null ? null : (timeOf(row.resolvedAt) ?? at)
    const said = { id, entity, field, keptStamp, keptBy, otherStamp, otherBy, resolvedBy, at, resolvedAt }
    return [{ ...said, ...values, tenantId, entityId: idHere(row, tenantId) }]
  })
  if (kept.length > 0) await write(db, kept)
}

/** In one statement, and without a transaction of many: others write to the store too. */
async function write(db: SiteDb, conflicts: readonly object[]): Promise<void> {
  const all = JSON.stringify(conflicts)
  await sql`insert into cloudConflicts (id, tenantId, entity, entityId, field, kept, keptStamp, keptBy, other, otherStamp,
      otherBy, at, resolvedAt, resolvedByName)
    select value ->> 'id', value ->> 'tenantId', value ->> 'entity', value ->> 'entityId', value ->> 'field', value ->> 'kept',
      value ->> 'keptStamp', value ->> 'keptBy', value ->> 'other', value ->> 'otherStamp', value ->> 'otherBy', value ->> 'at',
      value ->> 'resolvedAt', value ->> 'resolvedBy' from json_each(${all}) where true
    on conflict (id) do update set resolvedAt = coalesce(resolvedAt, excluded.resolvedAt),
      resolvedByName = coalesce(resolvedByName, excluded.resolvedByName)
      where resolvedAt is null and excluded.resolvedAt is not null`.execute(db)
}

function timeOf(at: Date | number): number | null {
  const ms = at instanceof Date ? at.getTime() : Number.NaN
  return Number.isFinite(ms) ? ms : null
}

/** Of the object there as it is called here. */
function idHere({ entity, entityId }: ConflictRow, tenantId: string): string {
  if (entity === 'tenant') return tenantId
  return entity === 'user' ? `${tenantId}/${entityId}` : entityId
}
