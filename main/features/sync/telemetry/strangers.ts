import type { SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { insertSweep, type SweepRow } from './progress.repository.ts'
import type { SyncParts } from './sync-parts.ts'
import { owedTenants } from './telemetry-session.ts'

/** ms that a series may be without a channel before it is given up: erased ones never get one. */
const PATIENCE = 7 * 24 * 3_600_000

/**
 * Series that had readings of (afterSeq, upToSeq] and no channel yet, as when the disk was full and the registry had to
 * wait: whose they are is not known, so they wait in one gap of no tenant.
 */
export async function addStrangers(
  trx: SiteTrx,
  {
    series,
    afterSeq,
    upToSeq,
    now,
  }: { series: readonly number[]; afterSeq: number; upToSeq: number; now: number },
): Promise<void> {
  if (series.length === 0 || upToSeq <= afterSeq) return
  const before = await waitingStrangers(trx)
  const known = idsOf(before)
  const all = [...new Set([...known, ...series])].toSorted((a, b) => a - b)
  const row = { kind: 'gap', tenantId: null, series: JSON.stringify(all) } as const
  if (before === undefined)
    await insertSweep(trx, { ...row, id: uuid7(now), afterSeq, upToSeq, createdAt: now })
  else
    await trx
      .updateTable('cloudSweeps')
      .set({
        ...row,
        afterSeq: Math.min(before.afterSeq, afterSeq),
        upToSeq: Math.max(before.upToSeq ?? 0, upToSeq),
        // Patience begins anew for a series that is new, not with each of its readings.
        ...(all.length > known.length && { createdAt: now }),
      })
      .where('id', '=', before.id)
      .execute()
}

/** Those that have a channel by now become a gap of its tenant. */
export async function adoptStrangers({ db, clock, channels, log }: SyncParts): Promise<void> {
  const waiting = await waitingStrangers(db)
  if (waiting === undefined) return
  await channels.load(idsOf(waiting))
  const now = clock.now()
  const isGivenUp = ({ createdAt }: SweepRow) => now - createdAt > PATIENCE
  const tenantOf = (seriesId: number) => channels.get(seriesId)?.tenantId
  if (!isGivenUp(waiting) && idsOf(waiting).every((id) => tenantOf(id) === undefined)) return
  await db.transaction().execute(async (trx) => {
    const row = await waitingStrangers(trx)
    if (row === undefined) return
    const owed = await owedTenants(trx)
    const rest = idsOf(row).filter((id) => tenantOf(id) === undefined)
    const { afterSeq, upToSeq, createdAt } = row
    for (const [tenantId, ids] of Map.groupBy(idsOf(row), tenantOf)) {
      if (tenantId === undefined || !owed.has(tenantId)) continue
      const gap = {
        kind: 'gap',
        tenantId,
        series: JSON.stringify(ids),
        afterSeq,
        upToSeq,
        createdAt,
      } as const
      await insertSweep(trx, { ...gap, id: uuid7(now) })
    }
    const isOver = isGivenUp(row)
    if (isOver && rest.length > 0)
      log.warn({ series: rest }, 'readings of no channel are not sent to the cloud')
    await trx
      .updateTable('cloudSweeps')
      .set({ series: JSON.stringify(rest), endedAt: rest.length === 0 || isOver ? now : null })
      .where('id', '=', row.id)
      .execute()
  })
}

function waitingStrangers(db: SyncParts['db'] | SiteTrx): Promise<SweepRow | undefined> {
  return db
    .selectFrom('cloudSweeps')
    .selectAll()
    .where('kind', '=', 'gap')
    .where('tenantId', 'is', null)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
}

function idsOf(row: SweepRow | undefined): number[] {
  return JSON.parse(row?.series ?? '[]') as number[]
}
