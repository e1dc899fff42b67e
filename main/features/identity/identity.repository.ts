import type { Insertable, Selectable, Updateable } from 'kysely'
import type { SessionTable, UserTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type User = Selectable<UserTable>

export function insertUser(trx: SiteTrx, user: Insertable<UserTable>) {
  return trx.insertInto('users').values(user).execute()
}

export function userByEmail(db: SiteDb | SiteTrx, email: string): Promise<User | undefined> {
  return db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst()
}

export function updateUser(db: SiteDb | SiteTrx, id: string, changes: Updateable<UserTable>) {
  return db.updateTable('users').set(changes).where('id', '=', id).execute()
}

export function insertSession(trx: SiteTrx, session: Insertable<SessionTable>) {
  return trx.insertInto('sessions').values(session).execute()
}

export function sessionWithUser(db: SiteDb, tokenHash: string) {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.userId')
    .select([
      'users.id',
      'users.name',
      'users.email',
      'users.role',
      'users.tenantId',
      'sessions.createdAt',
      'sessions.expiresAt',
      'sessions.lastSeenAt',
    ])
    .where('tokenHash', '=', tokenHash)
    .executeTakeFirst()
}

export function touchSession(
  db: SiteDb,
  tokenHash: string,
  changes: { lastSeenAt: number; expiresAt: number },
) {
  return db.updateTable('sessions').set(changes).where('tokenHash', '=', tokenHash).execute()
}

/** @returns whether there was one */
export async function deleteSession(trx: SiteTrx, tokenHash: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('sessions')
    .where('tokenHash', '=', tokenHash)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

export function deleteExpiredSessions(db: SiteDb, now: number) {
  return db.deleteFrom('sessions').where('expiresAt', '<=', now).execute()
}
