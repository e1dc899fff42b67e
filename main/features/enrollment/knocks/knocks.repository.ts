import { type Insertable, type Selectable, sql } from 'kysely'
import type { KnockTable } from '#platform/db/enrollment-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type KnockRow = Selectable<KnockTable>

const DAY = 24 * 60 * 60_000

export function knockById(db: SiteDb | SiteTrx, id: string): Promise<KnockRow | undefined> {
  return db.selectFrom('knocks').selectAll().where('id', '=', id).executeTakeFirst()
}

/** That it was claimed for `gatewayId`; null: for none. */
export function isClaimedAs(
  knock: KnockRow | undefined,
  gatewayId: string | null,
): knock is KnockRow & { gatewayId: string } {
  return gatewayId !== null && knock?.state === 'claimed' && knock.gatewayId === gatewayId
}

/** `hash` of its poll secret. */
export function knockByPollSecret(db: SiteDb | SiteTrx, hash: string): Promise<KnockRow | undefined> {
  return db.selectFrom('knocks').selectAll().where('pollSecretHash', '=', hash).executeTakeFirst()
}

/** `hash` of its activation token, or of what a box of 000 fetches with. */
export function knockByToken(db: SiteDb | SiteTrx, hash: string): Promise<KnockRow | undefined> {
  return db.selectFrom('knocks').selectAll().where('tokenHash', '=', hash).executeTakeFirst()
}

/** What a box may be known by. */
export interface KnownAs {
  mac: string | null
  label: string | null
  deviceId: string | null
}

function named({ mac, label, deviceId }: KnownAs) {
  const is = [
    ...(mac === null ? [] : [sql<boolean>`mac = ${mac}`]),
    ...(label === null ? [] : [sql<boolean>`label = ${label} collate nocase`]),
    ...(deviceId === null ? [] : [sql<boolean>`deviceId = ${deviceId} collate nocase`]),
  ]
  return is.length === 0 ? sql<boolean>`false` : sql<boolean>`(${sql.join(is, sql` or `)})`
}

