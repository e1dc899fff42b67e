import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { GatewayCredentials } from './gateway-policy.ts'

const none: GatewayCredentials = { certificates: [], secrets: [] }

/** What gateways authenticate with: of these, or (null) of all. */
export async function credentialsOf(
  db: SiteDb | SiteTrx,
  gatewayIds: readonly string[] | null,
): Promise<(gatewayId: string) => GatewayCredentials> {
  const [certificates, secrets] = await Promise.all([
    certificateStates(db, gatewayIds),
    activeSecrets(db, gatewayIds),
  ])
  const found = new Map<string, GatewayCredentials>()
  const of = (id: string): GatewayCredentials => {
    const known = found.get(id) ?? { certificates: [], secrets: [] }
    found.set(id, known)
    return known
  }
  for (const { gatewayId: id, ...certificate } of certificates)
    if (id !== null) of(id).certificates.push(certificate)
  for (const { gatewayId: id, ...secret } of secrets) of(id).secrets.push(secret)
  return (id) => found.get(id) ?? none
}

/** Fingerprints with their states. */
function certificateStates(db: SiteDb | SiteTrx, gatewayIds: readonly string[] | null) {
  let query = db
    .selectFrom('certificates')
    .select(['gatewayId', 'fingerprint', 'state'])
    .where('gatewayId', 'is not', null)
  if (gatewayIds !== null) query = query.where('gatewayId', 'in', gatewayIds)
  return query.execute()
}

function activeSecrets(db: SiteDb | SiteTrx, gatewayIds: readonly string[] | null) {
  let query = db
    .selectFrom('gatewaySecrets')
    .select(['id', 'gatewayId', 'salt', 'hash'])
    .where('state', '=', 'active')
  if (gatewayIds !== null) query = query.where('gatewayId', 'in', gatewayIds)
  return query.execute()
}
