import { X509Certificate } from 'node:crypto'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { activeCertificate, insertCertificate, supersede } from './pki.repository.ts'
import { type CertificateRow, type PreparedCertificate, prepareCertificate } from './prepared-certificate.ts'
import {
  addYears,
  brokerSpec,
  deviceIssuingSpec,
  deviceRootSpec,
  serverIssuingSpec,
  succeedBefore,
  webAuthoritySpec,
  webSpec,
} from './profile.ts'
import { serverNames } from './server-names.ts'
import type { Signer } from './signer.ts'

/** All CAs and server certificates of a new site. */
export interface PreparedAuthorities {
  certificates: PreparedCertificate[]
  deviceRootId: string
}

type Tools = { signer: Signer; sealer: Sealer }

/** Makes both trust worlds of a site in the signing thread. Nothing is stored yet. */
export async function prepareAuthorities(
  tools: Tools,
  { siteName, names, now }: { siteName: string; names: string[]; now: number },
): Promise<PreparedAuthorities> {
  const own = serverNames(names)
  const make = (spec: Parameters<typeof prepareCertificate>[1], issuerId: string | null) =>
    prepareCertificate(tools, spec, { issuerId, gatewayId: null, now })

  const root = await make(deviceRootSpec(siteName), null)
  const device = await make(deviceIssuingSpec(siteName, root.row, now), root.row.id)
  const server = await make(serverIssuingSpec(siteName, root.row, now), root.row.id)
  const broker = await make(brokerSpec(own, server.row, now), server.row.id)
  const webCa = await make(webAuthoritySpec(siteName, own, now), null)
  const web = await make(webSpec(own, webCa.row, now), webCa.row.id)
  return { certificates: [root, device, server, broker, webCa, web], deviceRootId: root.row.id }
}

/** Stores them in the caller's transaction, so that a site is set up wholly or not at all. */
export async function storeAuthorities(trx: SiteTrx, prepared: PreparedAuthorities): Promise<void> {
  for (const certificate of prepared.certificates) await insertCertificate(trx, certificate)
}

/**
 * Makes successors of the issuing CAs that can no longer give their longest-lived leaf its full life. The
 * predecessors still vouch for what they signed, and their lists are still kept.
 *
 * @returns the kinds that have a new CA; then the broker needs new `ca` and gateways get their certificates from it
 */
export async function succeedIssuingAuthorities(
  db: SiteDb,
  tools: Tools,
  now: number,
): Promise<('device_issuing' | 'server_issuing')[]> {
  const succeeded: ('device_issuing' | 'server_issuing')[] = []
  const root = await activeCertificate(db, 'device_root')
  if (!root) return []
  for (const kind of ['device_issuing', 'server_issuing'] as const) {
    const current = await activeCertificate(db, kind)
    if (!current || current.notAfter >= addYears(now, succeedBefore[kind])) continue
    const makeSpec = kind === 'device_issuing' ? deviceIssuingSpec : serverIssuingSpec
    const spec = makeSpec(organizationOf(root), root, now)
    // Near the root's own end a successor would gain nothing.
    if (spec.notAfter < addYears(current.notAfter, 1)) continue
    const successor = await prepareCertificate(tools, spec, { issuerId: root.id, gatewayId: null, now })
    await db.transaction().execute(async (trx) => {
      await supersede(trx, kind, false)
      await insertCertificate(trx, successor)
    })
    succeeded.push(kind)
  }
  if (succeeded.length > 0) await tools.signer.forgetIssuer(root.id)
  return succeeded
}

/** The site's name, as its own root states it. */
export function organizationOf(certificate: CertificateRow): string {
  const { O: organization } = new X509Certificate(certificate.pem).toLegacyObject().subject
  return (Array.isArray(organization) ? organization[0] : organization) ?? 'Millwright'
}
