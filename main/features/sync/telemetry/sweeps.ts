import { sql } from 'kysely'
import type { SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { insertSweep, readTailSeq } from './progress.repository.ts'

/** What is stored of a tenant from a time on (ms; null: all) is sent. In the transaction that turns its telemetry on. */
export async function addHistory(
  trx: SiteTrx,
  {
    tenantId,
    fromAt,
    byName,
    now,
    total,
  }: {
    tenantId: string
    fromAt: number | null
    byName: string | null
    now: number
    /** Readings, about; null: unknown. */
    total: number | null
  },
): Promise<string> {
  const id = uuid7(now)
  await insertSweep(trx, {
    id,
    kind: 'history',
    tenantId,
    afterSeq: 0,
    upToSeq: await readTailSeq(trx),
    fromTs: fromAt,
    total,
    createdAt: now,
    createdByName: byName,
  })
  return id
}

export interface Gap {
  tenantId: string
  /** The tail did not send what has sequences of (afterSeq, upToSeq]. */
  afterSeq: number
  upToSeq: number
  /** About. */
  readings: number
  /** Since when they wait, ms. */
  now: number
}

/**
 * What a tenant is owed, because it has left the tail, or because the cloud does not take the tenant just now. It is added
 * to the gap that has not begun, so that there are two of a tenant at the most, however long a line carries too little.
 */
export async function addGap(trx: SiteTrx, gap: Gap): Promise<void> {
  const { tenantId, afterSeq, upToSeq, readings, now } = gap
  if (upToSeq <= afterSeq) return
  const { numUpdatedRows } = await trx
    .updateTable('cloudSweeps')
    .set((of) => ({
      afterSeq: sql`min(afterSeq, ${afterSeq})`,
      upToSeq: sql`max(upToSeq, ${upToSeq})`,
      total: of('total', '+', readings),
      createdAt: sql`min(createdAt, ${now})`,
    }))
    .where('tenantId', '=', tenantId)
    .where('kind', '=', 'gap')
    .where('series', 'is', null)
    .where('begunAt', 'is', null)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return
  const row = { id: uuid7(now), kind: 'gap', tenantId, afterSeq, upToSeq, createdAt: now } as const
  await insertSweep(trx, { ...row, total: readings })
}

/**
 * Compares with the cloud and mends: of one tenant or all, of some series or all; times in ms, null: no bound. With no upper
 * bound also what is dated ahead of the clock: as far as it came before.
 */
export async function addResync(
  trx: SiteTrx,
  {
    tenantId,
    series,
    from,
    to,
    byName,
    now,
  }: {
    tenantId: string | null
    series: number[] | null
    from: number | null
    to: number | null
    byName: string | null
    now: number
  },
): Promise<string> {
  const id = uuid7(now)
  await insertSweep(trx, {
    id,
    kind: 'resync',
    tenantId,
    series: series === null ? null : JSON.stringify(series),
    afterSeq: 0,
    fromTs: from,
    // What comes from now on is the tail's.
    toTs: Math.min(to ?? now, now),
    upToSeq: to === null ? await readTailSeq(trx) : null,
    createdAt: now,
    createdByName: byName,
  })
  return id
}