/** Boxes that wait under one of these names, oldest first; at most `limit`. */
export function waitingAs(db: SiteDb | SiteTrx, name: KnownAs, limit: number): Promise<KnockRow[]> {
  return db
    .selectFrom('knocks')
    .selectAll()
    .where('state', '=', 'waiting')
    .where(named(name))
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Boxes that wait whose MAC ends so: `a1:b2:c3`, as a label made of the MAC has it. */
export function waitingByMacEnd(db: SiteDb | SiteTrx, end: string, limit: number): Promise<KnockRow[]> {
  return db
    .selectFrom('knocks')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('label', 'is', null)
    .where('mac', 'like', `%${end}`)
    .limit(limit)
    .execute()
}

/** The newest knock of a box that holds no poll secret: known by its name and the address that it knocked from. */
export function knockFrom(
  db: SiteDb | SiteTrx,
  of: KnownAs & { way: KnockRow['way']; address: string },
): Promise<KnockRow | undefined> {
  return db
    .selectFrom('knocks')
    .selectAll()
    .where('way', '=', of.way)
    .where('address', '=', of.address)
    .where(named(of))
    .orderBy('id', 'desc')
    .executeTakeFirst()
}

export async function anyDismissed(db: SiteDb): Promise<boolean> {
  const found = await db
    .selectFrom('knocks')
    .select('id')
    .where('state', '=', 'dismissed')
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** A box of this name and network was sent away less than a day ago. */
export function dismissedLately(
  db: SiteDb | SiteTrx,
  of: KnownAs & { network: string },
  now: number,
): Promise<{ lastAt: number } | undefined> {
  return db
    .selectFrom('knocks')
    .select('lastAt')
    .where('state', '=', 'dismissed')
    .where('network', '=', of.network)
    .where('lastAt', '>', now - DAY)
    .where(named(of))
    .executeTakeFirst()
}

/** What SQLite takes at once. */
const CHUNK = 500

/**
 * Stores boxes that knock, in few statements however many come together. Those that share a name, with each other or with
 * one that waits or was claimed, are flagged. @returns of each whether it is
 */
export async function insertKnocks(
  trx: SiteTrx,
  knocks: readonly Insertable<KnockTable>[],
): Promise<boolean[]> {
  const shared = await sharedNames(trx, knocks)
  const isShared = knocks.map((knock) => namesOf(knock).some((name) => shared.has(name)))
  for (let start = 0; start < knocks.length; start += CHUNK) {
    const values = knocks
      .slice(start, start + CHUNK)
      .map((knock, n) => ({ ...knock, flagged: isShared[start + n] ? (1 as const) : (0 as const) }))
    await trx.insertInto('knocks').values(values).execute()
  }
  return isShared
}

type Names = Pick<Insertable<KnockTable>, 'mac' | 'label' | 'deviceId'>
const nameColumns = ['mac', 'label', 'deviceId'] as const

/** As they are compared: by what they are, whatever the case of their letters. */
function namesOf(of: Names): string[] {
  return nameColumns.flatMap((column) => (of[column] ? [`${column} ${of[column].toLowerCase()}`] : []))
}

/** Names that more than one has; who has them already is flagged. */
async function sharedNames(trx: SiteTrx, knocks: readonly Names[]): Promise<Set<string>> {
  const counts = new Map<string, number>()
  for (const name of knocks.flatMap(namesOf)) counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const column of nameColumns) {
    const given = [...new Set(knocks.flatMap((knock) => knock[column] ?? []))]
    for (let start = 0; start < given.length; start += CHUNK) {
      const list = sql.join(given.slice(start, start + CHUNK))
      const isNamed =
        column === 'mac'
          ? sql<boolean>`mac in (${list})`
          : sql<boolean>`${sql.ref(column)} collate nocase in (${list})`
      const others = await trx
        .updateTable('knocks')
        .set({ flagged: 1 })
        .where('state', 'in', ['waiting', 'claimed'])
        .where(isNamed)
        .returning(column)
        .execute()
      for (const name of others.flatMap((other) => namesOf({ ...nobody, ...other })))
        counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return new Set([...counts].filter(([, count]) => count > 1).map(([name]) => name))
}

/**
 * Those that were flagged, and are the only ones of their names by now, are so no more: not where another one has what was made
 * under that name, for then they are not the box that was meant. @returns how many
 */
export async function clearFlags(trx: SiteDb | SiteTrx): Promise<number> {
  const stays = (column: 'label' | 'deviceId' | 'mac') => sql<boolean>`exists (
    select 1 from knocks as other where other.id <> knocks.id and other.state in ('waiting', 'claimed', 'delivered')
      and other.${sql.ref(column)} = knocks.${sql.ref(column)} ${column === 'mac' ? sql`` : sql`collate nocase`})`
  const { numUpdatedRows } = await trx
    .updateTable('knocks')
    .set({ flagged: 0 })
    .where('flagged', '=', 1)
    .where('state', 'in', ['waiting', 'claimed'])
    .where(sql<boolean>`not (${stays('mac')} or ${stays('label')} or ${stays('deviceId')})`)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

const nobody: Names = { mac: null, label: null, deviceId: null }

/** Claimed ones stay, whatever was decided before. */
export async function deleteWaiting(trx: SiteTrx, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += CHUNK)
    await trx
      .deleteFrom('knocks')
      .where('state', '=', 'waiting')
      .where('id', 'in', ids.slice(start, start + CHUNK))
      .execute()
}

/** What was counted in memory. */
export async function addPolls(
  trx: SiteTrx,
  polls: Iterable<readonly [string, { count: number; lastAt: number }]>,
): Promise<void> {
  for (const [id, { count, lastAt }] of polls)
    await trx
      .updateTable('knocks')
      .set((eb) => ({ count: eb('count', '+', count), lastAt, polledAt: lastAt }))
      .where('id', '=', id)
      .execute()
}

/** Takes a box off those that wait. @returns false where somebody else did before */
export async function takeKnock(
  trx: SiteTrx,
  id: string,
  to:
    | {
        state: 'claimed'
        gatewayId: string
        credentialId: string | null
        claimedAt: number
        claimedByName: string
      }
    | { state: 'dismissed'; lastAt: number },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('knocks')
    .set({ ...to, tokenHash: null, tokenExpiresAt: null })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** What was made last for a gateway: its certificate or its secret. */
export async function newestCredential(db: SiteDb | SiteTrx, gatewayId: string): Promise<string | null> {
  const secret = await db
    .selectFrom('gatewaySecrets')
    .select(['id', 'createdAt'])
    .where('gatewayId', '=', gatewayId)
    .where('state', '=', 'active')
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst()
  const certificate = await db
    .selectFrom('certificates')
    .select(['id', 'createdAt'])
    .where('gatewayId', '=', gatewayId)
    .where('state', '=', 'active')
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst()
  return secret?.id ?? certificate?.id ?? null
}

export function setToken(trx: SiteDb | SiteTrx, id: string, tokenHash: string | null, endsAt: number | null) {
  return trx.updateTable('knocks').set({ tokenHash, tokenExpiresAt: endsAt }).where('id', '=', id).execute()
}

/** A claimed box has what was made for it. */
export function deliverKnock(trx: SiteDb | SiteTrx, id: string, now: number) {
  return trx
    .updateTable('knocks')
    .set({ state: 'delivered', lastAt: now, csr: null, tokenHash: null, tokenExpiresAt: null })
    .where('id', '=', id)
    .where('state', '=', 'claimed')
    .execute()
}

/**
 * Claimed boxes whose hand-over has ended well, or which have connected since they were claimed.
 * @returns how many
 */
export async function deliverProved(trx: SiteDb | SiteTrx, now: number): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('knocks')
    .set({ state: 'delivered', lastAt: now, csr: null, tokenHash: null, tokenExpiresAt: null })
    .where('state', '=', 'claimed')
    .where((eb) =>
      eb.or([
        eb.exists(
          eb
            .selectFrom('handovers')
            .select('credentialId')
            .whereRef('handovers.credentialId', '=', 'knocks.credentialId')
            .where('handovers.endedBy', 'in', ['received', 'session']),
        ),
        eb.exists(
          eb
            .selectFrom('gateways')
            .select('id')
            .whereRef('gateways.id', '=', 'knocks.gatewayId')
            .whereRef('gateways.activatedAt', '>=', 'knocks.claimedAt'),
        ),
      ]),
    )
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

/**
 * Drops who was not heard for a day, what was delivered or sent away a day ago, and what nobody fetched while its credential
 * waited and a day more. @returns how many
 */
export async function deleteOld(trx: SiteDb | SiteTrx, now: number): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('knocks')
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '!=', 'claimed'), eb('lastAt', '<=', now - DAY)]),
        eb.and([eb('state', '=', 'claimed'), eb('claimedAt', '<=', now - 2 * DAY)]),
      ]),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** Who waits, as bounds need it; those heard longest ago first. */
export function allWaiting(db: SiteDb) {
  return db
    .selectFrom('knocks')
    .select(['id', 'network', 'polledAt', 'lastAt'])
    .where('state', '=', 'waiting')
    .orderBy('lastAt')
    .orderBy('id')
    .execute()
}
