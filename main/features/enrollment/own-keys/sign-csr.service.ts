import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { gatewaysRepository } from '#features/fleet/index.ts'
import {
  type Csr,
  type IssuedToGateway,
  namesFrom,
  type Pki,
  readCsr,
  requireOwnNames,
} from '#features/pki/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { EnrollmentService } from '../enrollment.service.ts'
import { boxLabel } from '../labels.ts'
import type { EnrollmentOrder } from '../order.ts'
import { aliasesOf } from './bind.service.ts'

export interface SignCsrDependencies {
  db: SiteDb
  pki: Pki
  tenants: TenantsService
  enrollment: Pick<EnrollmentService, 'enroll'>
  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void
}

export interface SignCsrRequest {
  csr: string
  mac_address?: string | undefined
  device_id?: string | undefined
  label?: string | undefined
  tenant?: string | undefined
  group?: string | undefined
  profile?: string | undefined
  dialect?: string | undefined
  credential?: EnrollmentOrder['credential']
  code?: string | undefined
  name?: string | undefined
  bind: boolean
}

export interface SignedCsr {
  gateway: gatewaysRepository.GatewayRow
  issued: IssuedToGateway
  /** What its QR code holds, for whoever is to bind it; null where it needs no binding. */
  qr: { deviceId: string; fingerprint: string; publicKey: string } | null
}

/** A person brings the certificate request of a box, at the bench or in production: signed at once. */
export class SignCsrService {
  readonly #dependencies: SignCsrDependencies

  constructor(dependencies: SignCsrDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `csr_refused`, and what enrolling throws */
  async sign(scope: TenantScope, request: SignCsrRequest, audit: AuditDraft): Promise<SignedCsr> {
    const { db, pki, tenants, enrollment, requireDialect } = this.#dependencies
    audit.tenantId = (await tenants.resolve(scope, request.tenant)).id
    const csr = readCsr(request.csr)
    audit.details = { publicKeyHash: csr.publicKeyHash, bind: request.bind }
    const names = namesOf(request, csr)
    requireOwnNames(csr, { ...names, deviceId: names.deviceId ?? request.code ?? null })
    if (request.dialect !== undefined) requireDialect(request.dialect)
    const { gateway } = await enrollment.enroll(orderOf(request, csr, names), scope, audit, async () => {})
    const issued = await pki.gatewayCertificate(db, gateway.id)
    if (!issued) throw new ExpectedError('not_found', { what: 'certificate of gateway', id: gateway.id })
    const qr = request.bind
      ? {
          deviceId: names.deviceId ?? names.label ?? gateway.mac ?? gateway.label,
          fingerprint: issued.fingerprint,
          publicKey: Buffer.from(csr.publicKey.spki).toString('base64'),
        }
      : null
    return { gateway, issued, qr }
  }
}

interface Names {
  mac: string | null
  label: string | null
  deviceId: string | null
}

/** @throws ExpectedError `mac_invalid`, `csr_refused` */
function namesOf({ mac_address, label, device_id, code }: SignCsrRequest, csr: Csr): Names {
  const isNamed = mac_address !== undefined || label !== undefined || device_id !== undefined
  // The code that was given is a name of the box as well.
  const isCode = (name: string) => name.toLowerCase() === code?.toLowerCase()
  if (!isNamed && code !== undefined && csr.commonNames.every(isCode))
    return { mac: null, label: null, deviceId: null }
  if (!isNamed) return namesFrom(csr)
  const mac = mac_address === undefined ? null : normalizeMac(mac_address)
  if (mac_address !== undefined && mac === null) throw new ExpectedError('mac_invalid', { mac: mac_address })
  return { mac, label: label ?? null, deviceId: device_id ?? null }
}

function orderOf(request: SignCsrRequest, csr: Csr, { mac, label, deviceId }: Names): EnrollmentOrder {
  const { bind, profile, tenant, group, code = null, name = null } = request
  // A box of 002, where nothing else is said.
  const bound = bind && profile === undefined ? { dialect: 'direction', credential: 'both' as const } : {}
  return {
    mac,
    code,
    name,
    tenant,
    group,
    profile,
    // As for boxes that knock: what it calls itself is printed on it.
    label: boxLabel({ mac, label, deviceId }),
    dialect: request.dialect ?? bound.dialect,
    credential: request.credential ?? bound.credential,
    keyAlgorithm: undefined,
    publicKey: csr.publicKey,
    aliases: aliasesOf(deviceId),
    awaitsBind: bind,
    replace: false,
    reason: bind ? 'signed ahead' : 'signed',
  }
}
