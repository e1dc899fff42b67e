import type { SignOnDestination, SignOnMapping, SignOnProvider } from '#contract/api/sign-on.ts'

/** An address that the site would call; nothing is called before it is ticked. */
export interface DestinationForm extends SignOnDestination {
  allowed: boolean
}

export interface ProviderForm {
  name: string
  issuer: string
  clientId: string
  /** Empty: as it is. */
  secret: string
  scopes: string
  groupClaim: string
  mappings: (SignOnMapping & { key: number })[]
  siteAdminGroup: string
  makesAccounts: boolean
  trustsEmail: boolean
  destinations: DestinationForm[]
  caCertificate: string
  enabled: boolean
}

export type ProviderProblems = Partial<
  Record<'name' | 'issuer' | 'clientId' | 'destinations' | 'mappings', string>
>

let keys = 0
export const nextKey = (): number => ++keys

export function providerFormOf(edited: SignOnProvider | null): ProviderForm {
  return {
    name: edited?.name ?? '',
    issuer: edited?.issuer ?? '',
    clientId: edited?.clientId ?? '',
    secret: '',
    scopes: edited?.scopes ?? 'email profile',
    groupClaim: edited?.groupClaim ?? 'groups',
    mappings: (edited?.mappings ?? []).map((mapping) => ({ ...mapping, key: nextKey() })),
    siteAdminGroup: edited?.siteAdminGroup ?? '',
    makesAccounts: edited?.makesAccounts ?? true,
    trustsEmail: edited?.trustsEmail ?? false,
    destinations: (edited?.destinations ?? []).map((one) => ({ ...one, allowed: true })),
    caCertificate: edited?.caCertificate ?? '',
    enabled: edited?.enabled ?? true,
  }
}

/** The origin of an address as it is typed; null where it is none yet. */
export function typedOrigin(address: string): string | null {
  if (!/^https?:\/\/./i.test(address.trim()) || !URL.canParse(address.trim())) return null
  return new URL(address.trim()).origin
}

/** The addresses to tick: those of the issuer and those found to be needed, and what was ticked before. */
export function shownDestinations(form: ProviderForm, found: readonly string[] = []): DestinationForm[] {
  const origin = typedOrigin(form.issuer)
  const wanted = [...(origin === null ? [] : [origin]), ...found]
  const kept = form.destinations.filter((one) => one.allowed || wanted.includes(one.origin))
  const added = wanted.filter((one) => !kept.some((other) => other.origin === one))
  return [
    ...kept,
    ...[...new Set(added)].map((one) => ({ origin: one, insideNetwork: false, allowed: false })),
  ]
}

export function listedDestinations(form: ProviderForm): SignOnDestination[] {
  return form.destinations
    .filter((one) => one.allowed)
    .map(({ origin, insideNetwork }) => ({ origin, insideNetwork }))
}

export function providerProblems(form: ProviderForm): ProviderProblems {
  const problems: ProviderProblems = {}
  if (form.name.trim() === '') problems.name = 'name'
  const origin = typedOrigin(form.issuer)
  if (origin === null) problems.issuer = 'issuer'
  else if (!listedDestinations(form).some((one) => one.origin === origin)) problems.destinations = 'allow'
  if (form.clientId.trim() === '') problems.clientId = 'clientId'
  if (form.mappings.some((one) => one.group.trim() === '' || one.tenantId === '' || one.roleId === ''))
    problems.mappings = 'mapping'
  else if (form.mappings.some((one) => one.reach === 'groups' && one.groupIds.length === 0))
    problems.mappings = 'groups'
  return problems
}

/** What is sent; without a secret where it stays as it is. */
export function providerInput(form: ProviderForm) {
  const blank = (text: string) => (text.trim() === '' ? null : text.trim())
  return {
    name: form.name.trim(),
    issuer: form.issuer.trim(),
    clientId: form.clientId.trim(),
    scopes: form.scopes.trim(),
    groupClaim: blank(form.groupClaim),
    mappings: form.mappings.map(({ key: _key, ...mapping }) => ({ ...mapping, group: mapping.group.trim() })),
    siteAdminGroup: blank(form.siteAdminGroup),
    makesAccounts: form.makesAccounts,
    trustsEmail: form.trustsEmail,
    destinations: listedDestinations(form),
    caCertificate: blank(form.caCertificate),
    enabled: form.enabled,
    ...(form.secret !== '' && { clientSecret: form.secret }),
  }
}
