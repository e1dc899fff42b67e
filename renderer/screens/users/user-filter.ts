import { type User, userStates } from '#contract/api/users.ts'

/** What is shown of all people, as it stands in the address. */
export interface UserFilter {
  text: string
  state: User['state'] | null
  /** A role's id. */
  role: string | null
}

export function readFilter(search: Record<string, unknown>): UserFilter {
  return {
    text: typeof search['q'] === 'string' ? search['q'] : '',
    state: userStates.find((state) => state === search['state']) ?? null,
    role: typeof search['role'] === 'string' ? search['role'] : null,
  }
}

export function writeFilter({ text, state, role }: UserFilter): Record<string, string | undefined> {
  return { q: text === '' ? undefined : text, state: state ?? undefined, role: role ?? undefined }
}

/** By name, e-mail address or user name, without regard to accents and capitals. */
export function matches(user: User, { text, state, role }: UserFilter): boolean {
  if (state !== null && user.state !== state) return false
  if (role !== null && !rolesOf(user).includes(role)) return false
  const wanted = plain(text)
  return (
    wanted === '' || [user.name, user.email, user.username ?? ''].some((one) => plain(one).includes(wanted))
  )
}

export function rolesOf({ siteAdmin, memberships }: User): string[] {
  return siteAdmin ? ['site_admin'] : memberships.map(({ roleId }) => roleId)
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase()
}
