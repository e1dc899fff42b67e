import { breathe } from '../breath.ts'
import { inTurn } from './cloud-sql.ts'
import { listed } from './entities/listed.ts'
import type { Entity } from './entity.ts'
import type { FleetRun } from './fleet-run.ts'
import { putWaiting } from './site-store.ts'

const PAGE = 500
const NIL = '00000000-0000-0000-0000-000000000000'

/**
 * What of this site is in the cloud and not here any more: it was deleted while nothing of its tenant was sent, or before the
 * site joined again, or its data came back from a backup. It is ended there as what is deleted now: nobody signs in by it.
 * @param cloudTenantIds of which all has been looked at
 */
export async function endGone(run: FleetRun, cloudTenantIds: readonly string[]): Promise<void> {
  for (const entity of run.entities.values()) {
    if (entity.whenGone === undefined) continue
    for (let after = [NIL, NIL]; ; ) {
      run.signal.throwIfAborted()
      const { rows } = await inTurn(run.link, (sql) =>
        sql.query<{ id: string; tenant_id: string }>(
          `SELECT id, tenant_id FROM millwright.${entity.table}
           WHERE site_id = $1::uuid AND tenant_id = ANY ($2::uuid[]) AND deleted_at IS NULL AND (id, tenant_id) > ($3::uuid, $4::uuid)
           ORDER BY id, tenant_id LIMIT ${PAGE}`,
          [run.names.siteId, cloudTenantIds, ...after],
        ),
      )
      await queueGone(run, entity, rows)
      const last = rows.at(-1)
      if (last === undefined || rows.length < PAGE) break
      after = [last.id, last.tenant_id]
      await breathe()
    }
  }
}

async function queueGone(
  run: FleetRun,
  entity: Entity,
  rows: readonly { id: string; tenant_id: string }[],
): Promise<void> {
  const tenants = new Map<string, string>()
  for (const row of rows) {
    const id = entity.idOf(row, run.names)
    const tenantId = run.names.localTenantOf(row.tenant_id)
    if (id !== null && tenantId !== null) tenants.set(id, tenantId)
  }
  const gone = await notHere(run, entity, [...tenants.keys()])
  if (gone.length === 0) return
  await run.db.transaction().execute(async (trx) => {
    for (const id of gone)
      await putWaiting(trx, {
        entity: entity.name,
        id,
        tenantId: tenants.get(id) ?? null,
        now: run.clock.now(),
      })
  })
}

/** Of these objects those that do not exist here, in whatever tenant. */
export async function notHere({ db }: FleetRun, entity: Entity, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const here = new Set<string>()
  switch (entity.name) {
    case 'gateway':
    case 'channel': {
      const table = entity.name === 'gateway' ? 'gateways' : 'channels'
      const rows = await db.selectFrom(table).select('id').where('id', 'in', listed(ids)).execute()
      for (const { id } of rows) here.add(id)
      break
    }
    case 'user': {
      const people = ids.map((id) => id.split('/')[1] ?? '')
      const rows = await db
        .selectFrom('memberships')
        .select(['tenantId', 'userId'])
        .where('userId', 'in', listed(people))
        .execute()
      for (const { tenantId, userId } of rows) here.add(`${tenantId}/${userId}`)
      break
    }
    default:
      return []
  }
  return ids.filter((id) => !here.has(id))
}
