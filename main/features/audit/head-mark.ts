import type { SiteDb } from '#platform/db/site-db.ts'

const KEY = 'audit.head'

/**
 * Whether this store once had a sealed head, so that a missing one was taken away. Entries of the second format and
 * places of cuts were never written without one; the mark says it where all of these were cut off a site of before.
 */
export async function hadHead(db: SiteDb): Promise<boolean> {
  const [mark, entry, checkpoint] = await Promise.all([
    db.selectFrom('settings').select('key').where('key', '=', KEY).executeTakeFirst(),
    db.selectFrom('auditEntries').select('seq').where('format', '>=', 2).limit(1).executeTakeFirst(),
    db.selectFrom('auditCheckpoints').select('seq').limit(1).executeTakeFirst(),
  ])
  return (mark ?? entry ?? checkpoint) !== undefined
}

/** Once the file is on disk. Only that it is there counts: who adds it gains an alarm and nothing else. */
export async function markHead(db: SiteDb): Promise<void> {
  await db
    .insertInto('settings')
    .values({ key: KEY, value: 'true' })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}
