import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/**
 * Entries of a second format, which carry the path, the status and the duration of a call, and personal details beside
 * the name and address of who called; where retention cut the chain; and what the audit's screen searches by.
 * Entries written before stay of the first format, and their chain holds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  ...[
    'format integer not null default 1',
    'path text',
    'status integer',
    'durationMs integer',
    // Whose personal details lie in auditSubjects, and their salted hash.
    'subjectId text',
    'subjectHash blob',
  ].map((column) => `alter table auditEntries add column ${column}`),

  `create table auditSubjects (
    seq integer primary key references auditEntries (seq), salt blob not null, details text not null
  ) strict`,

  // "seq" is the last entry that was cut, "chain" its link, "entries" how many were cut until then.
  `create table auditCheckpoints (
    seq integer primary key, chain blob not null, entries integer not null, before integer not null,
    at integer not null, seal blob not null
  ) strict`,

  `create index auditByTime on auditEntries (at)`,
  `create index auditByTenant on auditEntries (tenantId)`,
  `create index auditByActor on auditEntries (actorId)`,
  `create index auditByAction on auditEntries (action)`,
  `create index auditByObject on auditEntries (objectId)`,
  `create index auditBySubject on auditEntries (subjectId) where subjectId is not null`,
]
