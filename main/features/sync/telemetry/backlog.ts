import type { TelemetryBacklog } from '../cloud-parts.ts'
import { lastSentAt, openSweeps, readTailSeq, type SweepRow } from './progress.repository.ts'
import type { SyncParts } from './sync-parts.ts'
import { owedTenants } from './telemetry-session.ts'

/**
 * What waits of the tenants that are owed readings: what was committed after the cursor, guessed by their share of the
 * channels, and what sweeps have not sent yet.
 */
export async function telemetryBacklog(parts: SyncParts): Promise<TelemetryBacklog> {
  const { db, historian, channels } = parts
  const perTenant: TelemetryBacklog['perTenant'] = new Map()
  const tailSeq = await readTailSeq(db)
  const owed = await owedTenants(db)
  if (tailSeq === null || owed.size === 0) return { readings: 0, oldestAt: null, perTenant }
  const { lastSeq } = await historian.stats()
  const waiting = Math.max(0, lastSeq - tailSeq)
  // A gap of no tenant waits for channels, not for the cloud.
  const sweeps = (await openSweeps(db)).filter(({ kind, tenantId }) => kind !== 'resync' && tenantId !== null)
  const sweepsOf = Map.groupBy(sweeps, ({ tenantId }) => tenantId)
  const tailSince = waiting === 0 ? null : await waitingSince(parts, tailSeq)
  let share = 0
  for (const tenantId of owed.keys()) {
    const its = channels.shareOf(tenantId)
    const own = sweepsOf.get(tenantId) ?? []
    share += its
    const readings = Math.round(waiting * its) + sum(own)
    perTenant.set(tenantId, { readings, oldestAt: earliest(tailSince, own) })
  }
  const readings = Math.round(waiting * Math.min(1, share)) + sum(sweeps)
  return { readings, oldestAt: earliest(tailSince, sweeps), perTenant }
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
