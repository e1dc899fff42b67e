import type { Account, AccountSession } from '#contract/api/account.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { PersonActor } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'
import * as repository from './account.repository.ts'
import type { Caller } from './credential-check.ts'
import { normalizeEmail } from './email.ts'
import { updateUser } from './identity.repository.ts'
import type { IdentityService } from './identity.service.ts'
import { roleById, userById } from './memberships.repository.ts'
import type { PasswordHashes } from './password-hashes.ts'
import { checkPassword } from './password-policy.ts'
import type { SecondFactors } from './second-factor/second-factors.ts'
import { lockSession, noteActive } from './session-lock.ts'
import type { SignInSettingsService } from './sign-in-settings.ts'
import { normalizeUsername } from './username.ts'

export interface AccountDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  hashes: PasswordHashes
  identity: Pick<IdentityService, 'credentials' | 'sessions'>
  secondFactors: SecondFactors
  settings: SignInSettingsService
  siteName(): string
}

/** Who asks, and from where. */
export interface Asking {
  actor: PersonActor
  from: Caller
  audit: AuditDraft
}

export interface ProfileChanges {
  name?: string | undefined
  username?: string | null | undefined
  email?: string | undefined
  password?: string | undefined
}

/** What people do about their own accounts: profile, password, sessions. Second factors: `AccountFactorService`. */
export class AccountService {
  readonly #dependencies: AccountDependencies
  /** Names of others that were tried: who is signed in shall not find out by this who else is there. */
  readonly #taken = new AttemptLimit(5, 60 * 60_000)

  constructor(dependencies: AccountDependencies) {
    this.#dependencies = dependencies
  }

  async show(userId: string): Promise<Account> {
    const { db, secondFactors } = this.#dependencies
    const user = await this.#user(userId)
    const memberships = await repository.allMemberships(db, userId)
    const groups = await repository.groupsOfMemberships(db, userId)
    const factor = await secondFactors.state(userId)
    return {
      id: user.id,
      name: user.name,
      email: user.email,
      username: user.username,
      createdAt: new Date(user.createdAt),
      lastLoginAt: dateOf(user.lastLoginAt),
      siteAdmin: user.siteAdmin === 1,
      memberships: memberships.map((one) => ({
        tenant: { id: one.tenantId, slug: one.tenantSlug, name: one.tenantName },
        role: one.roleId,
        roleName: one.roleName,
        reach: one.reach,
        groups: groups
          .filter(({ tenantId }) => tenantId === one.tenantId)
          .map(({ id, name }) => ({ id, name })),
        isSuspended: one.tenantState === 'suspended',
      })),
      hasPassword: user.passwordHash !== null,
      passwordChangedAt: dateOf(user.passwordChangedAt),
      secondFactor: {
        since: dateOf(factor.since),
        recoveryCodesLeft: factor.recoveryCodesLeft,
        isRequired: await this.isFactorRequired(userId),
      },
    }
  }

  /** Whether a role of theirs, in any tenant, asks for a second factor. */
  async isFactorRequired(userId: string): Promise<boolean> {
    const { db } = this.#dependencies
    const user = await this.#user(userId)
    if (user.siteAdmin === 1) return (await roleById(db, 'site_admin'))?.secondFactor === 1
    return (await repository.allMemberships(db, userId)).some(({ secondFactor }) => secondFactor === 1)
  }

  /**
   * @throws ExpectedError `email_invalid`, `email_taken`, `username_invalid`, `username_taken`; for a new e-mail address
   * also as `CredentialCheck.confirm`
   */
  async update({ actor, from, audit }: Asking, changes: ProfileChanges): Promise<Account> {
    const { db, audit: log, identity } = this.#dependencies
    const before = await this.#user(actor.id)
    const after = {
      name: changes.name ?? before.name,
      username: changes.username === undefined ? before.username : usernameOf(changes.username),
      email: changes.email === undefined ? before.email : normalizeEmail(changes.email),
    }
    const fields = (['name', 'username', 'email'] as const).filter((field) => before[field] !== after[field])
    if (fields.length === 0) {
      audit.nothingChanged()
      return this.show(actor.id)
    }
    audit.about('user', actor.id, actor.tenantId, { fields })
    if (fields.includes('email')) await identity.credentials.confirm(actor.id, changes.password ?? '', from)
    await db.transaction().execute(async (trx) => {
      await this.#requireFree(trx, actor.id, after)
      await updateUser(trx, actor.id, { ...after, ...(fields.includes('email') && { emailOwn: 1 }) })
      const pick = (of: typeof after) => Object.fromEntries(fields.map((field) => [field, of[field]]))
      await log.recordIn(trx, audit.personal({ before: pick(before), after: pick(after) }, actor.id))
    })
    return this.show(actor.id)
  }

