import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/** Calculated channels of a tenant. In `expression` channels and calculations stand by their ids. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table calculations (
        id text primary key, tenantId text not null references tenants (id), name text not null collate nocase,
        unit text, expression text not null, basis text not null check (basis in ('average', 'last')),
        createdAt integer not null, createdBy text not null, unique (tenantId, name)
      ) strict, without rowid`,
    )
    .execute(db)
}
