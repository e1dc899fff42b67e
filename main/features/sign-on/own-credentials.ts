import { eraseSecondFactor } from '#features/identity/index.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'

type RevokeClientCertificates = (trx: SiteTrx, mqttClientId: string) => Promise<unknown>

/**
 * Ends everything that opens an account without its provider: whoever made or invited it may hold some of that.
 * @returns the sessions that ended
 */
export async function endOwnCredentials(
  trx: SiteTrx,
  userId: string,
  revokeClientCertificates: RevokeClientCertificates,
): Promise<string[]> {
  const byPassword = await endPassword(trx, userId)
  const others = await trx.deleteFrom('sessions').where('userId', '=', userId).returning('id').execute()
  await trx.deleteFrom('apiKeys').where('ownerUserId', '=', userId).execute()
  const clients = await trx
    .updateTable('mqttClients')
    .set({ passwordSalt: null, passwordHash: null, passwordSetAt: null })
    .where('ownerUserId', '=', userId)
    .returning('id')
    .execute()
  for (const { id } of clients) await revokeClientCertificates(trx, id)
  return [...byPassword, ...others.map(({ id }) => id)]
}

/** Ends the password, the second factor that went with it, and what was signed in by them. @returns these sessions */
export async function endPassword(trx: SiteTrx, userId: string): Promise<string[]> {
  await trx
    .updateTable('users')
    .set({ passwordHash: null, mustChangePassword: 0 })
    .where('id', '=', userId)
    .execute()
  await eraseSecondFactor(trx, userId)
  const ended = await trx
    .deleteFrom('sessions')
    .where('userId', '=', userId)
    .where('providerId', 'is', null)
    .returning('id')
    .execute()
  return ended.map(({ id }) => id)
}

/** Links that would give the account a new password, made while it had fewer rights. */
export async function voidOpeningLinks(trx: SiteTrx, userId: string): Promise<void> {
  await trx
    .deleteFrom('invitations')
    .where('userId', '=', userId)
    .where('usedAt', 'is', null)
    .where((eb) => eb.or([eb('kind', '=', 'reset'), eb('tenantId', 'is', null)]))
    .execute()
}
