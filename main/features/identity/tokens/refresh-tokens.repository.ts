import type { Insertable } from 'kysely'
import type { RefreshTokenTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** A refresh token with the session that it prolongs. */
export function refreshTokenByHash(db: SiteDb | SiteTrx, tokenHash: string) {
  return db
    .selectFrom('refreshTokens')
    .innerJoin('sessions', 'sessions.id', 'refreshTokens.sessionId')
    .select([
      'refreshTokens.sessionId',
      'refreshTokens.expiresAt',
      'refreshTokens.usedAt',
      'sessions.userId',
      'sessions.tenantId',
      'sessions.providerId',
    ])
    .where('refreshTokens.tokenHash', '=', tokenHash)
    .executeTakeFirst()
}

export function insertRefreshToken(trx: SiteTrx, token: Insertable<RefreshTokenTable>) {
  return trx.insertInto('refreshTokens').values(token).execute()
}

/** @returns whether it was not used before */
export async function useRefreshToken(trx: SiteTrx, tokenHash: string, usedAt: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('refreshTokens')
    .set({ usedAt })
    .where('tokenHash', '=', tokenHash)
    .where('usedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Those that are expired tell nothing any more: they would be refused anyway. */
export function deleteExpiredRefreshTokens(trx: SiteTrx, now: number) {
  return trx.deleteFrom('refreshTokens').where('expiresAt', '<=', now).execute()
}
