import type { Entry } from '#contract/api/users.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, scopeOf } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { normalizeEmail } from '#features/identity/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { type AccountChange, creatorOf, newUserId } from './account.ts'
import { type Departure, type DepartureEffects, deleteAccountIn, releaseGatewaysIn } from './departure.ts'
import { voidInvitations } from './invitations.repository.ts'
import type { InvitationsService, PreparedEntry } from './invitations.service.ts'
import {
  deleteMembership,
  gatewaysOf,
  type MembershipRow,
  membershipsOf,
  putMembership,
} from './memberships.repository.ts'
import { giverOf, type Rights, requireWholeSite, requireWithin } from './rights.ts'
import type { RolesService } from './roles.service.ts'
import { type SeenUser, seeUser } from './user-view.ts'
import { insertUser, isNew, type UserRow, updateUser, userByEmail, visibleUser } from './users.repository.ts'

export interface MembershipsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: Pick<TenantsService, 'resolve' | 'groups'>
  roles: RolesService
  invitations: InvitationsService
  departures: DepartureEffects
  sessionEnded(sessionId: string): void
  changed(change: AccountChange): void
}

export interface MembershipInput {
  role: string
  reach: 'tenant' | 'groups' | 'own'
  groups: readonly string[]
}

export interface InvitationInput {
  email: string
  role?: string | undefined
  reach?: MembershipInput['reach'] | undefined
  groups?: readonly string[] | undefined
  name?: string | undefined
  tenant?: string | undefined
  siteAdmin: boolean
  how: Entry['how']
}

type Given = Pick<MembershipRow, 'tenantId' | 'permissions' | 'reach' | 'groupIds' | 'roleId'>

/**
 * What people are in tenants. Nobody gives or takes what they do not hold, and no answer tells whether an e-mail
 * address has an account in a tenant that the caller does not see.
 */
export class MembershipsService {
  readonly #dependencies: MembershipsDependencies

  constructor(dependencies: MembershipsDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError see `users.invite` of the contract */
  async invite(
    actor: Actor,
    input: InvitationInput,
    audit: AuditDraft,
  ): Promise<{ userId: string; entry: PreparedEntry }> {
    const email = normalizeEmail(input.email)
    const name = input.name ?? email.split('@')[0] ?? email
    if (input.siteAdmin) return this.#inviteSiteAdmin(actor, { email, name, how: input.how }, audit)
    const given = await this.#given(actor, input.tenant, {
      role: input.role ?? 'viewer',
      reach: input.reach ?? 'tenant',
      groups: input.groups ?? [],
    })
    const fresh = newUserId()
    const { how } = input
    audit.about('user', fresh, given.tenantId, { ...describe(given), how }).personal({ email, name })
    requireWithin(giverOf(actor), given)
    const entry = await this.#dependencies.invitations.prepare(how)
    const { db, audit: log } = this.#dependencies
    const userId = await db.transaction().execute(async (trx) => {
      const user = (await userByEmail(trx, email)) ?? (await this.#insert(trx, { id: fresh, email, name }))
      audit.object = { kind: 'user', id: user.id }
      const memberships = await membershipsOf(trx, [user.id])
      await this.#requireInvitable(trx, actor, user, { given, memberships })
      await this.#put(trx, { user, given, name, isInvited: true })
      await this.openIn(trx, actor, { user, memberships, tenantId: given.tenantId }, entry)
      await log.recordIn(trx, audit)
      return user.id
    })
    this.#dependencies.changed({ userId, what: 'rights' })
    return { userId, entry }
  }

