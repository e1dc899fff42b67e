import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Insertable, type Selectable, sql } from 'kysely'
import type { CloudDeadLetterTable } from '#platform/db/cloud-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type DeadLetterRow = Selectable<CloudDeadLetterTable>

/** Of readings, the newest are kept; all of them stay in the store anyhow. */
const MOST_READINGS = { letters: 100_000, bytes: 64 * 1024 ** 2 }

// The condition must stand there as the index has it, not as a parameter: else SQLite does not know the index by it.

/** What is refused again is one letter, with what was refused last and why. */
export async function putDeadReadings(
  trx: SiteTrx,
  rows: readonly Insertable<CloudDeadLetterTable>[],
): Promise<void> {
  await trx
    .insertInto('cloudDeadLetters')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['seriesId', 'ts'])
        .where(sql<boolean>`kind = 'reading'`)
        .doUpdateSet((of) => ({
          tenantId: of.ref('excluded.tenantId'),
          channelId: of.ref('excluded.channelId'),
          seq: of.ref('excluded.seq'),
          flags: of.ref('excluded.flags'),
          content: of.ref('excluded.content'),
          reason: of.ref('excluded.reason'),
          reasonData: of.ref('excluded.reasonData'),
          lastAt: of.ref('excluded.lastAt'),
          attempts: of('cloudDeadLetters.attempts', '+', 1),
          retryAskedAt: null,
        })),
    )
    .execute()
}

export async function putDeadObject(trx: SiteTrx, row: Insertable<CloudDeadLetterTable>): Promise<void> {
  const { tenantId, content, reason, reasonData, lastAt } = row
  await trx
    .insertInto('cloudDeadLetters')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['direction', 'entity', 'entityId'])
        .where(sql<boolean>`kind = 'object'`)
        .doUpdateSet((of) => ({
          tenantId: tenantId ?? null,
          content,
          reason,
          reasonData,
          lastAt,
          attempts: of('cloudDeadLetters.attempts', '+', 1),
          retryAskedAt: null,
        })),
    )
    .execute()
}

/** @returns how many of the oldest readings went. */
export async function trimDeadReadings(trx: SiteTrx, { letters, bytes } = MOST_READINGS): Promise<number> {
  let gone = 0
  for (;;) {
    const size = sql<number>`coalesce(sum(length(content)), 0)`
    const { count, length } = await trx
      .selectFrom('cloudDeadLetters')
      .select([({ fn }) => fn.countAll<number>().as('count'), size.as('length')])
      .where('kind', '=', 'reading')
      .executeTakeFirstOrThrow()
    const share = length > bytes ? Math.ceil((count * (length - bytes)) / length) : 0
    const tooMany = Math.max(count - letters, share)
    if (tooMany <= 0) return gone
    const oldest = trx
      .selectFrom('cloudDeadLetters')
      .select('id')
      .where('kind', '=', 'reading')
      .orderBy('id')
      .limit(tooMany)
    const { numDeletedRows } = await trx
      .deleteFrom('cloudDeadLetters')
      .where('id', 'in', oldest)
      .executeTakeFirst()
    gone += Number(numDeletedRows)
  }
}

export interface DeadLetterFilter {
  tenantId?: string | undefined
  kind?: 'reading' | 'object' | undefined
}

function filteredLetters(db: SiteDb | SiteTrx, { tenantId, kind }: DeadLetterFilter) {
  return db
    .selectFrom('cloudDeadLetters')
    .$if(tenantId !== undefined, (query) => query.where('cloudDeadLetters.tenantId', '=', tenantId ?? ''))
    .$if(kind !== undefined, (query) => query.where('cloudDeadLetters.kind', '=', kind ?? 'reading'))
}

/** Newest first by id; `after`: the last one of the page before. */
export function listDeadLetters(
  db: SiteDb,
  filter: DeadLetterFilter,
  { limit, after }: { limit: number; after?: string | undefined },
) {
  return filteredLetters(db, filter)
    .leftJoin('channels', 'channels.id', 'cloudDeadLetters.channelId')
    .leftJoin('gateways', 'gateways.id', 'channels.gatewayId')
    .selectAll('cloudDeadLetters')
    .select(['channels.key as channel', 'gateways.code as gateway'])
    .$if(after !== undefined, (query) => query.where('cloudDeadLetters.id', '<', after ?? ''))
    .orderBy('cloudDeadLetters.id', 'desc')
    .limit(limit)
    .execute()
}

export type ListedDeadLetter = Awaited<ReturnType<typeof listDeadLetters>>[number]

export async function countDeadLetters(db: SiteDb | SiteTrx, filter: DeadLetterFilter = {}): Promise<number> {
  const { count } = await filteredLetters(db, filter)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export function findDeadLetters(db: SiteDb | SiteTrx, ids: readonly string[]): Promise<DeadLetterRow[]> {
  return db.selectFrom('cloudDeadLetters').selectAll().where('id', 'in', ids).execute()
}

/** @returns how many. */
export async function askToRetry(trx: SiteTrx, ids: readonly string[], at: number): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('cloudDeadLetters')
    .set({ retryAskedAt: at })
    .where('id', 'in', ids)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** All of them, some at a time: SQLite answers at once, and nobody else would have a turn. @returns how many. */
export async function askAllToRetry(trx: SiteTrx, at: number): Promise<number> {
  let asked = 0
  for (let after = ''; ; ) {
    const rows = await trx
      .selectFrom('cloudDeadLetters')
      .select('id')
      .where('id', '>', after)
      .orderBy('id')
      .limit(2_000)
      .execute()
    const last = rows.at(-1)?.id
    if (last === undefined) return asked
    await trx
      .updateTable('cloudDeadLetters')
      .set({ retryAskedAt: at })
      .where('id', '>', after)
      .where('id', '<=', last)
      .execute()
    asked += rows.length
    after = last
    await nextTurn()
  }
}

/** Those that a person wants tried again, in the order of asking. */
export function deadLettersToRetry(
  db: SiteDb | SiteTrx,
  kind: 'reading' | 'object',
  limit: number,
): Promise<DeadLetterRow[]> {
  return askedFor(db, kind).limit(limit).execute()
}

/** The same of readings of these tenants: whose the channel is now counts. Those of no channel wait for one. */
export function deadReadingsToRetry(
  db: SiteDb | SiteTrx,
  tenantIds: readonly string[],
  limit: number,
): Promise<DeadLetterRow[]> {
  return askedFor(db, 'reading')
    .innerJoin('channels', 'channels.seriesId', 'cloudDeadLetters.seriesId')
    .where('channels.tenantId', 'in', tenantIds)
    .limit(limit)
    .execute()
}

function askedFor(db: SiteDb | SiteTrx, kind: 'reading' | 'object') {
  return db
    .selectFrom('cloudDeadLetters')
    .selectAll('cloudDeadLetters')
    .where('cloudDeadLetters.kind', '=', kind)
    .where('cloudDeadLetters.retryAskedAt', 'is not', null)
    .orderBy('cloudDeadLetters.retryAskedAt')
    .orderBy('cloudDeadLetters.id')
}

export async function deleteDeadLetters(trx: SiteTrx, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0
  const { numDeletedRows } = await trx
    .deleteFrom('cloudDeadLetters')
    .where('id', 'in', ids)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
