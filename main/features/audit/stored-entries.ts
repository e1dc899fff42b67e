import type { SiteDb } from '#platform/db/site-db.ts'
import { type ChainedEntry, chainLink, hashPersonal, hashSubject } from './audit-chain.ts'

/** An entry with what proves it. A part that is null is not in the store, or never was. */
export interface StoredEntry extends ChainedEntry {
  chain: Uint8Array
  salt: Uint8Array | null
  actorName: string | null
  address: string | null
  subjectSalt: Uint8Array | null
  subject: string | null
}

/** Entries with everything that belongs to them, in no order yet. */
export function selectStored(db: SiteDb) {
  return db
    .selectFrom('auditEntries')
    .leftJoin('auditPersonal', 'auditPersonal.seq', 'auditEntries.seq')
    .leftJoin('auditSubjects', 'auditSubjects.seq', 'auditEntries.seq')
    .selectAll('auditEntries')
    .select([
      'auditPersonal.salt',
      'auditPersonal.actorName',
      'auditPersonal.address',
      'auditSubjects.salt as subjectSalt',
      'auditSubjects.details as subject',
    ])
}

/** Whether the entry is what was written after the link `previous`. */
export function isLinked(key: Uint8Array, previous: Uint8Array, entry: StoredEntry): boolean {
  const { format, path, status, durationMs, subjectId, subjectHash } = entry
  // The first format chains none of these: what stands there was put there since.
  const since = [path, status, durationMs, subjectId, subjectHash]
  if (format === 1 && since.some((value) => value !== null)) return false
  return Buffer.compare(chainLink(key, previous, entry), entry.chain) === 0
}

export type PartState = 'whole' | 'gone' | 'changed'

/** Name and address, against their hash in the chain. */
export function personalState({ salt, actorName, address, personalHash }: StoredEntry): PartState {
  if (salt === null || actorName === null || address === null) return 'gone'
  return Buffer.compare(hashPersonal(salt, actorName, address), personalHash) === 0 ? 'whole' : 'changed'
}

/** Details about a person, against their hash in the chain. */
export function subjectState({ subjectSalt, subject, subjectHash }: StoredEntry): PartState {
  if (subjectHash === null) return subject === null ? 'whole' : 'changed'
  if (subjectSalt === null || subject === null) return 'gone'
  return Buffer.compare(hashSubject(subjectSalt, subject), subjectHash) === 0 ? 'whole' : 'changed'
}
