import { sql } from 'kysely'
import type { SignOnMapping } from '#contract/api/sign-on.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** Rows of one transaction: others have their turn between two. */
const SLICE = 500

/** Whose readings, topics and credentials are a tenant's. */
export interface TenantBelongings {
  /** Gateways that nobody else has anything of, and those that another tenant had before. */
  gatewayIds: string[]
  sharedGatewayIds: string[]
  assignmentIds: string[]
  seriesIds: number[]
  mqttClientIds: string[]
}

export async function belongingsOf(db: SiteDb, tenantId: string): Promise<TenantBelongings> {
  const gateways = await db.selectFrom('gateways').select('id').where('tenantId', '=', tenantId).execute()
  const foreign = await db
    .selectFrom('assignments')
    .innerJoin('gateways', 'gateways.id', 'assignments.gatewayId')
    .select('gateways.id')
    .distinct()
    .where('gateways.tenantId', '=', tenantId)
    .where('assignments.tenantId', '!=', tenantId)
    .execute()
  const shared = new Set(foreign.map(({ id }) => id))
  const assignments = await db
    .selectFrom('assignments')
    .select('id')
    .where('tenantId', '=', tenantId)
    .execute()
  const channels = await db
    .selectFrom('channels')
    .select('seriesId')
    .where('tenantId', '=', tenantId)
    .execute()
  const clients = await db.selectFrom('mqttClients').select('id').where('tenantId', '=', tenantId).execute()
  return {
    gatewayIds: gateways.map(({ id }) => id).filter((id) => !shared.has(id)),
    sharedGatewayIds: [...shared],
    assignmentIds: assignments.map(({ id }) => id),
    seriesIds: channels.map(({ seriesId }) => seriesId),
    mqttClientIds: clients.map(({ id }) => id),
  }
}

/** What is a tenant's by its own column, children before their parents. */
const ownTables = [
  ['views', 'id'],
  ['annotations', 'id'],
  ['calculations', 'id'],
  ['refusals', 'id'],
  ['commands', 'id'],
  ['channels', 'id'],
  ['gatewayHistory', 'id'],
  ['apiKeys', 'id'],
  ['mqttClients', 'id'],
  ['invitations', 'id'],
  ['cloudDeadLetters', 'id'],
  ['cloudConflicts', 'id'],
  ['cloudSweeps', 'id'],
] as const

/** Deletes rows in slices. Doing it again finds what came meanwhile. */
export async function eraseRows(db: SiteDb, tenantId: string): Promise<void> {
  for (const [table, key] of ownTables)
    await inSlices(db, (trx) =>
      sql`delete from ${sql.table(table)} where ${sql.ref(key)} in (
        select ${sql.ref(key)} from ${sql.table(table)} where tenantId = ${tenantId} limit ${SLICE})`.execute(
        trx,
      ),
    )
}

async function inSlices(
  db: SiteDb,
  slice: (trx: SiteTrx) => Promise<{ numAffectedRows?: bigint | undefined }>,
): Promise<void> {
  for (;;) {
    const { numAffectedRows = 0n } = await db.transaction().execute(slice)
    if (numAffectedRows < BigInt(SLICE)) return
  }
}

/** A gateway that no other tenant has anything of. Its certificates are without a name by now. */
export async function eraseGateway(trx: SiteTrx, gatewayId: string): Promise<void> {
  await sql`delete from sealedSecrets where id in (select id from gatewaySecrets where gatewayId = ${gatewayId})`.execute(
    trx,
  )
  for (const table of [
    'refusals',
    'gatewayHistory',
    'handovers',
    'gatewaySecrets',
    'commands',
    'gatewayLimits',
    'channels',
    'assignments',
  ] as const)
    await trx.deleteFrom(table).where('gatewayId', '=', gatewayId).execute()
  await trx.deleteFrom('gateways').where('id', '=', gatewayId).execute()
}

/** A gateway that another tenant had before stays, as theirs of then, with what this tenant called it taken away. */
export async function returnGateway(trx: SiteTrx, gatewayId: string, tenantId: string): Promise<void> {
  await trx
    .deleteFrom('assignments')
    .where('gatewayId', '=', gatewayId)
    .where('tenantId', '=', tenantId)
    .execute()
  const before = await trx
    .selectFrom('assignments')
    .select(['tenantId', 'groupId'])
    .where('gatewayId', '=', gatewayId)
    .orderBy('fromAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (before === undefined) return
  await sql`update gateways set tenantId = ${before.tenantId}, groupId = ${before.groupId}, ownerUserId = null,
    assignmentId = null, name = label, code = label, metadata = '{}', state = 'revoked' where id = ${gatewayId}`.execute(
    trx,
  )
}

/** The tree, the roles and at last the tenant itself. */
export async function eraseTenantRow(trx: SiteTrx, tenantId: string): Promise<void> {
  await trx.deleteFrom('memberships').where('tenantId', '=', tenantId).execute()
  await trx.deleteFrom('assignments').where('tenantId', '=', tenantId).execute()
  await trx.deleteFrom('jobs').where('tenantId', '=', tenantId).execute()
  await forgetMappings(trx, tenantId)
  await trx
    .updateTable('groups')
    .set({ parentId: null, name: sql`id` })
    .where('tenantId', '=', tenantId)
    .execute()
  await trx.deleteFrom('groups').where('tenantId', '=', tenantId).execute()
  await trx.deleteFrom('roles').where('tenantId', '=', tenantId).execute()
  await trx.deleteFrom('tenants').where('id', '=', tenantId).execute()
}

/** What a sign-in provider's groups gave in this tenant. */
async function forgetMappings(trx: SiteTrx, tenantId: string): Promise<void> {
  for (const { id, mappings } of await trx
    .selectFrom('signOnProviders')
    .select(['id', 'mappings'])
    .execute()) {
    const all = JSON.parse(mappings) as SignOnMapping[]
    const kept = all.filter((one) => one.tenantId !== tenantId)
    if (kept.length === all.length) continue
    await trx
      .updateTable('signOnProviders')
      .set({ mappings: JSON.stringify(kept) })
      .where('id', '=', id)
      .execute()
  }
}

/** Who is in this tenant, and nowhere else. */
export async function peopleOnlyIn(db: SiteDb, tenantId: string): Promise<string[]> {
  const people = await db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.userId')
    .select('users.id')
    .where('memberships.tenantId', '=', tenantId)
    .where('users.siteAdmin', '=', 0)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('memberships as others')
            .select('others.userId')
            .whereRef('others.userId', '=', 'memberships.userId')
            .where('others.tenantId', '!=', tenantId),
        ),
      ),
    )
    .execute()
  return people.map(({ id }) => id)
}
