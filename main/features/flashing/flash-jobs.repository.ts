import { type Insertable, type Selectable, sql, type Updateable } from 'kysely'
import type { TenantScope } from '#features/access/index.ts'
import type { FlashJobTable } from '#platform/db/flashing-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { jobInScope } from './bench-scope.ts'

export type FlashJobState = FlashJobTable['state']
export type NewFlashJob = Insertable<FlashJobTable>
export type FlashJobChanges = Updateable<FlashJobTable>
/** A job with what it left behind. */
export type FlashJobRow = Selectable<FlashJobTable> & { hasBirthRecord: number | bigint }

function jobs(db: SiteDb | SiteTrx) {
  return db
    .selectFrom('flashJobs')
    .selectAll('flashJobs')
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('birthRecords')
            .select('birthRecords.id')
            .whereRef('birthRecords.jobId', '=', 'flashJobs.id'),
        )
        .$castTo<number>()
        .as('hasBirthRecord'),
    )
}

function scoped(db: SiteDb | SiteTrx, scope: TenantScope) {
  return scope.all ? jobs(db) : jobs(db).where(jobInScope(scope))
}

export function insertJob(db: SiteDb | SiteTrx, job: NewFlashJob) {
  return db.insertInto('flashJobs').values(job).execute()
}

export function updateJob(db: SiteDb | SiteTrx, id: string, changes: FlashJobChanges) {
  return db.updateTable('flashJobs').set(changes).where('id', '=', id).execute()
}

export function jobById(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
  id: string,
): Promise<FlashJobRow | undefined> {
  return scoped(db, scope).where('flashJobs.id', '=', id).executeTakeFirst()
}

/** In the order in which they began. */
export function jobsOfRun(db: SiteDb | SiteTrx, runId: string): Promise<FlashJobRow[]> {
  return jobs(db).where('flashJobs.runId', '=', runId).orderBy('flashJobs.id').execute()
}

/** Those of a run with whatever was plugged in as this device, newest first. */
export function newestOnPort(
  db: SiteDb | SiteTrx,
  { runId, identity, limit }: { runId: string; identity: string; limit: number },
): Promise<FlashJobRow[]> {
  return jobs(db)
    .where('flashJobs.runId', '=', runId)
    .where('flashJobs.portIdentity', '=', identity)
    .orderBy('flashJobs.id', 'desc')
    .limit(limit)
    .execute()
}

export function runningJobs(db: SiteDb | SiteTrx): Promise<FlashJobRow[]> {
  return jobs(db).where('flashJobs.state', '=', 'running').orderBy('flashJobs.id').execute()
}

/** Newest first. `before`: the id of the last one of the page before. */
export function listJobs(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
  of: { tenantId: string | null; gatewayId: string | null; before: string | null; limit: number },
): Promise<FlashJobRow[]> {
  let query = scoped(db, scope).orderBy('flashJobs.id', 'desc').limit(of.limit)
  if (of.tenantId !== null) query = query.where('flashJobs.tenantId', '=', of.tenantId)
  if (of.gatewayId !== null) query = query.where('flashJobs.gatewayId', '=', of.gatewayId)
  if (of.before !== null) query = query.where('flashJobs.id', '<', of.before)
  return query.execute()
}

/** The label of the partition where the firmware that a gateway got last has its settings; null where that is not known. */
export async function nvsOfGateway(db: SiteDb | SiteTrx, gatewayId: string): Promise<string | null> {
  const found = await db
    .selectFrom('flashJobs')
    .select(sql<string | null>`json_extract(firmware, '$.nvs')`.as('nvs'))
    .where('gatewayId', '=', gatewayId)
    .where('firmware', 'is not', null)
    .where('committedAt', 'is not', null)
    .orderBy('id', 'desc')
    .executeTakeFirst()
  return found?.nvs ?? null
}

/** Those of no run that began since, newest first: what somebody who looks now may still care about. */
export function recentSingleJobs(db: SiteDb, scope: TenantScope, since: number): Promise<FlashJobRow[]> {
  return scoped(db, scope)
    .where('flashJobs.runId', 'is', null)
    .where('flashJobs.startedAt', '>=', since)
    .orderBy('flashJobs.id', 'desc')
    .limit(200)
    .execute()
}

/** Codes that jobs of a tenant keep for boards that did not become gateways yet. */
export async function reservedCodes(
  db: SiteDb | SiteTrx,
  tenantId: string,
  exceptJobId: string,
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('flashJobs')
    .innerJoin('benchRuns', 'benchRuns.id', 'flashJobs.runId')
    .select('flashJobs.code')
    .where('flashJobs.tenantId', '=', tenantId)
    .where('flashJobs.code', 'is not', null)
    .where('flashJobs.committedAt', 'is', null)
    .where('flashJobs.id', '!=', exceptJobId)
    // What ended with its run is free again.
    .where((eb) => eb.or([eb('benchRuns.state', '!=', 'ended'), eb('flashJobs.state', '=', 'running')]))
    .execute()
  return new Set(rows.flatMap(({ code }) => code ?? []))
}

/**
 * Deletes jobs that ended before a time. Those stay that a birth record hangs on, that wrote the firmware of a gateway
 * (its next settings are sought where that has them), and those of runs that are not over.
 */
export async function deleteEndedJobs(db: SiteDb, before: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('flashJobs')
    .where('state', '!=', 'running')
    .where((eb) => eb(eb.fn.coalesce('endedAt', 'startedAt'), '<', before))
    .where((eb) => eb.or([eb('committedAt', 'is', null), eb('firmware', 'is', null)]))
    .where('id', 'not in', (eb) => eb.selectFrom('birthRecords').select('jobId'))
    .where((eb) =>
      eb.or([
        eb('runId', 'is', null),
        eb('runId', 'in', eb.selectFrom('benchRuns').select('id').where('state', '=', 'ended')),
      ]),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** Of a tenant's deletion: which logs go. */
export async function jobIdsOfTenant(db: SiteDb, tenantId: string): Promise<string[]> {
  const rows = await db.selectFrom('flashJobs').select('id').where('tenantId', '=', tenantId).execute()
  return rows.map(({ id }) => id)
}
