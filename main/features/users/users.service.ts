import type { Entry, User } from '#contract/api/users.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, isOfSite, scopeOf } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { eraseSecondFactor } from '#features/identity/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { type AccountChange, creatorOf } from './account.ts'
import { type DepartureEffects, deleteAccountIn } from './departure.ts'
import { voidInvitations } from './invitations.repository.ts'
import type { InvitationsService, PreparedEntry } from './invitations.service.ts'
import { renameInvited } from './memberships.repository.ts'
import type { MembershipsService } from './memberships.service.ts'
import { requireWholeSite } from './rights.ts'
import { type SeenUser, seeUser, type ViewDependencies, viewUsers } from './user-view.ts'
import {
  deleteSessions,
  isNew,
  listUsers,
  otherSiteAdmins,
  type UserFilter,
  updateUser,
} from './users.repository.ts'

export interface UsersDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: Pick<TenantsService, 'resolve' | 'groups'>
  memberships: MembershipsService
  invitations: InvitationsService
  departures: DepartureEffects
  locks(): Map<string, number>
  unlock(userId: string): void
  sessionEnded(sessionId: string): void
  changed(change: AccountChange): void
}

/** What a change did, to be followed once it is on disk. */
interface Done {
  endedSessions?: string[]
  what?: AccountChange['what']
}

/** Accounts: who is on this site, and what an administrator may do to them. */
export class UsersService {
  readonly #dependencies: UsersDependencies
  readonly #view: ViewDependencies

  constructor(dependencies: UsersDependencies) {
    this.#dependencies = dependencies
    const { db, tenants, locks } = dependencies
    this.#view = { db, groups: tenants.groups, locks }
  }

  /** @throws ExpectedError `tenant_unknown`, `cursor_invalid` */
  async list(
    actor: Actor,
    {
      tenant,
      after,
      ...filter
    }: Omit<UserFilter, 'tenantId' | 'after'> & { tenant?: string | undefined; after?: string | undefined },
  ): Promise<{ users: User[]; next: string | null }> {
    const { db, clock, tenants } = this.#dependencies
    const scope = scopeOf(actor)
    const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const asked = { ...filter, tenantId, after: after === undefined ? null : fromCursor(after) }
    const rows = await listUsers(db, scope, isOfSite(actor), { ...asked, limit: filter.limit + 1 })
    const page = rows.slice(0, filter.limit)
    const last = page.at(-1)
    return {
      users: await viewUsers(this.#view, actor, page, clock.now()),
      next: rows.length > page.length && last ? toCursor(last.email) : null,
    }
  }

  /** @throws ExpectedError `not_found` */
  async show(actor: Actor, userId: string): Promise<User> {
    const { db, clock } = this.#dependencies
    const { user } = await seeUser(db, actor, userId)
    const [view] = await viewUsers(this.#view, actor, [user], clock.now())
    if (view === undefined) throw new Error('one row has one view')
    return view
  }

  /** @throws ExpectedError see `users.update` of the contract */
  update(
    actor: Actor,
    userId: string,
    changes: { name?: string | undefined; siteAdmin?: boolean | undefined },
    audit: AuditDraft,
  ): Promise<User> {
    return this.#change(actor, userId, audit, async (trx, seen) => {
      const { user, own, veiled, state } = seen
      const { name, siteAdmin } = changes
      const isAdmin = user.siteAdmin === 1
      audit.details = siteAdmin === undefined ? {} : { before: { siteAdmin: isAdmin }, after: { siteAdmin } }
      if (name !== undefined) audit.personal({ before: { name: nameOf(seen) }, after: { name } })
      requireCovered(seen)
      if (name !== undefined) {
        if (own) await renameInvited(trx, userId, own.tenantId, name)
        if (!veiled || ownsAccount(seen)) await updateUser(trx, userId, { name })
      }
      if (siteAdmin === undefined || siteAdmin === isAdmin) return {}
      requireWholeSite(actor)
      if (siteAdmin && state !== 'active') throw conflict(seen, 'made an administrator')
      if (!siteAdmin) await this.#requireAnother(trx, userId)
      await updateUser(trx, userId, { siteAdmin: siteAdmin ? 1 : 0, siteAdminProviderId: null })
      await voidInvitations(trx, userId, null)
      return { what: 'rights' as const }
    })
  }

