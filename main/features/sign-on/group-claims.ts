/** What a provider said of a person, as far as the site takes note of it. */
export interface Claims {
  /** Unique and never given anew within the provider (OpenID Connect Core 1.0, 5.7); e-mail addresses are neither. */
  subject: string
  email: string | null
  emailVerified: boolean
  name: string | null
  groups: readonly string[]
}

const MOST_GROUPS = 2_000
const LONGEST_GROUP = 256

/** @param groupClaim null: the provider's groups are not asked for */
export function readClaims(claims: Record<string, unknown>, groupClaim: string | null): Claims {
  return {
    subject: text(claims['sub']) ?? '',
    email: text(claims['email']),
    emailVerified: claims['email_verified'] === true || claims['email_verified'] === 'true',
    name: (text(claims['name']) ?? text(claims['preferred_username']))?.trim().slice(0, 100) || null,
    groups: groupClaim === null ? [] : groupsOf(claims, groupClaim),
  }
}

/**
 * The groups that a claim lists: a claim of that very name (`groups`, `https://plant.example/groups`), else the path
 * that its dots make (`realm_access.roles`). One name alone is a list of one.
 */
export function groupsOf(claims: Record<string, unknown>, groupClaim: string): string[] {
  const value = Object.hasOwn(claims, groupClaim) ? claims[groupClaim] : follow(claims, groupClaim.split('.'))
  const list = Array.isArray(value) ? value : [value]
  return list
    .filter((one): one is string => typeof one === 'string' && one !== '' && one.length <= LONGEST_GROUP)
    .slice(0, MOST_GROUPS)
}

export function hasClaim(claims: Record<string, unknown>, groupClaim: string): boolean {
  return Object.hasOwn(claims, groupClaim) || follow(claims, groupClaim.split('.')) !== undefined
}

function follow(claims: Record<string, unknown>, path: string[]): unknown {
  let at: unknown = claims
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
