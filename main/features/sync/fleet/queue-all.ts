import { sql } from 'kysely'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** Everything of a tenant waits to be sent, what waits already once; its audit from now on, where none of it was yet. */
export async function queueAll(trx: SiteTrx, tenantId: string, now: number): Promise<void> {
  const gateways = sql`select id from gateways where tenantId = ${tenantId}`
  const parts = [
    ['tenant', sql`select id from tenants where id = ${tenantId}`],
    ['group', sql`select id from groups where tenantId = ${tenantId}`],
    ['user', sql`select tenantId || '/' || userId as id from memberships where tenantId = ${tenantId}`],
    ['gateway', gateways],
    ['assignment', sql`select id from assignments where tenantId = ${tenantId}`],
    ['channel', sql`select id from channels where tenantId = ${tenantId}`],
    ['certificate', sql`select id from certificates where kind = 'gateway' and gatewayId in (${gateways})`],
  ] as const
  for (const [entity, ids] of parts)
    await sql`insert into cloudOutbox (entity, id, tenantId, queuedAt)
      select ${entity}, id, ${tenantId}, ${now} from (${ids}) where true
      on conflict (entity, id) do nothing`.execute(trx)
  await sql`update cloudTenants set feedFollowed = 0,
    auditSeq = coalesce(auditSeq, (select coalesce(max(seq), 0) from auditEntries)) where tenantId = ${tenantId}`.execute(
    trx,
  )
}

/** After an update of Millwright: what the version before said of objects, such as the topics of gateways, may not hold. */
export async function queueAfterUpdate(db: SiteDb, version: string, now: number): Promise<void> {
  const link = await db.selectFrom('cloudLink').select('fleetSentVersion').executeTakeFirst()
  if (link === undefined || link.fleetSentVersion === version) return
  await db.transaction().execute(async (trx) => {
    const shared = await trx
      .selectFrom('cloudTenants')
      .select('tenantId')
      .where('mode', '!=', 'off')
      .execute()
    for (const { tenantId } of shared) await queueAll(trx, tenantId, now)
    await trx.updateTable('cloudLink').set({ fleetSentVersion: version }).execute()
  })
}

/** Nothing of a tenant is sent any more: what was known of its two sides is forgotten with it. */
export async function forgetTenant(trx: SiteTrx, tenantId: string): Promise<void> {
  await trx
    .updateTable('cloudTenants')
    .set({ feedFollowed: 0, auditSeq: null })
    .where('tenantId', '=', tenantId)
    .execute()
  for (const table of ['cloudOutbox', 'cloudConflicts'] as const)
    await trx.deleteFrom(table).where('tenantId', '=', tenantId).execute()
  await trx
    .deleteFrom('cloudDeadLetters')
    .where('kind', '=', 'object')
    .where('tenantId', '=', tenantId)
    .execute()
  await sql`delete from cloudVersions where (entity = 'tenant' and id = ${tenantId})
    or (entity = 'user' and id >= ${`${tenantId}/`} and id < ${`${tenantId}0`})
    or (entity = 'group' and id in (select id from groups where tenantId = ${tenantId}))
    or (entity = 'gateway' and id in (select id from gateways where tenantId = ${tenantId}))`.execute(trx)
}
