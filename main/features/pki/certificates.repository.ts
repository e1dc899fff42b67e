import { gatewayInScope, type TenantScope } from '#features/access/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { CertificateKind } from './certificate-spec.ts'

type SiteOrGatewayKind = Exclude<CertificateKind, 'mqtt_client'>

/**
 * Certificates with their gateways. The site's own are for people of the site and, as what their gateways trust,
 * for everyone; gateways' only within the scope.
 */
export function listCertificates(
  db: SiteDb,
  scope: TenantScope,
  filter: { gatewayId: string | null; tenantId: string | null },
) {
  let query = db
    .selectFrom('certificates')
    // Those of MQTT clients are listed with them.
    .where('certificates.kind', '!=', 'mqtt_client')
    // Of gateways that are gone only the serial number is left, for the revocation list.
    .where((eb) =>
      eb.not(eb.and([eb('certificates.kind', '=', 'gateway'), eb('certificates.gatewayId', 'is', null)])),
    )
    .leftJoin('gateways', 'gateways.id', 'certificates.gatewayId')
    .leftJoin('certificates as issuers', 'issuers.id', 'certificates.issuerId')
    .leftJoin('handovers', (join) =>
      join.onRef('handovers.credentialId', '=', 'certificates.id').on('handovers.endedAt', 'is', null),
    )
    // Without the PEM: ten thousand of them are ten megabytes that no list shows.
    .select([
      'certificates.id',
      'certificates.kind',
      'certificates.gatewayId',
      'certificates.serial',
      'certificates.subject',
      'certificates.keyAlgorithm',
      'certificates.fingerprint',
      'certificates.notBefore',
      'certificates.notAfter',
      'certificates.state',
      'certificates.revokedAt',
      'certificates.revocationReason',
      'gateways.code as gatewayCode',
      'gateways.name as gatewayName',
      'issuers.subject as issuer',
      'handovers.credentialId as waitingCertificateId',
    ])
    .orderBy('certificates.createdAt')
  if (!scope.all)
    query = query.where((eb) => eb.or([gatewayInScope(scope), eb('certificates.gatewayId', 'is', null)]))
  if (filter.tenantId !== null) query = query.where('gateways.tenantId', '=', filter.tenantId)
  if (filter.gatewayId !== null) query = query.where('certificates.gatewayId', '=', filter.gatewayId)
  return query.$narrowType<{ kind: SiteOrGatewayKind }>().execute()
}

export async function crlState(db: SiteDb) {
  const issuer = await db
    .selectFrom('crls')
    .innerJoin('certificates', 'certificates.id', 'crls.issuerId')
    .select(['crls.number', 'crls.thisUpdate', 'crls.nextUpdate', 'crls.issuerId'])
    .where('certificates.kind', '=', 'device_issuing')
    .orderBy('certificates.createdAt', 'desc')
    .executeTakeFirst()
  const { entries } = await db
    .selectFrom('certificates')
    .select((eb) => eb.fn.countAll<number>().as('entries'))
    .where('kind', 'in', ['gateway', 'mqtt_client'])
    .where('state', '=', 'revoked')
    .executeTakeFirstOrThrow()
  return issuer && { ...issuer, entries }
}
