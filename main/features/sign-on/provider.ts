import type { SignOnDestination, SignOnMapping } from '#contract/api/sign-on.ts'
import type { ProviderRow } from './providers.repository.ts'

/** A provider as the engine works with it. */
export interface Provider {
  id: string
  name: string
  issuer: string
  clientId: string
  sealedSecretId: string | null
  scopes: string
  groupClaim: string | null
  mappings: readonly SignOnMapping[]
  siteAdminGroup: string | null
  makesAccounts: boolean
  trustsEmail: boolean
  destinations: readonly SignOnDestination[]
  caCertificate: string | null
  enabled: boolean
  createdAt: number
}

export function providerOf(row: ProviderRow): Provider {
  const { mappings, destinations, makesAccounts, trustsEmail, enabled, ...rest } = row
  return {
    ...rest,
    mappings: JSON.parse(mappings) as SignOnMapping[],
    destinations: JSON.parse(destinations) as SignOnDestination[],
    makesAccounts: makesAccounts === 1,
    trustsEmail: trustsEmail === 1,
    enabled: enabled === 1,
  }
}
