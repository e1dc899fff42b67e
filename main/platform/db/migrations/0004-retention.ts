import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/** How long readings are kept, chosen for the site, a tenant or a channel; the disk budget; what retention did. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table retentionClasses (
    id text primary key, name text not null, days integer check (days > 0),
    evictable integer not null check (evictable in (0, 1)), createdAt integer not null
  ) strict, without rowid`,
  `insert into retentionClasses (id, name, days, evictable, createdAt) values ('standard', 'Standard', 365, 0, 0)`,

  `create table storagePolicy (
    id integer primary key check (id = 1), defaultClass text not null references retentionClasses (id),
    budgetBytes integer check (budgetBytes > 0)
  ) strict`,
  `insert into storagePolicy (id, defaultClass, budgetBytes) values (1, 'standard', null)`,

  `alter table tenants add column retentionClass text references retentionClasses (id)`,
  `alter table channels add column retentionClass text references retentionClasses (id)`,
  `create index channelsByRetentionClass on channels (retentionClass) where retentionClass is not null`,

  `create table storageEvents (
    id integer primary key, at integer not null, kind text not null, subject text not null,
    count integer not null, cause text
  ) strict`,
]
