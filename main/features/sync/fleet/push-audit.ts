import { breathe } from '../breath.ts'
import { inTransaction } from './cloud-sql.ts'
import type { ColumnValue } from './entity.ts'
import type { FleetRun } from './fleet-run.ts'
import { moment } from './moments.ts'
import { storageProblem } from './storable.ts'

const BATCH = 500

/** An e-mail address, or a name as somebody typed it: ids and codes have none of these. */
const personal = /[@\s]/

/**
 * Sends what was done since the last time, of tenants whose fleet is sent, each from where it was. Without names and addresses:
 * these lie aside here, and so does what an entry says of a person. An entry that can't be stored is sent without its details.
 */
export async function pushAudit(run: FleetRun): Promise<void> {
  for (const tenantId of run.session.tenants.keys()) {
    await pushTenant(run, tenantId)
    await breathe()
  }
}

async function pushTenant(run: FleetRun, tenantId: string): Promise<void> {
  const tenant = run.names.cloudTenantOf(tenantId)
  if (tenant === null) return
  for (;;) {
    run.signal.throwIfAborted()
    const after = await sentUpTo(run, tenantId)
    const rows = await nextEntries(run, tenantId, after)
    const last = rows.at(-1)
    if (last === undefined) return
    await send(
      run,
      rows.map((row) => ({ row, tenant })),
    )
    await keepSent(run, tenantId, last.seq)
    run.done.auditEntries += rows.length
    if (rows.length < BATCH) return
    await breathe()
  }
}

/** A tenant begins with what is done from then on. */
async function sentUpTo(run: FleetRun, tenantId: string): Promise<number> {
  const row = await run.db
    .selectFrom('cloudTenants')
    .select('auditSeq')
    .where('tenantId', '=', tenantId)
    .executeTakeFirst()
  if (row && row.auditSeq !== null) return row.auditSeq
  const newest = await run.db
    .selectFrom('auditEntries')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .executeTakeFirst()
  const seq = newest?.seq ?? 0
  await keepSent(run, tenantId, seq)
  return seq
}

async function keepSent({ db }: FleetRun, tenantId: string, auditSeq: number): Promise<void> {
  await db.updateTable('cloudTenants').set({ auditSeq }).where('tenantId', '=', tenantId).execute()
}

function nextEntries({ db }: FleetRun, tenantId: string, after: number) {
  return db
    .selectFrom('auditEntries')
    .select(['seq', 'at', 'actorKind', 'actorId', 'action', 'objectKind', 'objectId'])
    .select(['outcome', 'errorCode', 'details'])
    .where('tenantId', '=', tenantId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(BATCH)
    .execute()
}

interface Entry {
  row: Awaited<ReturnType<typeof nextEntries>>[number]
  tenant: string
}

async function send({ link, session }: FleetRun, entries: readonly Entry[]): Promise<void> {
  const rows = entries.map(({ row, tenant }) => {
    const columns: Record<string, ColumnValue> = {
      site_id: session.siteId,
      generation: session.generation,
      seq: row.seq,
      tenant_id: tenant,
      at: moment(row.at),
      actor_kind: row.actorKind,
      actor_id: impersonal(row.actorId),
      action: row.action,
      object_kind: row.objectKind,
      object_id: impersonal(row.objectId),
      outcome: row.outcome,
      error_code: row.errorCode,
      details: JSON.parse(row.details) as ColumnValue,
    }
    return storageProblem(columns) === null
      ? columns
      : { ...columns, actor_id: null, object_id: null, details: {}, at: moment(0) }
  })
  await inTransaction(link, (sql) =>
    sql.query(
      `INSERT INTO millwright.audit (site_id, generation, seq, tenant_id, at, actor_kind, actor_id, action, object_kind,
         object_id, outcome, error_code, details)
       SELECT site_id, generation, seq, tenant_id, at, actor_kind, actor_id, action, object_kind, object_id, outcome,
         error_code, details FROM jsonb_populate_recordset(NULL::millwright.audit, $1::jsonb)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(rows)],
    ),
  )
}

function impersonal(id: string | null): string | null {
  return id === null || personal.test(id) ? null : id
}
