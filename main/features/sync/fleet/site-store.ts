import { sql } from 'kysely'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { EntityName } from './entity.ts'
import type { Version } from './plan-object.ts'

/** An object that waits to be sent. */
export interface Waiting {
  seq: number
  entity: string
  id: string
  tenantId: string | null
  queuedAt: number
  /** How often what the cloud decided of it was refused here. */
  attempts: number
}

/**
 * Those of one entity, in order of their ids: what was made first, first. What is of a tenant that shares its fleet and that
 * the exchange does not have goes on waiting: the cloud does not take it now, or a person turned it on a moment ago.
 * @param of `taken`: tenants that the exchange has; `upTo`: what was queued later is left for the next time
 */
export function waitingOf(
  db: SiteDb,
  entity: string,
  of: { limit: number; taken: readonly string[]; upTo?: number },
): Promise<Waiting[]> {
  const { limit, taken, upTo = Number.MAX_SAFE_INTEGER } = of
  return db
    .selectFrom('cloudOutbox')
    .select(['seq', 'entity', 'id', 'tenantId', 'queuedAt', 'attempts'])
    .where('entity', '=', entity)
    .where('seq', '<=', upTo)
    .where((eb) =>
      eb.or([
        eb('tenantId', 'is', null),
        eb('tenantId', 'in', sql<string>`(select value from json_each(${JSON.stringify(taken)}))`),
        eb('tenantId', 'not in', sql<string>`(select tenantId from cloudTenants where mode <> 'off')`),
      ]),
    )
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Number of what was queued last. */
export async function newestWaiting(db: SiteDb): Promise<number> {
  const row = await db
    .selectFrom('cloudOutbox')
    .select(({ fn }) => fn.max<number | null>('seq').as('newest'))
    .executeTakeFirst()
  return row?.newest ?? 0
}

/** They are sent. What changed again meanwhile waits under a new number. */
export async function removeWaiting(db: SiteDb | SiteTrx, waiting: readonly Waiting[]): Promise<void> {
  const seqs = sql<number>`(select value from json_each(${JSON.stringify(waiting.map(({ seq }) => seq))}))`
  await db.deleteFrom('cloudOutbox').where('seq', 'in', seqs).execute()
}

export async function putWaiting(
  db: SiteDb | SiteTrx,
  of: { entity: string; id: string; tenantId: string | null; now: number },
): Promise<void> {
  const { entity, id, tenantId, now: queuedAt } = of
  await db.deleteFrom('cloudOutbox').where('entity', '=', entity).where('id', '=', id).execute()
  await db.insertInto('cloudOutbox').values({ entity, id, tenantId, queuedAt }).execute()
}

/** Both sides are looked at again by the next push; what changed meanwhile waits for it already. */
export async function putAgain(trx: SiteTrx, again: Omit<Waiting, 'seq'>): Promise<void> {
  await trx
    .insertInto('cloudOutbox')
    .values(again)
    .onConflict((conflict) => conflict.columns(['entity', 'id']).doNothing())
    .execute()
}

/** By object, then by field. */
export type Versions = Map<string, Map<string, Version>>

export async function versionsOf(
  db: SiteDb | SiteTrx,
  entity: EntityName,
  ids: readonly string[],
): Promise<Versions> {
  const rows = await db
    .selectFrom('cloudVersions')
    .select(['id', 'field', 'stamp', 'base'])
    .where('entity', '=', entity)
    .where('id', 'in', sql<string>`(select value from json_each(${JSON.stringify(ids)}))`)
    .execute()
  const found: Versions = new Map()
  for (const { id, field, ...version } of rows) {
    const fields = found.get(id)
    if (fields) fields.set(field, version)
    else found.set(id, new Map([[field, version]]))
  }
  return found
}

export async function removeVersions(
  db: SiteDb | SiteTrx,
  entity: EntityName,
  ids: readonly string[],
): Promise<void> {
  await db
    .deleteFrom('cloudVersions')
    .where('entity', '=', entity)
    .where('id', 'in', sql<string>`(select value from json_each(${JSON.stringify(ids)}))`)
    .execute()
}

/** A field on which both sides agree now. */
export interface Agreed {
  id: string
  field: string
  /** That this site had when it was looked at; null: none. */
  read: string | null
  /** That the cloud has. */
  stamp: string
}

/** What was changed here meanwhile stays to be sent, as a change of what the cloud has now. */
export async function agree(
  trx: SiteDb | SiteTrx,
  entity: EntityName,
  agreed: readonly Agreed[],
): Promise<void> {
  if (agreed.length === 0) return
  // One search by key each: joined with the list, SQLite would go through all versions for every entry of it. What was read comes
  // as the base, by which a change meanwhile is told.
  await sql`insert into cloudVersions (entity, id, field, stamp, base)
    select ${entity}, one.value ->> 'id', one.value ->> 'field', one.value ->> 'stamp',
      coalesce(one.value ->> 'read', one.value ->> 'stamp') from json_each(${JSON.stringify(agreed)}) as one where true
    on conflict (entity, id, field) do update set base = excluded.stamp,
      stamp = case when cloudVersions.stamp = excluded.base then excluded.stamp else cloudVersions.stamp end`.execute(
    trx,
  )
}

/** What is changed here from now on is later than these. */
export async function sawStamps(db: SiteDb | SiteTrx, stamps: Iterable<string>): Promise<void> {
  let latest = ''
  for (const stamp of stamps) if (stamp > latest) latest = stamp
  if (latest !== '') await sql`select cloud_seen(${latest})`.execute(db)
}