  async #inviteSiteAdmin(
    actor: Actor,
    { email, name, how }: { email: string; name: string; how: Entry['how'] },
    audit: AuditDraft,
  ): Promise<{ userId: string; entry: PreparedEntry }> {
    const { db, audit: log, invitations } = this.#dependencies
    const id = newUserId()
    audit.about('user', id, null, { siteAdmin: true, how }).personal({ email, name })
    requireWholeSite(actor)
    const entry = await invitations.prepare(how)
    await db.transaction().execute(async (trx) => {
      if (await userByEmail(trx, email)) throw new ExpectedError('user_exists', { email })
      const user = await this.#insert(trx, { id, email, name, siteAdmin: 1 })
      await this.openIn(trx, actor, { user, memberships: [], tenantId: null }, entry)
      await log.recordIn(trx, audit)
    })
    return { userId: id, entry }
  }

  /**
   * Gives a person what they come in by. An account that is new, and whose rights are the caller's to give, is opened by
   * it; any other stays as it is, and its person takes the invitation with it.
   */
  async openIn(
    trx: SiteTrx,
    actor: Actor,
    of: { user: UserRow; memberships: MembershipRow[]; tenantId: string | null },
    entry: PreparedEntry,
  ): Promise<void> {
    const { user, memberships, tenantId } = of
    const { clock, invitations } = this.#dependencies
    const others = memberships.filter((one) => one.tenantId !== tenantId && one.invitedAt === null)
    const isOpening =
      user.state !== 'suspended' &&
      isNew(user) &&
      // Of the whole site, or the only one whose rights are behind it.
      (tenantId === null || (user.siteAdmin === 0 && others.length === 0))
    if (isOpening) {
      const { passwordHash } = entry
      const now = clock.now()
      await updateUser(
        trx,
        user.id,
        passwordHash === null
          ? { state: 'invited', passwordHash, mustChangePassword: 0 }
          : { state: 'active', passwordHash, mustChangePassword: 1, passwordChangedAt: now },
      )
      if (tenantId !== null)
        await trx
          .updateTable('memberships')
          .set({ invitedAt: passwordHash === null ? now : null })
          .where('userId', '=', user.id)
          .where('tenantId', '=', tenantId)
          .execute()
    }
    const createdById = creatorOf(actor)
    await invitations.issue(trx, entry, { userId: user.id, tenantId, kind: 'invite', createdById })
  }

  /** @throws ExpectedError see `users.setMembership` of the contract */
  async set(
    actor: Actor,
    userId: string,
    { tenant, ...input }: MembershipInput & { tenant: string },
    audit: AuditDraft,
  ): Promise<void> {
    const { db, audit: log } = this.#dependencies
    const given = await this.#given(actor, tenant, input)
    await db.transaction().execute(async (trx) => {
      const seen = await seeUser(trx, actor, userId)
      const before = seen.memberships.find(({ tenantId }) => tenantId === given.tenantId)
      const after = describe(given)
      audit.about('user', userId, given.tenantId, { before: before ? describe(before) : null, after })
      // Neither what it gave nor what it gives may be beyond the caller: it is taken from others, or given to them.
      if (before) requireWithin(giverOf(actor), before)
      requireWithin(giverOf(actor), await withGateways(trx, userId, given))
      // Whoever invited it still holds a link that opens it: rights of another tenant must not be behind that.
      if (!before && seen.state === 'invited')
        throw new ExpectedError('user_state_conflict', conflict(seen, 'given more rights'))
      await this.#put(trx, {
        user: seen.user,
        given,
        name: before?.invitedName ?? null,
        isInvited: typeof before?.invitedAt === 'number',
      })
      if (!seen.veiled) await voidInvitations(trx, userId, null)
      await log.recordIn(trx, audit)
    })
    this.#dependencies.changed({ userId, what: 'rights' })
  }

  /** @throws ExpectedError `not_found`, `tenant_unknown`, `rights_beyond`, `not_yourself` */
  async remove(actor: Actor, userId: string, tenant: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log, tenants } = this.#dependencies
    const tenantId = (await tenants.resolve(scopeOf(actor), tenant)).id
    const departure = await db.transaction().execute(async (trx) => {
      const seen = await seeUser(trx, actor, userId)
      const gone = await this.removeIn(trx, actor, { seen, tenantId }, audit)
      await log.recordIn(trx, audit)
      return gone
    })
    await this.follow(userId, departure)
  }

  /** Everything outside of the store, after a person is gone from a tenant or the site. */
  async follow(userId: string, departure: Departure): Promise<void> {
    const { sessionEnded, changed, departures } = this.#dependencies
    for (const id of departure.sessionIds) sessionEnded(id)
    changed({ userId, what: departure.isGone ? 'deleted' : 'rights' })
    await departures.departed(departure)
  }

  /** Takes the account, which is nowhere then, along; call `follow` after it. */
  async removeIn(
    trx: SiteTrx,
    actor: Actor,
    { seen, tenantId }: { seen: SeenUser; tenantId: string },
    audit: AuditDraft,
  ): Promise<Departure> {
    const { user, memberships } = seen
    const before = memberships.find((one) => one.tenantId === tenantId)
    if (before === undefined) throw new ExpectedError('not_found', { what: 'user', id: user.id })
    audit.about('user', user.id, tenantId, { before: describe(before) })
    if (actor.kind === 'user' && actor.id === user.id) throw new ExpectedError('not_yourself')
    requireWithin(giverOf(actor), before)
    await deleteMembership(trx, user.id, tenantId)
    await voidInvitations(trx, user.id, tenantId)
    // An account from before, that took nothing of this tenant, is not the tenant's to delete.
    const wasTheirs = before.invitedAt === null || isNew(user)
    const isNowhere = memberships.length === 1 && user.siteAdmin === 0 && wasTheirs
    return isNowhere
      ? deleteAccountIn(trx, user.id, this.#dependencies.departures)
      : releaseGatewaysIn(trx, user.id, tenantId)
  }

  /** Who is there already is not invited again; who did not take an invitation yet is. */
  async #requireInvitable(
    trx: SiteTrx,
    actor: Actor,
    user: UserRow,
    { given, memberships }: { given: Given; memberships: MembershipRow[] },
  ): Promise<void> {
    const before = memberships.find(({ tenantId }) => tenantId === given.tenantId)
    if (before === undefined) return requireWithin(giverOf(actor), await withGateways(trx, user.id, given))
    if (!(await visibleUser(trx, scopeOf(actor), user.id)))
      throw new ExpectedError('user_in_tenant', { email: user.email })
    if (before.invitedAt === null && !isNew(user))
      throw new ExpectedError('user_exists', { email: user.email })
    requireWithin(giverOf(actor), before)
  }

  async #put(
    trx: SiteTrx,
    of: { user: UserRow; given: Given; name: string | null; isInvited: boolean },
  ): Promise<void> {
    const { user, given, name, isInvited } = of
    const { tenantId, roleId, reach, groupIds } = given
    const now = this.#dependencies.clock.now()
    const invited = isInvited ? { invitedAt: now, invitedName: name } : { invitedAt: null, invitedName: null }
    const row = { userId: user.id, tenantId, roleId, reach, createdAt: now, ...invited }
    await putMembership(trx, row, groupIds)
  }

  async #insert(
    trx: SiteTrx,
    user: { id: string; email: string; name: string; siteAdmin?: 1 },
  ): Promise<UserRow> {
    await insertUser(trx, {
      siteAdmin: 0,
      ...user,
      passwordHash: null,
      state: 'invited',
      createdAt: this.#dependencies.clock.now(),
    })
    return trx.selectFrom('users').selectAll().where('id', '=', user.id).executeTakeFirstOrThrow()
  }

  /** @throws ExpectedError `tenant_unknown`, `not_found`, `groups_required` */
  async #given(actor: Actor, tenant: string | undefined, input: MembershipInput): Promise<Given> {
    const { db, tenants, roles } = this.#dependencies
    const scope = scopeOf(actor)
    const tenantId = (await tenants.resolve(scope, tenant)).id
    const { id: roleId, permissions } = await roles.ofTenant(db, tenantId, input.role)
    const { reach } = input
    const groupIds = reach === 'groups' ? [...new Set(input.groups)] : []
    if (reach === 'groups' && groupIds.length === 0) throw new ExpectedError('groups_required')
    for (const id of groupIds) {
      const isThere = tenants.groups.get(id)?.tenantId === tenantId
      const isSeen = scope.all || scope.within === null || scope.within.groupIds.has(id)
      if (!isThere || !isSeen) throw new ExpectedError('not_found', { what: 'group', id })
    }
    return { tenantId, permissions, reach, groupIds, roleId }
  }
}

/** What a membership would give somebody: what belongs to them there already, too. */
async function withGateways(trx: SiteTrx, userId: string, given: Given): Promise<Rights> {
  const gateways = await gatewaysOf(trx, [userId])
  return { ...given, ownGateways: gateways.filter(({ tenantId }) => tenantId === given.tenantId) }
}

function describe({ roleId, reach, groupIds }: Pick<Given, 'roleId' | 'reach' | 'groupIds'>) {
  return { role: roleId, reach, ...(reach === 'groups' && { groups: [...groupIds] }) }
}

function conflict({ user, own, veiled, state }: SeenUser, action: string) {
  return { name: (veiled ? own?.invitedName : null) ?? user.name, state, action }
}