  /** Cuts a person off: their sessions end, and whatever follows the change ends their credentials. */
  suspend(actor: Actor, userId: string, reason: string | undefined, audit: AuditDraft): Promise<User> {
    return this.#change(actor, userId, audit, async (trx, seen) => {
      audit.details = { reason: reason ?? null }
      this.#requireAccount(actor, seen, 'active', 'suspended')
      await this.#requireAnother(trx, userId)
      await updateUser(trx, userId, { state: 'suspended' })
      await voidInvitations(trx, userId, null)
      return { endedSessions: await deleteSessions(trx, userId), what: 'suspended' as const }
    })
  }

  resume(actor: Actor, userId: string, audit: AuditDraft): Promise<User> {
    return this.#change(actor, userId, audit, async (trx, seen) => {
      this.#requireAccount(actor, seen, 'suspended', 'resumed')
      await updateUser(trx, userId, { state: 'active' })
      return { what: 'resumed' as const }
    })
  }

  async unlock(actor: Actor, userId: string, audit: AuditDraft): Promise<User> {
    // Locks are in memory: of an account at an address.
    await this.#change(actor, userId, audit, async (_, seen) => {
      this.#requireAccount(actor, seen, 'active', 'unlocked')
      return {}
    })
    this.#dependencies.unlock(userId)
    return this.show(actor, userId)
  }

  /** A new link or one-time password: of the invitation where that was not taken yet, else of the account. */
  async reset(
    actor: Actor,
    userId: string,
    how: Entry['how'],
    audit: AuditDraft,
  ): Promise<{ user: User; entry: PreparedEntry }> {
    const { invitations, memberships, unlock } = this.#dependencies
    const entry = await invitations.prepare(how)
    const user = await this.#change(actor, userId, audit, async (trx, seen) => {
      audit.details = { how }
      if (seen.state === 'invited') {
        requireCovered(seen)
        const [only, ...more] = seen.memberships
        const tenantId = seen.own?.tenantId ?? (more.length === 0 ? only?.tenantId : null) ?? null
        await memberships.openIn(trx, actor, { ...seen, tenantId }, entry)
        return {}
      }
      this.#requireAccount(actor, seen, 'active', 'reset')
      const { passwordHash } = entry
      const now = this.#dependencies.clock.now()
      const given = passwordHash === null ? {} : { mustChangePassword: 1 as const, passwordChangedAt: now }
      await updateUser(trx, userId, { passwordHash, ...given })
      if (passwordHash === null)
        await invitations.issue(trx, entry, {
          userId,
          tenantId: null,
          kind: 'reset',
          createdById: creatorOf(actor),
        })
      else await voidInvitations(trx, userId, null)
      return { endedSessions: await deleteSessions(trx, userId) }
    })
    unlock(userId)
    return { user, entry }
  }

  removeSecondFactor(actor: Actor, userId: string, audit: AuditDraft): Promise<User> {
    return this.#change(actor, userId, audit, async (trx, seen) => {
      this.#requireAccount(actor, seen, 'active', 'without a second factor')
      const isThere = await eraseSecondFactor(trx, userId)
      if (!isThere) throw conflict(seen, 'without a second factor')
      return { endedSessions: await deleteSessions(trx, userId) }
    })
  }

  /** The account, or, where it has rights that the caller does not see, what it has in the caller's tenant. */
  async delete(actor: Actor, userId: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log, memberships, departures } = this.#dependencies
    const departure = await db.transaction().execute(async (trx) => {
      const seen = await this.#seen(trx, actor, userId, audit)
      const { own } = seen
      if (actor.kind === 'user' && actor.id === userId) throw new ExpectedError('not_yourself')
      const isWhole = seen.covered && (isOfSite(actor) || ownsAccount(seen))
      if (!isWhole) {
        if (own === undefined) throw new ExpectedError('account_beyond')
        const deleted = await memberships.removeIn(trx, actor, { seen, tenantId: own.tenantId }, audit)
        await log.recordIn(trx, audit)
        return deleted
      }
      await this.#requireAnother(trx, userId)
      const deleted = await deleteAccountIn(trx, userId, departures)
      await log.recordIn(trx, audit)
      return deleted
    })
    await memberships.follow(userId, departure)
  }

  async #change(
    actor: Actor,
    userId: string,
    audit: AuditDraft,
    change: (trx: SiteTrx, seen: SeenUser) => Promise<Done>,
  ): Promise<User> {
    const { db, audit: log } = this.#dependencies
    const done = await db.transaction().execute(async (trx) => {
      const seen = await this.#seen(trx, actor, userId, audit)
      const result = await change(trx, seen)
      await log.recordIn(trx, audit)
      return result
    })
    this.#follow(userId, done)
    return this.show(actor, userId)
  }

  async #seen(trx: SiteTrx, actor: Actor, userId: string, audit: AuditDraft): Promise<SeenUser> {
    audit.about('user', userId, tenantOf(actor))
    const seen = await seeUser(trx, actor, userId)
    audit.personal({ email: seen.user.email, name: nameOf(seen) })
    return seen
  }

  /** @throws ExpectedError `account_beyond`, `not_yourself`, `user_state_conflict` */
  #requireAccount(actor: Actor, seen: SeenUser, state: User['state'], action: string): void {
    requireCovered(seen)
    if (actor.kind === 'user' && actor.id === seen.user.id) throw new ExpectedError('not_yourself')
    if (seen.state !== state) throw conflict(seen, action)
  }

  /** A site is never without somebody who administers it. @throws ExpectedError `last_site_admin` */
  async #requireAnother(trx: SiteTrx, userId: string): Promise<void> {
    const row = await trx
      .selectFrom('users')
      .select(['siteAdmin', 'state'])
      .where('id', '=', userId)
      .executeTakeFirst()
    if (row?.siteAdmin !== 1 || row.state !== 'active') return
    if ((await otherSiteAdmins(trx, userId)) === 0) throw new ExpectedError('last_site_admin')
  }

  #follow(userId: string, { endedSessions = [], what }: Done): void {
    for (const id of endedSessions) this.#dependencies.sessionEnded(id)
    if (what !== undefined) this.#dependencies.changed({ userId, what })
  }
}

/** @throws ExpectedError `account_beyond` */
function requireCovered({ covered }: SeenUser): void {
  if (!covered) throw new ExpectedError('account_beyond')
}

/** Whether the account is nothing but what the caller's tenant made it. */
function ownsAccount({ user, own, memberships }: SeenUser): boolean {
  const isAlone = own !== undefined && memberships.length === 1 && user.siteAdmin === 0
  return isAlone && (own.invitedAt === null || isNew(user))
}

function conflict(seen: SeenUser, action: string): ExpectedError {
  return new ExpectedError('user_state_conflict', { name: nameOf(seen), state: seen.state, action })
}

function nameOf({ user, own, veiled }: SeenUser): string {
  return (veiled ? own?.invitedName : null) ?? user.name
}

/** Where the entry of the audit belongs: people of the tenant see it. */
function tenantOf(actor: Actor): string | null {
  const scope = scopeOf(actor)
  return scope.all ? null : scope.tenantId
}

function toCursor(email: string): string {
  return Buffer.from(email).toString('base64url')
}

function fromCursor(cursor: string): string {
  const email = Buffer.from(cursor, 'base64url').toString()
  if (!email.includes('@')) throw new ExpectedError('cursor_invalid')
  return email
}
