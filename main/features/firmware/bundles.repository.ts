import { type Insertable, type Selectable, sql } from 'kysely'
import type { TenantScope } from '#features/access/index.ts'
import type { FirmwareBundleTable } from '#platform/db/flashing-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type BundleRow = Awaited<ReturnType<typeof listBundles>>[number]

const bundleOfRun = sql<string>`json_extract(benchRuns.setup, '$.bundleId')`
const bundleOfAction = sql<string>`json_extract(flashJobs.action, '$.action.bundleId')`

function bundleRows(db: SiteDb | SiteTrx, scope: TenantScope) {
  const query = db
    .selectFrom('firmwareBundles')
    .leftJoin('tenants', 'tenants.id', 'firmwareBundles.tenantId')
    .selectAll('firmwareBundles')
    .select(['tenants.slug as tenantSlug', 'tenants.name as tenantName'])
  // Those of the site are everybody's to use.
  return scope.all
    ? query
    : query.where((eb) =>
        eb.or([
          eb('firmwareBundles.tenantId', 'is', null),
          eb('firmwareBundles.tenantId', '=', scope.tenantId),
        ]),
      )
}

/** Newest first. `tenantId`: those that are of use to it. */
export function listBundles(db: SiteDb | SiteTrx, scope: TenantScope, tenantId: string | null) {
  let query = bundleRows(db, scope)
    .orderBy('firmwareBundles.importedAt', 'desc')
    .orderBy('firmwareBundles.id', 'desc')
  if (tenantId !== null)
    query = query.where((eb) =>
      eb.or([eb('firmwareBundles.tenantId', 'is', null), eb('firmwareBundles.tenantId', '=', tenantId)]),
    )
  return query.execute()
}

export function findBundle(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
  id: string,
): Promise<BundleRow | undefined> {
  return bundleRows(db, scope).where('firmwareBundles.id', '=', id).executeTakeFirst()
}

/** The same bundle among those of the same tenant, or of the site. */
export function bundleWithHash(
  db: SiteDb | SiteTrx,
  { hash, tenantId }: { hash: string; tenantId: string | null },
): Promise<Selectable<FirmwareBundleTable> | undefined> {
  return db
    .selectFrom('firmwareBundles')
    .selectAll()
    .where('hash', '=', hash)
    .where('tenantId', 'is', tenantId)
    .executeTakeFirst()
}

export async function countBundles(db: SiteDb | SiteTrx, tenantId: string | null): Promise<number> {
  const { count } = await db
    .selectFrom('firmwareBundles')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenantId', 'is', tenantId)
    .executeTakeFirstOrThrow()
  return count
}

export function insertBundle(trx: SiteTrx, row: Insertable<FirmwareBundleTable>) {
  return trx.insertInto('firmwareBundles').values(row).execute()
}

export function deleteBundle(trx: SiteTrx, id: string) {
  return trx.deleteFrom('firmwareBundles').where('id', '=', id).execute()
}

export function deleteBundlesOf(trx: SiteTrx, tenantId: string): Promise<{ builds: string }[]> {
  return trx.deleteFrom('firmwareBundles').where('tenantId', '=', tenantId).returning('builds').execute()
}

/** What is kept of every bundle there is: which files are needed. */
export async function allBuilds(db: SiteDb | SiteTrx): Promise<string[]> {
  return (await db.selectFrom('firmwareBundles').select('builds').execute()).map(({ builds }) => builds)
}

export interface BundleUse {
  /** Flash jobs, also those that ended. */
  jobs: number
  /** Runs of the bench and single jobs that go on with it. */
  open: number
}

/** By bundle; those that nothing uses are left out. */
export async function usesOfBundles(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
): Promise<Map<string, BundleUse>> {
  const uses = new Map<string, BundleUse>()
  const add = (id: string | null, use: Partial<BundleUse>) => {
    if (id === null) return
    const { jobs, open } = uses.get(id) ?? { jobs: 0, open: 0 }
    uses.set(id, { jobs: jobs + (use.jobs ?? 0), open: open + (use.open ?? 0) })
  }
  let jobs = db
    .selectFrom('flashJobs')
    .leftJoin('benchRuns', 'benchRuns.id', 'flashJobs.runId')
    .select(sql<string | null>`coalesce(${bundleOfRun}, ${bundleOfAction})`.as('bundleId'))
    .select((eb) => eb.fn.countAll<number>().as('jobs'))
    .select(sql<number>`sum(flashJobs.runId is null and flashJobs.state = 'running')`.as('open'))
    .groupBy('bundleId')
  let runs = db
    .selectFrom('benchRuns')
    .select(bundleOfRun.as('bundleId'))
    .select((eb) => eb.fn.countAll<number>().as('open'))
    .where('state', '!=', 'ended')
    .groupBy('bundleId')
  if (!scope.all) {
    jobs = jobs.where('flashJobs.tenantId', '=', scope.tenantId)
    runs = runs.where('benchRuns.tenantId', '=', scope.tenantId)
  }
  for (const { bundleId, ...use } of await jobs.execute()) add(bundleId, use)
  for (const { bundleId, open } of await runs.execute()) add(bundleId, { open })
  return uses
}