  async #requireFree(
    trx: SiteTrx,
    userId: string,
    { email, username }: { email: string; username: string | null },
  ): Promise<void> {
    const now = this.#dependencies.clock.now()
    const wait = this.#taken.wait(userId, now)
    if (wait > 0) throw new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1000) })
    const others = async (column: 'email' | 'username', value: string | null) => {
      const holder = value === null ? null : await repository.holderOf(trx, column, value)
      return holder !== null && holder !== userId
    }
    const emailTaken = await others('email', email)
    const usernameTaken = await others('username', username)
    if (emailTaken || usernameTaken) this.#taken.fail(userId, now)
    if (emailTaken) throw new ExpectedError('email_taken')
    if (usernameTaken) throw new ExpectedError('username_taken', { username })
  }

  /**
   * Changes the password; every other session of the person ends, and links that would set another one with it.
   * @throws ExpectedError as `CredentialCheck.confirm` and `checkPassword`, and `password_same`
   */
  async changePassword(
    { actor, from, audit }: Asking,
    { current, password }: { current: string; password: string },
  ): Promise<void> {
    const { db, clock, audit: log, hashes, identity, settings, siteName } = this.#dependencies
    audit.about('user', actor.id, actor.tenantId)
    await identity.credentials.confirm(actor.id, current, from)
    const user = await this.#user(actor.id)
    checkPassword(password, { ...user, siteName: siteName() }, settings.current.passwordClasses)
    if (password.normalize('NFKC') === current.normalize('NFKC')) throw new ExpectedError('password_same')
    const passwordHash = await hashes.make(password)
    const passwordChangedAt = clock.now()
    const ended = await db.transaction().execute(async (trx) => {
      await updateUser(trx, actor.id, { passwordHash, passwordChangedAt, mustChangePassword: 0 })
      await trx.deleteFrom('invitations').where('userId', '=', actor.id).where('kind', '=', 'reset').execute()
      const ids = await repository.deleteSessionsOf(trx, actor.id, actor.sessionId)
      audit.details = { sessionsEnded: ids.length }
      await log.recordIn(trx, audit)
      return ids
    })
    for (const sessionId of ended) identity.sessions.ended.emit({ sessionId })
  }

  async sessions({ id, sessionId }: PersonActor): Promise<AccountSession[]> {
    const { db, clock } = this.#dependencies
    const rows = await repository.sessionsOf(db, id, clock.now())
    return rows.map((row) => ({
      ...row,
      createdAt: new Date(row.createdAt),
      lastSeenAt: new Date(row.lastSeenAt),
      expiresAt: new Date(row.expiresAt),
      isThis: row.id === sessionId,
    }))
  }

  /** @throws ExpectedError `not_found`, for a session of somebody else too */
  async endSession({ actor, audit }: Asking, id: string): Promise<void> {
    const { db, audit: log, identity } = this.#dependencies
    audit.about('session', id, actor.tenantId)
    await db.transaction().execute(async (trx) => {
      if (!(await repository.deleteOwnSession(trx, actor.id, id)))
        throw new ExpectedError('not_found', { what: 'session', id })
      await log.recordIn(trx, audit)
    })
    identity.sessions.ended.emit({ sessionId: id })
  }

  /** @returns how many ended */
  async signOutEverywhere({ actor, audit }: Asking, thisToo: boolean): Promise<number> {
    const { db, audit: log, identity } = this.#dependencies
    const ended = await db.transaction().execute(async (trx) => {
      const ids = await repository.deleteSessionsOf(trx, actor.id, thisToo ? null : actor.sessionId)
      await log.recordIn(
        trx,
        audit.about('user', actor.id, actor.tenantId, { sessionsEnded: ids.length, thisToo }),
      )
      return ids
    })
    for (const sessionId of ended) identity.sessions.ended.emit({ sessionId })
    return ended.length
  }

  /** A person is at the session: it does not lock. */
  async active({ sessionId }: PersonActor): Promise<void> {
    await noteActive(this.#dependencies.db, sessionId, this.#dependencies.clock.now())
  }

  async lock({ actor, audit }: Asking): Promise<void> {
    const { db, clock, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      await lockSession(trx, actor.sessionId, clock.now())
      await log.recordIn(trx, audit.about('session', actor.sessionId, actor.tenantId))
    })
  }

  async #user(userId: string) {
    const user = await userById(this.#dependencies.db, userId)
    // It was deleted while its call ran.
    if (user === undefined) throw new ExpectedError('not_signed_in')
    return user
  }
}

function dateOf(at: number | null): Date | null {
  return at === null ? null : new Date(at)
}

function usernameOf(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : normalizeUsername(text)
}
