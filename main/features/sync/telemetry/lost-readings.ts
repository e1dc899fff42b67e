import type { SiteDb } from '#platform/db/site-db.ts'
import type { RetiredSeries } from '#platform/historian/changes.ts'
import { monthRange } from '#platform/historian/months/month-file.ts'
import type { ChannelDirectory } from './channel-directory.ts'
import { addLost, openSweeps, readTailSeq, type SweepRow } from './progress.repository.ts'
import { owedTenants } from './telemetry-session.ts'

/**
 * Counts what retention took before it was sent. Of a series that a sweep was in the middle of, all that the month had
 * of it counts: rather too many than too few.
 *
 * @returns how many
 */
export async function countLost(
  db: SiteDb,
  channels: Pick<ChannelDirectory, 'get'>,
  retired: { month: string; series: readonly RetiredSeries[] },
): Promise<number> {
  const { from: begins, to: ends } = monthRange(retired.month)
  return db.transaction().execute(async (trx) => {
    const tailSeq = await readTailSeq(trx)
    if (tailSeq === null) return 0
    const owed = await owedTenants(trx)
    const sweeps = (await openSweeps(trx)).filter(({ kind }) => kind !== 'resync')
    const lost = new Map<string, number>()
    for (const { seriesId, readings, toSeq } of retired.series) {
      const tenantId = channels.get(seriesId)?.tenantId ?? ''
      const tenant = owed.get(tenantId)
      if (tenant === undefined || (tenant.fromAt !== null && tenant.fromAt >= ends)) continue
      const waits = sweeps.some((sweep) => isAhead(sweep, { seriesId, tenantId, toSeq, begins, ends }))
      if (toSeq > tailSeq || waits) lost.set(tenantId, (lost.get(tenantId) ?? 0) + readings)
    }
    for (const [tenantId, readings] of lost) await addLost(trx, tenantId, readings)
    return [...lost.values()].reduce((sum, readings) => sum + readings, 0)
  })
}

/** Whether a sweep still has to send some of this. */
function isAhead(
  sweep: SweepRow,
  of: { seriesId: number; tenantId: string; toSeq: number; begins: number; ends: number },
): boolean {
  if (sweep.tenantId !== null && sweep.tenantId !== of.tenantId) return false
  if (of.toSeq <= sweep.afterSeq) return false
  if (sweep.series !== null && !(JSON.parse(sweep.series) as number[]).includes(of.seriesId)) return false
  if (sweep.fromTs !== null && sweep.fromTs >= of.ends) return false
  if (sweep.toTs !== null && sweep.toTs <= of.begins) return false
  if (sweep.seriesId > of.seriesId) return false
  return sweep.seriesId < of.seriesId || (sweep.ts !== null && sweep.ts < of.ends)
}
