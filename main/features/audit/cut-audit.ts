import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { AuditService } from './audit.service.ts'
import { CUT, systemDraft } from './audit-actions.ts'
import { type Checkpoint, sealCheckpoint } from './audit-chain.ts'
import { auditKeys } from './audit-keys.ts'

/** Entries that one transaction cuts: a short one, for acknowledgements and screens wait meanwhile. */
const SLICE = 500

export interface CutDependencies {
  db: SiteDb
  audit: AuditService
  key: () => Uint8Array
}

/**
 * Cuts the oldest entries: all until the first that is not older than `before` (ms), and none after the number `upTo`.
 * The newest entry always stays. Each slice leaves a sealed checkpoint in its own transaction, so that the chain is
 * proved from there at every moment; the last one leaves an entry as well.
 * @returns how many were cut
 */
export async function cutAudit(
  { db, audit, key }: CutDependencies,
  before: number,
  now: number,
  upTo = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  const end = await endOfCut(db, before, upTo)
  if (end === null) return 0
  // What is cut must be below the sealed head, or it would look as if it had been taken away.
  await audit.flush()
  const former = await newestCheckpoint(db)
  let cut = 0
  for (let last: Checkpoint | null = null; last === null || last.seq < end; ) {
    const previous: Checkpoint | null = last
    last = await db.transaction().execute(async (trx) => {
      const slice = await cutSlice(trx, end)
      cut += slice.entries
      const checkpoint = {
        seq: slice.seq,
        chain: slice.chain,
        entries: (former?.entries ?? 0) + cut,
        before,
        at: now,
      }
      // Of one cut only the last place is kept.
      if (previous) await trx.deleteFrom('auditCheckpoints').where('seq', '=', previous.seq).execute()
      const seal = sealCheckpoint(auditKeys(key()).checkpoint, checkpoint)
      await trx
        .insertInto('auditCheckpoints')
        .values({ ...checkpoint, seal })
        .execute()
      if (slice.seq === end) {
        const details = { upTo: end, entries: cut, olderThan: new Date(before).toISOString() }
        await audit.recordIn(trx, systemDraft(CUT).about('site', 'audit', null, details))
      }
      return checkpoint
    })
    await setImmediate()
  }
  return cut
}

/** The last entry to cut; null where there is none. */
async function endOfCut(db: SiteDb, before: number, upTo: number): Promise<number | null> {
  const first = db.selectFrom('auditEntries').select('seq').orderBy('seq').limit(1)
  // `+at`: in the order of the numbers, which a clock that was set back does not follow.
  const kept = await first.where(sql<boolean>`+at >= ${before}`).executeTakeFirst()
  const newest = await db
    .selectFrom('auditEntries')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const oldest = await first.executeTakeFirst()
  if (oldest === undefined || newest === undefined) return null
  const end = await db
    .selectFrom('auditEntries')
    .select('seq')
    .where('seq', '<', kept?.seq ?? newest.seq)
    .where('seq', '<=', upTo)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return end?.seq ?? null
}

async function cutSlice(
  trx: SiteTrx,
  end: number,
): Promise<{ seq: number; chain: Uint8Array; entries: number }> {
  const slice = await trx
    .selectFrom('auditEntries')
    .select(['seq', 'chain'])
    .where('seq', '<=', end)
    .orderBy('seq')
    .limit(SLICE)
    .execute()
  const last = slice.at(-1)
  if (last === undefined) throw new Error('the audit has lost the entries that are to be cut')
  for (const table of ['auditSubjects', 'auditPersonal', 'auditEntries'] as const)
    await trx.deleteFrom(table).where('seq', '<=', last.seq).execute()
  return { ...last, entries: slice.length }
}

function newestCheckpoint(db: SiteDb) {
  return db
    .selectFrom('auditCheckpoints')
    .select(['seq', 'entries'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
}
