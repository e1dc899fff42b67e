import type { Insertable, Selectable, Updateable } from 'kysely'
import type { SessionTable, UserTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type User = Selectable<UserTable>
export type Session = Selectable<SessionTable>

export function insertUser(trx: SiteTrx, user: Insertable<UserTable>) {
  return trx.insertInto('users').values(user).execute()
}

/** By e-mail address or user name, lower case; a user name has no @. */
export function userBySignInName(db: SiteDb | SiteTrx, name: string): Promise<User | undefined> {
  const column = name.includes('@') ? 'email' : 'username'
  return db.selectFrom('users').selectAll().where(column, '=', name).executeTakeFirst()
}

/** Whether a person signed in from this network before. */
export async function signedInFrom(db: SiteDb | SiteTrx, userId: string, network: string): Promise<boolean> {
  const found = await db
    .selectFrom('signInNetworks')
    .select('userId')
    .where('userId', '=', userId)
    .where('network', '=', network)
    .executeTakeFirst()
  return found !== undefined
}

/** Remembers where a person signed in, at most the newest `most` networks. */
export async function rememberNetwork(
  trx: SiteTrx,
  seen: { userId: string; network: string; lastAt: number },
  most: number,
): Promise<void> {
  const { userId, lastAt } = seen
  await trx
    .insertInto('signInNetworks')
    .values(seen)
    .onConflict((conflict) => conflict.columns(['userId', 'network']).doUpdateSet({ lastAt }))
    .execute()
  const newest = trx
    .selectFrom('signInNetworks')
    .select('network')
    .where('userId', '=', userId)
    .orderBy('lastAt', 'desc')
    .limit(most)
  await trx
    .deleteFrom('signInNetworks')
    .where('userId', '=', userId)
    .where('network', 'not in', newest)
    .execute()
}

export function updateUser(db: SiteDb | SiteTrx, id: string, changes: Updateable<UserTable>) {
  return db.updateTable('users').set(changes).where('id', '=', id).execute()
}

export async function isProviderOn(trx: SiteTrx, id: string): Promise<boolean> {
  const provider = await trx
    .selectFrom('signOnProviders')
    .select('enabled')
    .where('id', '=', id)
    .executeTakeFirst()
  return provider?.enabled === 1
}

export function insertSession(trx: SiteTrx, session: Insertable<SessionTable>) {
  return trx.insertInto('sessions').values(session).execute()
}

export function sessionByToken(db: SiteDb, tokenHash: string) {
  return db.selectFrom('sessions').selectAll().where('tokenHash', '=', tokenHash).executeTakeFirst()
}

export function touchSession(db: SiteDb, id: string, changes: { lastSeenAt: number; expiresAt: number }) {
  return db.updateTable('sessions').set(changes).where('id', '=', id).execute()
}

export function updateSession(trx: SiteTrx, id: string, changes: Updateable<SessionTable>) {
  return trx.updateTable('sessions').set(changes).where('id', '=', id).execute()
}

export function sessionById(db: SiteDb | SiteTrx, id: string) {
  return db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
}

/** @returns whether there was one */
export async function deleteSession(trx: SiteTrx, id: string): Promise<boolean> {
  const { numDeletedRows } = await trx.deleteFrom('sessions').where('id', '=', id).executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

export function deleteExpiredSessions(db: SiteDb, now: number) {
  return db.deleteFrom('sessions').where('expiresAt', '<=', now).execute()
}
