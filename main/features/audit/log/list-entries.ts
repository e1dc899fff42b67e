import { setImmediate } from 'node:timers/promises'
import type { AuditEntry } from '#contract/api/audit.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { type AuditQuery, selectMatching, toEntry } from './matching-entries.ts'

/** Entries that one statement looks through: a few ms of the connection that everything shares. */
const WINDOW = 5_000

export interface EntryPage {
  entries: AuditEntry[]
  next: number | null
}

/**
 * A page of the newest entries that match, before `cursor`. It looks through the store window by window, so that a rare
 * text in a million entries takes its time without anybody else waiting for it.
 */
export async function listEntries(
  db: SiteDb,
  query: AuditQuery,
  { cursor, limit }: { cursor?: number | undefined; limit: number },
): Promise<EntryPage> {
  const bounds = await boundsOf(db, query)
  const entries: AuditEntry[] = []
  let end = Math.min(cursor ?? Number.MAX_SAFE_INTEGER, bounds.last + 1)
  while (end > bounds.first) {
    const start = Math.max(bounds.first, end - WINDOW)
    const rows = await selectMatching(db, query)
      .where('auditEntries.seq', '>=', start)
      .where('auditEntries.seq', '<', end)
      .orderBy('auditEntries.seq', 'desc')
      // One more than asked for says whether there are older ones.
      .limit(limit + 1 - entries.length)
      .execute()
    for (const row of rows) entries.push(toEntry(row))
    if (entries.length > limit)
      return { entries: entries.slice(0, limit), next: entries[limit - 1]?.seq ?? null }
    end = start
    await setImmediate()
  }
  return { entries, next: null }
}

/** The numbers between which entries of the time asked for are; a clock that was set back is no trouble. */
async function boundsOf(db: SiteDb, { from, to }: AuditQuery): Promise<{ first: number; last: number }> {
  let span = db
    .selectFrom('auditEntries')
    .select((eb) => [eb.fn.min<number | null>('seq').as('first'), eb.fn.max<number | null>('seq').as('last')])
  if (from !== undefined) span = span.where('at', '>=', from)
  if (to !== undefined) span = span.where('at', '<', to)
  if (from !== undefined || to !== undefined) {
    const { first, last } = await span.executeTakeFirstOrThrow()
    return { first: first ?? 1, last: last ?? 0 }
  }
  // Two statements: SQLite finds one end by the key at once, and both together by going through all.
  const ends = db.selectFrom('auditEntries').select('seq').limit(1)
  const first = await ends.orderBy('seq').executeTakeFirst()
  const last = await ends.orderBy('seq', 'desc').executeTakeFirst()
  return { first: first?.seq ?? 1, last: last?.seq ?? 0 }
}
