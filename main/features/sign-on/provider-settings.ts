import { X509Certificate } from 'node:crypto'
import type { SignOnMapping, SignOnProvider } from '#contract/api/sign-on.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import { listedDestination, originOf } from '#platform/outbound/destination.ts'

/** What a person sets of a provider, beside its secret. */
export type ProviderSettings = Omit<SignOnProvider, 'id' | 'hasSecret' | 'redirectUris' | 'createdAt'>

/**
 * Settings as they are kept: addresses in their one spelling, nothing twice.
 * @throws ExpectedError `outbound_address_invalid`, `outbound_not_listed`, `input_invalid`
 */
export function checkedSettings(given: ProviderSettings): ProviderSettings {
  const destinations = [
    ...new Map(
      given.destinations.map(({ origin, insideNetwork }) => {
        const plain = originOf(origin)
        return [plain, { origin: plain, insideNetwork }]
      }),
    ).values(),
  ]
  return {
    ...given,
    issuer: checkedIssuer(given.issuer, destinations),
    scopes: given.scopes
      .split(/\s+/)
      .filter((scope) => scope !== '')
      .join(' '),
    groupClaim: given.groupClaim || null,
    caCertificate: checkedCa(given.caCertificate),
    destinations,
    mappings: given.mappings.map(checkedMapping),
  }
}

/** @throws ExpectedError `outbound_address_invalid`, `outbound_not_listed` */
export function checkedIssuer(issuer: string, destinations: ProviderSettings['destinations']): string {
  listedDestination(issuer, destinations)
  const { search, hash } = new URL(issuer)
  // OpenID Connect Discovery 1.0, 3: an issuer has neither query nor fragment.
  if (search !== '' || hash !== '') throw new ExpectedError('outbound_address_invalid', { address: issuer })
  return issuer
}

/** @throws ExpectedError `input_invalid` */
export function checkedCa(pem: string | null): string | null {
  if (pem === null || pem.trim() === '') return null
  try {
    return new X509Certificate(pem).toString()
  } catch {
    throw new ExpectedError('input_invalid', { issues: 'caCertificate: this is no certificate in PEM' })
  }
}

function checkedMapping(mapping: SignOnMapping): SignOnMapping {
  const groupIds = mapping.reach === 'groups' ? [...new Set(mapping.groupIds)] : []
  if (mapping.reach === 'groups' && groupIds.length === 0)
    throw new ExpectedError('input_invalid', {
      issues: `mappings: "${mapping.group}" names no group of its tenant`,
    })
  return { ...mapping, groupIds }
}

/** Whatever the lines name is there. @throws ExpectedError `tenant_unknown`, `not_found` */
export async function checkMappings(trx: SiteTrx, mappings: readonly SignOnMapping[]): Promise<void> {
  for (const { tenantId, roleId, groupIds } of mappings) {
    const tenant = await trx.selectFrom('tenants').select('id').where('id', '=', tenantId).executeTakeFirst()
    if (tenant === undefined) throw new ExpectedError('tenant_unknown', { tenant: tenantId })
    const role = await trx.selectFrom('roles').select('tenantId').where('id', '=', roleId).executeTakeFirst()
    const isOfTenant = role !== undefined && (role.tenantId === null || role.tenantId === tenantId)
    if (!isOfTenant || roleId === 'site_admin')
      throw new ExpectedError('not_found', { what: 'role', id: roleId })
    for (const id of groupIds) {
      const group = await trx.selectFrom('groups').select('tenantId').where('id', '=', id).executeTakeFirst()
      if (group?.tenantId !== tenantId) throw new ExpectedError('not_found', { what: 'group', id })
    }
  }
}
