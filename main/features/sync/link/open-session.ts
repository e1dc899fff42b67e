import { ExpectedError } from '#contract/errors.ts'
import type { CodedProblem } from '#contract/model/cloud.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { CloudSession, SessionTenant } from '../cloud-session.ts'
import { offerTenant, setMode } from './cloud-calls.ts'
import { type Greeted, stillLinked } from './handshake.ts'
import * as repository from './link.repository.ts'
import { stillAnswers } from './setback.ts'

/** A session with no tenants yet. */
export function sessionOf(link: repository.LinkRow, greeted: Greeted): CloudSession {
  return {
    siteId: link.siteId,
    siteKey: greeted.siteKey,
    generation: greeted.generation,
    node: link.siteId.replaceAll('-', '').slice(0, 8),
    tenants: new Map(),
    storage: greeted.storage,
    schemaVersion: greeted.schemaVersion,
    feedOf: greeted.feedOf,
    limits: { bytesPerSecond: link.bytesPerSecond },
  }
}

export interface OfferOptions {
  db: SiteDb
  version: string
  now: () => number
  /** It was deleted in the cloud, and is there anew, with nothing in it: all of it is to be sent again. */
  tenantMadeAnew(trx: SiteTrx, tenant: Pick<ChosenTenant, 'tenantId' | 'mode' | 'fromAt'>): Promise<void>
}

/**
 * Brings what was chosen here and what the cloud knows together: tenants are offered, modes told, and the session's
 * map filled. A tenant that the cloud refuses keeps none of the others back.
 * @returns why single tenants are not in it
 */
export async function offerTenants(
  connection: CloudConnection,
  session: CloudSession,
  greeted: Greeted,
  options: OfferOptions,
): Promise<Map<string, CodedProblem>> {
  const { db } = options
  const problems = new Map<string, CodedProblem>()
  const chosen = await chosenTenants(db)
  const known = new Map(greeted.tenants.map((tenant) => [tenant.id, tenant]))
  let isChanged = false
  for (const tenant of chosen) {
    const there = known.get(tenant.cloudTenantId)
    if (there?.mode === tenant.mode || (!there && tenant.mode === 'off')) continue
    isChanged = true
    const problem = await offer(connection, tenant)
    if (problem !== null) problems.set(tenant.tenantId, problem)
  }
  const answer = isChanged ? await stillLinked(connection, options) : greeted
  await fill(session, { chosen, answer, options })
  // Marked as deleted in the cloud: taken there, and not told of all the same.
  for (const { tenantId, mode, name } of chosen)
    if (mode !== 'off' && !session.tenants.has(tenantId) && !problems.has(tenantId))
      problems.set(tenantId, { code: 'cloud_tenant_deleted', data: { tenant: name } })
  return problems
}

/** @returns why the cloud does not take it as it was chosen; null: it does */
async function offer(connection: CloudConnection, tenant: ChosenTenant): Promise<CodedProblem | null> {
  const { cloudTenantId: id, slug, name, mode } = tenant
  try {
    if (mode === 'off') await setMode(connection, id, 'off')
    else if ((await offerTenant(connection, { id, slug, name, mode })) === 'refused')
      return { code: 'cloud_tenant_refused', data: { tenant: name } }
    return null
  } catch (error) {
    const failure = connection.failureOf(error, 'offering a tenant')
    if (!(await stillAnswers(connection))) throw failure
    return { code: failure.code, data: failure.data }
  }
}

/** The map of tenants as the cloud and the choices here say; the same map, for others hold it. */
async function fill(
  session: CloudSession,
  { chosen, answer, options }: { chosen: ChosenTenant[]; answer: Greeted; options: OfferOptions },
): Promise<void> {
  const keys = new Map(answer.tenants.map(({ id, key }) => [id, key]))
  const now = new Map<string, SessionTenant>()
  for (const { tenantId, cloudTenantId, cloudTenantKey: before, mode, fromAt } of chosen) {
    const key = keys.get(cloudTenantId)
    if (mode === 'off' || key === undefined) continue
    now.set(tenantId, { cloudTenantId, cloudTenantKey: key, mode, fromAt })
    if (key === before) continue
    // With its number, or a power cut in between would have all of it taken for sent.
    await options.db.transaction().execute(async (trx) => {
      await repository.updateTenant(trx, tenantId, { cloudTenantKey: key })
      if (before !== null) await options.tenantMadeAnew(trx, { tenantId, mode, fromAt })
    })
  }
  for (const tenantId of session.tenants.keys()) if (!now.has(tenantId)) session.tenants.delete(tenantId)
  for (const [tenantId, tenant] of now) session.tenants.set(tenantId, tenant)
  session.generation = answer.generation
}

type ChosenTenant = Awaited<ReturnType<typeof chosenTenants>>[number]

function chosenTenants(db: SiteDb) {
  return db
    .selectFrom('cloudTenants')
    .innerJoin('tenants', 'tenants.id', 'cloudTenants.tenantId')
    .select([
      'cloudTenants.tenantId',
      'cloudTenants.cloudTenantId',
      'cloudTenants.cloudTenantKey',
      'cloudTenants.mode',
      'cloudTenants.fromAt',
      'tenants.slug',
      'tenants.name',
    ])
    .orderBy('cloudTenants.tenantId')
    .execute()
}

/** @throws ExpectedError `cloud_another`, `cloud_another_site` */
export function sameCloud(
  link: Pick<repository.LinkRow, 'cloudId' | 'siteId' | 'host' | 'username'>,
  seen: { cloudId: string; siteId: string; siteName: string },
): void {
  if (seen.cloudId !== link.cloudId) throw new ExpectedError('cloud_another', { host: link.host })
  if (seen.siteId !== link.siteId)
    throw new ExpectedError('cloud_another_site', { username: link.username, site: seen.siteName })
}
