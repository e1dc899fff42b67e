import { eraseSecondFactor } from '#features/identity/index.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import { gatewaysOf } from './memberships.repository.ts'
import { deleteSessions, deleteUser } from './users.repository.ts'

/** What others follow once a person is gone from a tenant or from the site. */
export interface Departure {
  /** The whole account went. */
  isGone: boolean
  sessionIds: string[]
  /** Gateways that belonged to them and belong to nobody now. */
  gatewayIds: string[]
}

export interface DepartureEffects {
  /** In the transaction that deletes an account. */
  revokeClientCertificates(trx: SiteTrx, mqttClientId: string): Promise<unknown>
  /** Live picture, broker and revocation list follow. */
  departed(departure: Departure): Promise<void>
}

/** Deletes an account with everything that opens something in its name; its gateways stay, and belong to nobody. */
export async function deleteAccountIn(
  trx: SiteTrx,
  userId: string,
  { revokeClientCertificates }: Pick<DepartureEffects, 'revokeClientCertificates'>,
): Promise<Departure> {
  const gateways = await gatewaysOf(trx, [userId])
  const clients = await trx.selectFrom('mqttClients').select('id').where('ownerUserId', '=', userId).execute()
  for (const { id } of clients) await revokeClientCertificates(trx, id)
  const sessionIds = await deleteSessions(trx, userId)
  await eraseSecondFactor(trx, userId)
  await deleteUser(trx, userId)
  return { isGone: true, sessionIds, gatewayIds: gateways.map(({ id }) => id) }
}

/** Whoever is no longer in a tenant owns nothing there: they might come back with less. */
export async function releaseGatewaysIn(trx: SiteTrx, userId: string, tenantId: string): Promise<Departure> {
  const gateways = await gatewaysOf(trx, [userId])
  const nobody = { ownerUserId: null }
  await trx
    .updateTable('gateways')
    .set(nobody)
    .where('ownerUserId', '=', userId)
    .where('tenantId', '=', tenantId)
    .execute()
  // Assignments that ended stay as they were.
  await trx
    .updateTable('assignments')
    .set(nobody)
    .where('ownerUserId', '=', userId)
    .where('tenantId', '=', tenantId)
    .where('toAt', 'is', null)
    .execute()
  const released = gateways.filter((gateway) => gateway.tenantId === tenantId)
  return { isGone: false, sessionIds: [], gatewayIds: released.map(({ id }) => id) }
}
