import { setImmediate } from 'node:timers/promises'
import type { SiteDb } from '#platform/db/site-db.ts'

/** Entries that are read at a time: the plant goes on in between. */
const SLICE = 2_000

/** Between two entries at most so much time passes for the audit, ms. */
const MOST_BETWEEN = 30 * 86_400_000

/**
 * The newest entry that is older than `age` (ms) by the time that the audit itself has seen; 0 where none is. A clock
 * that leaps ahead is a long time without entries: it makes none older than that longest time.
 */
export async function lastOfAge(db: SiteDb, age: number, now: number): Promise<number> {
  let seen = 0
  let next = now
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const entries = await db
      .selectFrom('auditEntries')
      .select(['seq', 'at'])
      .where('seq', '<', before)
      .orderBy('seq', 'desc')
      .limit(SLICE)
      .execute()
    for (const { seq, at } of entries) {
      seen += Math.max(0, Math.min(next - at, MOST_BETWEEN))
      if (seen > age) return seq
      next = at
      before = seq
    }
    if (entries.length < SLICE) return 0
    await setImmediate()
  }
}
