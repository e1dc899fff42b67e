import type { Membership, User } from '#contract/api/users.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, scopeOf, type TenantScope } from '#features/access/index.ts'
import type { GroupTree } from '#features/tenants/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { openInvitations } from './invitations.repository.ts'
import { type MembershipRow, membershipsOf } from './memberships.repository.ts'
import { beyond, giverOf, isWholeSite } from './rights.ts'
import { accountFacts, isNew, type UserRow, visibleUser } from './users.repository.ts'

/** A person as the caller sees them. */
export interface SeenUser {
  user: UserRow
  /** In every tenant; not for the caller's eyes. */
  memberships: MembershipRow[]
  /** In the tenant where the caller acts. */
  own: MembershipRow | undefined
  /** An invitation that was not taken: nothing is told of the account, not even whether there was one before. */
  veiled: boolean
  state: User['state']
  /** Whether all that the account gives is the caller's too. */
  covered: boolean
}

export interface ViewDependencies {
  db: SiteDb
  groups: GroupTree
  /** Who is locked after failed sign-ins, until when, ms. */
  locks(): Map<string, number>
}

/** @throws ExpectedError `not_found` */
export async function seeUser(db: SiteDb | SiteTrx, actor: Actor, userId: string): Promise<SeenUser> {
  const user = await visibleUser(db, scopeOf(actor), userId)
  if (user === undefined) throw new ExpectedError('not_found', { what: 'user', id: userId })
  return seen(actor, user, await membershipsOf(db, [userId]))
}

export function seen(actor: Actor, user: UserRow, memberships: MembershipRow[]): SeenUser {
  const scope = scopeOf(actor)
  const giver = giverOf(actor)
  const own = scope.all ? undefined : memberships.find(({ tenantId }) => tenantId === scope.tenantId)
  const veiled = !giver.ofSite && typeof own?.invitedAt === 'number'
  const state = veiled || (user.state !== 'suspended' && isNew(user)) ? 'invited' : user.state
  // An invitation of another tenant gives nothing yet.
  const given =
    veiled && own ? [own] : memberships.filter((one) => one.invitedAt === null || isIn(scope, one))
  const covered =
    (veiled || user.siteAdmin === 0 || isWholeSite(giver)) &&
    given.every((one) => beyond(giver, one).length === 0)
  return { user, memberships, own, veiled, state, covered }
}

/** People for the contract, in the order of their rows. */
export async function viewUsers(
  { db, groups, locks }: ViewDependencies,
  actor: Actor,
  rows: readonly UserRow[],
  now: number,
): Promise<User[]> {
  const ids = rows.map(({ id }) => id)
  const [memberships, facts, links] = await Promise.all([
    membershipsOf(db, ids),
    accountFacts(db, ids, now),
    openInvitations(db, ids, now),
  ])
  const scope = scopeOf(actor)
  const locked = locks()
  return rows.map((user) => {
    const of = memberships.filter(({ userId }) => userId === user.id)
    const { own, veiled, state, covered } = seen(actor, user, of)
    const open = links.filter(
      ({ userId, tenantId }) => userId === user.id && isLinkOf(scope, tenantId, veiled),
    )
    return {
      id: user.id,
      email: user.email,
      name: (veiled ? own?.invitedName : user.name) ?? user.name,
      username: veiled ? null : user.username,
      siteAdmin: !veiled && user.siteAdmin === 1,
      state,
      memberships: of.filter((one) => isIn(scope, one)).map((one) => toMembership(one, groups, state)),
      secondFactor: !veiled && facts.secondFactors.has(user.id),
      sessions: veiled ? 0 : (facts.sessions.get(user.id) ?? 0),
      lastLoginAt: veiled ? null : date(user.lastLoginAt),
      lockedUntil: veiled ? null : date(locked.get(user.id) ?? null),
      linkExpiresAt: date(open.length === 0 ? null : Math.max(...open.map(({ expiresAt }) => expiresAt))),
      createdAt: new Date(own?.createdAt ?? user.createdAt),
      manageable: covered && !(actor.kind === 'user' && actor.id === user.id),
    }
  })
}

function isIn(scope: TenantScope, { tenantId }: { tenantId: string }): boolean {
  return scope.all || scope.tenantId === tenantId
}

/** A link of another tenant is not told; one that opens the account anew is, where the account is. */
function isLinkOf(scope: TenantScope, tenantId: string | null, veiled: boolean): boolean {
  return tenantId === null ? !veiled : isIn(scope, { tenantId })
}

function toMembership(row: MembershipRow, groups: GroupTree, state: User['state']): Membership {
  return {
    tenantId: row.tenantId,
    tenantSlug: row.tenantSlug,
    tenantName: row.tenantName,
    roleId: row.roleId,
    roleName: row.roleName,
    reach: row.reach,
    groups: row.groupIds.flatMap((id) => groups.get(id) ?? []).map(({ id, name }) => ({ id, name })),
    // With a one-time password it counts at once, which is not told apart either.
    invited: row.invitedAt !== null || state === 'invited',
  }
}

function date(at: number | null): Date | null {
  return at === null ? null : new Date(at)
}
