import type { Kysely } from 'kysely'
import { sql } from 'kysely'

/** Saved views (trends, dashboards) and annotations. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // What the account of an owner who is gone had shared stays with the tenant.
  `create table views (
    id text primary key, kind text not null check (kind in ('trend', 'dashboard')), name text not null,
    ownerUserId text references users (id) on delete set null, tenantId text references tenants (id),
    shared integer not null check (shared in (0, 1)), content text not null, version integer not null,
    createdAt integer not null, updatedAt integer not null, updatedBy text
  ) strict, without rowid`,
  `create unique index sharedViewsByName on views (kind, ifnull(tenantId, ''), name) where shared = 1`,
  `create index viewsByOwner on views (ownerUserId)`,

  `create table annotations (
    id text primary key, tenantId text not null references tenants (id), fromAt integer not null,
    toAt integer not null check (toAt >= fromAt), text text not null, channelIds text not null,
    authorUserId text references users (id) on delete set null, authorName text, version integer not null,
    createdAt integer not null, updatedAt integer not null
  ) strict, without rowid`,
  `create index annotationsByTenant on annotations (tenantId, fromAt)`,
  `create index annotationsByTime on annotations (fromAt)`,
]
