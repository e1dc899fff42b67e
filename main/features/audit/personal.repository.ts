import { sql } from 'kysely'
import type { SiteTrx } from '#platform/db/site-db.ts'

/**
 * Deletes what entries hold of a person: name and address where they acted or, not signed in, tried to be them; and
 * details about them. Of the same rules `ownerOf` and `subjectId` are for the one who verifies.
 * @returns of how many entries
 */
export async function eraseOf(trx: SiteTrx, userId: string): Promise<number> {
  const { rows } = await sql<{ seq: number }>`
    select seq from auditEntries where actorId = ${userId} and actorKind = 'user'
    union select seq from auditEntries where objectId = ${userId} and objectKind = 'user' and actorKind = 'anonymous'
  `.execute(trx)
  const own = rows.map(({ seq }) => seq)
  const about = await trx
    .selectFrom('auditSubjects')
    .innerJoin('auditEntries', 'auditEntries.seq', 'auditSubjects.seq')
    .select('auditSubjects.seq')
    .where('auditEntries.subjectId', '=', userId)
    .execute()
  const subjects = about.map(({ seq }) => seq)
  const personal = await deleteOf(trx, 'auditPersonal', own)
  const details = await deleteOf(trx, 'auditSubjects', subjects)
  return new Set([...personal, ...details]).size
}

/** SQLite takes so many values in one statement, and more. */
const AT_ONCE = 500

/** @returns those that were there */
async function deleteOf(
  trx: SiteTrx,
  table: 'auditPersonal' | 'auditSubjects',
  seqs: number[],
): Promise<number[]> {
  const deleted: number[] = []
  for (let at = 0; at < seqs.length; at += AT_ONCE) {
    const rows = await trx
      .deleteFrom(table)
      .where('seq', 'in', seqs.slice(at, at + AT_ONCE))
      .returning('seq')
      .execute()
    deleted.push(...rows.map(({ seq }) => seq))
  }
  return deleted
}

/** Whose name and address an entry carries; null where it is nobody who can ask to be forgotten. */
export function ownerOf(entry: {
  actorKind: string
  actorId: string | null
  objectKind: string | null
  objectId: string | null
}): string | null {
  if (entry.actorKind === 'user') return entry.actorId
  return entry.actorKind === 'anonymous' && entry.objectKind === 'user' ? entry.objectId : null
}
