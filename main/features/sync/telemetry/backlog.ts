import type { TelemetryBacklog } from '../cloud-parts.ts'
import { lastSentAt, openSweeps, readTailSeq, type SweepRow } from './progress.repository.ts'
import type { SyncParts } from './sync-parts.ts'
import { owedTenants } from './telemetry-session.ts'

/**
 * What waits: readings that were committed after the cursor, and what sweeps have not sent yet. A tenant's part of the
 * former is guessed by its share of the channels.
 */
export async function telemetryBacklog(parts: SyncParts): Promise<TelemetryBacklog> {
  const { db, historian, channels } = parts
  const perTenant: TelemetryBacklog['perTenant'] = new Map()
  const tailSeq = await readTailSeq(db)
  const owed = await owedTenants(db)
  if (tailSeq === null || owed.size === 0) return { readings: 0, oldestAt: null, perTenant }
  const { lastSeq } = await historian.stats()
  const waiting = Math.max(0, lastSeq - tailSeq)
  const sweeps = (await openSweeps(db)).filter(({ kind }) => kind !== 'resync')
  const tailSince = waiting === 0 ? null : await waitingSince(parts, tailSeq)
  const all = channels.seriesOf(owed).length
  for (const tenantId of owed.keys()) {
    const share = all === 0 ? 0 : channels.seriesOf(new Set([tenantId])).length / all
    const own = sweeps.filter((sweep) => sweep.tenantId === tenantId)
    const readings = Math.round(waiting * share) + sum(own)
    perTenant.set(tenantId, { readings, oldestAt: earliest(tailSince, own) })
  }
  return { readings: waiting + sum(sweeps), oldestAt: earliest(tailSince, sweeps), perTenant }
}

function sum(sweeps: readonly SweepRow[]): number {
  return sweeps.reduce((all, { total, sent }) => all + (total === null ? 0 : Math.max(0, total - sent)), 0)
}

/** When the first reading after the cursor came, ms: not before everything was there the last time. */
async function waitingSince({ db, historian, tail, clock }: SyncParts, tailSeq: number): Promise<number> {
  const complete = tail.completeAt ?? (await lastSentAt(db))
  const { rows, count, gapTo } = await historian.tail({ after: tailSeq, limit: 1 })
  const now = clock.now()
  // Gateways may send what is old: it waits since it came.
  if (count > 0 && gapTo === null) return Math.min(now, Math.max(rows[1] as number, complete ?? 0))
  return complete ?? now
}

function earliest(at: number | null, sweeps: readonly SweepRow[]): number | null {
  const all = [...(at === null ? [] : [at]), ...sweeps.map(({ createdAt }) => createdAt)]
  return all.length === 0 ? null : Math.min(...all)
}
