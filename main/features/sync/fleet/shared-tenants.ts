import type { SessionTenant } from '#features/sync/cloud-session.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { inTurn } from './cloud-sql.ts'
import { putDeadObject, removeDeadObjects } from './dead-objects.ts'
import { type FleetRun, loadNames } from './fleet-run.ts'
import { pullTenants } from './pull.ts'

/** A tenant of the cloud is being made here: where power fails in between, it is known to be none of this site's own. */
const makingKey = (id: string): string => `cloud.making ${id}`

interface SharedTenant {
  id: string
  key: number
  slug: string
  name: string
  mode: 'fleet' | 'telemetry' | 'off'
}

/**
 * A tenant that the cloud shares with this site, and that is not here yet, comes here with its groups, where a person said
 * so: what is put into it here goes to the cloud.
 */
export async function adoptTenants(run: FleetRun): Promise<void> {
  const link = await run.db.selectFrom('cloudLink').select('takesTenants').executeTakeFirst()
  if (link?.takesTenants !== 1) return
  const adopted: string[] = []
  for (const tenant of await sharedTenants(run)) {
    run.signal.throwIfAborted()
    if (await adopt(run, tenant)) adopted.push(tenant.id)
  }
  if (adopted.length === 0) return
  run.names = await loadNames(run.db, run.session.siteId, run.session.tenants)
  await pullTenants(run, adopted)
}

async function sharedTenants({ db, link, session }: FleetRun): Promise<SharedTenant[]> {
  const { rows } = await inTurn(link, (sql) =>
    sql.query<SharedTenant>(
      `SELECT t.id, t.key, t.slug, t.name, s.mode FROM millwright.site_tenants AS s
       JOIN millwright.tenants AS t ON t.id = s.tenant_id
       WHERE s.site_id = $1::uuid AND s.mode <> 'off' AND t.deleted_at IS NULL ORDER BY t.key`,
      [session.siteId],
    ),
  )
  const known = await db.selectFrom('cloudTenants').select('cloudTenantId').execute()
  const linked = new Set(known.map(({ cloudTenantId }) => cloudTenantId))
  const gone = await goneTenants(db)
  return rows.filter(({ id }) => !linked.has(id) && !gone.has(id))
}

/** Deleted here, and not there yet: they do not come back. */
async function goneTenants(db: SiteDb): Promise<Set<string>> {
  const waiting = await db
    .selectFrom('cloudOutbox')
    .select('id')
    .where('entity', '=', 'tenant_gone')
    .execute()
  const refused = await db
    .selectFrom('cloudDeadLetters')
    .select('entityId as id')
    .where('kind', '=', 'object')
    .where('entity', '=', 'tenant_gone')
    .execute()
  return new Set([...waiting, ...refused].map(({ id }) => id ?? ''))
}

/** @returns false where it stays away: it was refused, or a tenant of this site that nobody shared has its id */
async function adopt(run: FleetRun, { id, key, slug, name }: SharedTenant): Promise<boolean> {
  const { db, clock, targets, session, log, done } = run
  const making = await db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', makingKey(id))
    .executeTakeFirst()
  const isHere = await db.selectFrom('tenants').select('id').where('id', '=', id).executeTakeFirst()
  if (isHere && !making) return false
  if (!isHere && (await isRefused(run, id))) return false
  try {
    await db
      .replaceInto('settings')
      .values({ key: makingKey(id), value: name })
      .execute()
    if (!isHere) await targets.createTenant({ id, slug, name })
  } catch (error) {
    log.warn({ entity: 'tenant', id, err: error }, 'a tenant of the cloud was refused')
    const dead = {
      direction: 'down',
      tenantId: null,
      entity: 'tenant',
      entityId: id,
      content: { slug, name },
    } as const
    await db.transaction().execute((trx) => putDeadObject(trx, { ...dead, error }, clock.now()))
    done.refused++
    return false
  }
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('cloudTenants')
      .values({ tenantId: id, cloudTenantId: id, cloudTenantKey: key, mode: 'fleet', auditSeq: 0 })
      .execute()
    // Nothing of it was changed here: what the cloud has counts.
    for (const field of ['name', 'state'])
      await trx
        .replaceInto('cloudVersions')
        .values({ entity: 'tenant', id, field, stamp: '', base: '' })
        .execute()
    await trx.deleteFrom('settings').where('key', '=', makingKey(id)).execute()
    await removeDeadObjects(trx, { direction: 'down', entity: 'tenant', ids: [id] })
  })
  const tenant: SessionTenant = { cloudTenantId: id, cloudTenantKey: key, mode: 'fleet', fromAt: null }
  session.tenants.set(id, tenant)
  done.applied++
  return true
}

/** A person says when it is tried again. */
async function isRefused({ db }: FleetRun, id: string): Promise<boolean> {
  const dead = await db
    .selectFrom('cloudDeadLetters')
    .select('id')
    .where('kind', '=', 'object')
    .where('direction', '=', 'down')
    .where('entity', '=', 'tenant')
    .where('entityId', '=', id)
    .executeTakeFirst()
  return dead !== undefined
}
