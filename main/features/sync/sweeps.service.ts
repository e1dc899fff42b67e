import { ExpectedError } from '#contract/errors.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import * as repository from './link/link.repository.ts'
import { sweepView } from './status.service.ts'
import type { SweepsPort } from './sync.router.ts'
import {
  addHistory,
  cancelSweeps,
  readTailSeq,
  sendsReadings,
  type TelemetrySync,
} from './telemetry/index.ts'
import type { TenantChoicesDependencies } from './tenant-choices.ts'

export interface SweepsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  telemetry: TelemetrySync
}

/** Passes over stored readings, as people ask for them and as tenants are chosen. */
export function cloudSweeps(dependencies: SweepsDependencies): SweepsPort & {
  ofTenants: Pick<TenantChoicesDependencies, 'sendHistory' | 'cancelSweeps'>
} {
  const { db, clock, audit: log, telemetry } = dependencies
  return {
    resync: async ({ tenantId, channelIds, from, to }, by, audit) => {
      audit.about('cloud', 'resync', tenantId, { channels: channelIds?.length ?? null, from, to })
      await requireJoined(db)
      if (from !== null && to !== null && from >= to)
        throw new ExpectedError('range_invalid', { cause: 'from is not before to' })
      if (tenantId !== null) await requireReadings(db, [tenantId])
      else if (channelIds === null && !(await sendsReadings(db)))
        throw new ExpectedError('cloud_sends_no_readings')
      const series = channelIds === null ? null : await seriesOf(db, channelIds, tenantId)
      const id = await db.transaction().execute(async (trx) => {
        const made = await telemetry.addResync(trx, { tenantId, series, from, to, byName: by })
        await log.recordIn(trx, audit)
        return made
      })
      return view(db, id)
    },
    cancel: async (id, audit) => {
      audit.about('cloud_sweep', id, null)
      await requireJoined(db)
      await db.transaction().execute(async (trx) => {
        await telemetry.cancelSweep(trx, id)
        await log.recordIn(trx, audit)
      })
    },
    ofTenants: {
      sendHistory: async (trx, { tenantId, fromAt, total, by }) => {
        await addHistory(trx, { tenantId, fromAt, byName: by, now: clock.now(), total })
      },
      cancelSweeps: async (trx, tenantId) => {
        await cancelSweeps(trx, { tenantId })
      },
    },
  }
}

/** Of every tenant that sends readings; the fleet's side sees to its own. Once, however often it is asked. */
export async function compareEverything({
  db,
  clock,
  log,
  telemetry,
}: {
  db: SiteDb
  clock: Clock
  log: Log
  telemetry: TelemetrySync
}): Promise<void> {
  log.warn('the cloud was restored from a backup: readings that it lost are found and sent again')
  await db.transaction().execute(async (trx) => {
    // Those given after the backup are given again, to other channels. The lanes ask for them when they begin.
    await trx.deleteFrom('cloudChannels').execute()
    if (!(await sendsReadings(trx))) return
    // One that was asked for before looks at what came since, too.
    const { numUpdatedRows } = await trx
      .updateTable('cloudSweeps')
      .set({ toTs: clock.now(), upToSeq: await readTailSeq(trx) })
      .where('kind', '=', 'resync')
      .where('begunAt', 'is', null)
      .where('endedAt', 'is', null)
      .where(({ and, eb }) =>
        and((['tenantId', 'series', 'fromTs'] as const).map((bound) => eb(bound, 'is', null))),
      )
      .executeTakeFirst()
    if (numUpdatedRows === 0n)
      await telemetry.addResync(trx, { tenantId: null, series: null, from: null, to: null, byName: null })
  })
}

async function requireJoined(db: SiteDb): Promise<void> {
  if ((await repository.linkRow(db)) === undefined) throw new ExpectedError('cloud_not_joined')
}

/** A comparison of what is not sent would wait for ever, or compare nothing. */
async function requireReadings(db: SiteDb, ids: Iterable<string>): Promise<void> {
  const tenants = new Map((await repository.namedTenants(db)).map((tenant) => [tenant.tenantId, tenant]))
  for (const id of ids) {
    const tenant = tenants.get(id)
    if (tenant === undefined) throw new ExpectedError('tenant_unknown', { tenant: id })
    if (tenant.mode !== 'telemetry')
      throw new ExpectedError('cloud_tenant_sends_none', { tenant: tenant.name })
  }
}

/** @throws ExpectedError `not_found`, `cloud_tenant_sends_none` */
async function seriesOf(
  db: SiteDb,
  channelIds: readonly string[],
  tenantId: string | null,
): Promise<number[]> {
  const rows = await db
    .selectFrom('channels')
    .select(['id', 'seriesId', 'tenantId'])
    .where('id', 'in', [...channelIds])
    .$if(tenantId !== null, (some) => some.where('tenantId', '=', tenantId ?? ''))
    .execute()
  const known = new Set(rows.map(({ id }) => id))
  const missing = channelIds.find((id) => !known.has(id))
  if (missing !== undefined) throw new ExpectedError('not_found', { what: 'channel', id: missing })
  await requireReadings(db, new Set(rows.map((row) => row.tenantId)))
  return rows.map(({ seriesId }) => seriesId)
}

async function view(db: SiteDb, id: string) {
  const row = await db.selectFrom('cloudSweeps').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return sweepView(row)
}
