import type { SiteDb } from '#platform/db/site-db.ts'
import { GENESIS } from './audit-chain.ts'
import { isLinked, personalState, selectStored, subjectState } from './stored-entries.ts'

/**
 * Proves the newest `count` entries, quickly: that each is what was written after the one before it. What was cut off
 * before or after them, and who asked for erased parts, is for `verifyAudit`.
 * @returns the number of the first that was tampered with, or null
 */
export async function firstBrokenOfNewest(
  db: SiteDb,
  key: Uint8Array,
  count: number,
): Promise<number | null> {
  const newest = await selectStored(db)
    .orderBy('auditEntries.seq', 'desc')
    .limit(count + 1)
    .execute()
  const entries = newest.toReversed()
  // One more than asked for gives the link that the first of them hangs on.
  let previous = (entries.length > count ? entries.shift()?.chain : await linkBefore(db)) ?? GENESIS
  for (const entry of entries) {
    const isSound =
      isLinked(key, previous, entry) &&
      personalState(entry) !== 'changed' &&
      subjectState(entry) !== 'changed'
    if (!isSound) return entry.seq
    previous = entry.chain
  }
  return null
}

/** Of the oldest entry that there is: where retention cut, if it did. */
async function linkBefore(db: SiteDb): Promise<Uint8Array | undefined> {
  const newest = await db
    .selectFrom('auditCheckpoints')
    .select('chain')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return newest?.chain
}
