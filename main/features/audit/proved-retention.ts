import { setImmediate } from 'node:timers/promises'
import { AuditSettingsSchema } from '#contract/api/audit.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { SETTINGS } from './audit-actions.ts'
import { GENESIS, sealCheckpoint } from './audit-chain.ts'
import type { AuditKeys } from './audit-keys.ts'
import { isLinked, selectStored } from './stored-entries.ts'

/** Entries that are read at a time: the plant goes on in between. */
const SLICE = 500
const DAY = 86_400_000

/** Where the chain says how long entries are kept. */
interface Evidence {
  /** null: for ever. */
  retentionDays: number | null
  /** It holds if the chain does, from the link of this entry on. */
  after: { seq: number; chain: Uint8Array }
}

/**
 * For how many days entries are kept, as the chain proves it: the row in the settings can be written by whoever has the
 * store, and a cut destroys evidence. It is what the newest change of the setting says or, where that was cut itself,
 * what it was cut by.
 * @returns null: for ever; `unproved`: from there to the newest entry the chain does not hold
 */
export async function provedRetention(db: SiteDb, keys: AuditKeys): Promise<number | null | 'unproved'> {
  const evidence = (await ofNewestChange(db)) ?? (await ofNewestCut(db, keys))
  if (evidence === null) return null
  if (evidence === 'unproved') return 'unproved'
  return (await holdsAfter(db, keys, evidence.after)) ? evidence.retentionDays : 'unproved'
}

async function ofNewestChange(db: SiteDb): Promise<Evidence | 'unproved' | null> {
  const change = await db
    .selectFrom('auditEntries')
    .select(['seq', 'details'])
    .where('action', '=', SETTINGS)
    .where('outcome', '=', 'done')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (change === undefined) return null
  const { retentionDays } = afterOf(change.details) ?? {}
  if (retentionDays === undefined) return 'unproved'
  const seq = change.seq - 1
  const before = await db.selectFrom('auditEntries').select('chain').where('seq', '=', seq).executeTakeFirst()
  const cut = await db
    .selectFrom('auditCheckpoints')
    .select('chain')
    .where('seq', '=', seq)
    .executeTakeFirst()
  return { retentionDays, after: { seq, chain: before?.chain ?? cut?.chain ?? GENESIS } }
}

function afterOf(details: string): { retentionDays: number | null } | undefined {
  try {
    const { after } = JSON.parse(details) as { after?: unknown }
    return AuditSettingsSchema.safeParse(after).data
  } catch {
    return undefined
  }
}

async function ofNewestCut(db: SiteDb, keys: AuditKeys): Promise<Evidence | 'unproved' | null> {
  const checkpoint = await db
    .selectFrom('auditCheckpoints')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (checkpoint === undefined) return null
  if (Buffer.compare(sealCheckpoint(keys.checkpoint, checkpoint), checkpoint.seal) !== 0) return 'unproved'
  const { seq, chain, at, before } = checkpoint
  return { retentionDays: (at - before) / DAY, after: { seq, chain } }
}

/** Every number and every link, to the newest entry. */
async function holdsAfter(db: SiteDb, keys: AuditKeys, start: Evidence['after']): Promise<boolean> {
  for (let { seq, chain } = start; ; ) {
    const entries = await selectStored(db)
      .where('auditEntries.seq', '>', seq)
      .orderBy('auditEntries.seq')
      .limit(SLICE)
      .execute()
    for (const entry of entries) {
      if (entry.seq !== seq + 1 || !isLinked(keys.chain, chain, entry)) return false
      seq = entry.seq
      chain = entry.chain
    }
    if (entries.length < SLICE) return true
    await setImmediate()
  }
}
