import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/** Everything that takes long: what it is, how far it came, how it ended. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table jobs (
    id text primary key, kind text not null, tenantId text references tenants (id),
    createdById text, createdByName text not null, subject text not null,
    state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
    done real not null, total real, params text not null, checkpoint text, result text,
    errorCode text, errorData text, log text not null, attempts integer not null,
    fileName text, fileType text, fileBytes integer,
    createdAt integer not null, startedAt integer, endedAt integer, expiresAt integer
  ) strict, without rowid`,
  `create index jobsByExpiry on jobs (expiresAt)`,
]
