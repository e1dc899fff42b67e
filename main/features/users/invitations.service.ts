import type { Entry } from '#contract/api/users.ts'
import { ExpectedError } from '#contract/errors.ts'
import { auditActor, type PersonActor } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import {
  type Caller,
  hashToken,
  ONE_TIME_PASSWORD_LASTS,
  type PasswordHashes,
} from '#features/identity/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'
import type { AccountChange } from './account.ts'
import { maskEmail, newLinkToken, newOneTimePassword } from './entry.ts'
import {
  forgetInvitations,
  type InvitationRow,
  insertInvitation,
  invitationByToken,
  spendInvitation,
  voidInvitations,
} from './invitations.repository.ts'
import { membershipsOf, takeMembership } from './memberships.repository.ts'
import { deleteSessions, type UserRow, updateUser, userById } from './users.repository.ts'

const HOUR = 3_600_000
const LASTS = ONE_TIME_PASSWORD_LASTS
/** What has ended is known as such for a month: then it reads like any other unknown link. */
const REMEMBERED = 30 * 24 * HOUR

export interface InvitationsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  hashes: PasswordHashes
  siteName(): string
  /** Where people open links: `https://plant.local:8443`. */
  address(): string
  /** @throws ExpectedError `password_too_short`, `password_too_common` and what else the site asks for */
  checkPassword(password: string, owner: { email: string; name: string }): void
  /** Whether a person knows their password, counted like signing in. @throws ExpectedError `wrong_credentials`, `account_locked`, `too_many_requests` */
  confirm(userId: string, password: string, from: Caller): Promise<void>
  sessionEnded(sessionId: string): void
  changed(change: AccountChange): void
}

/** A link or a one-time password, made before a transaction is open: hashing takes its time. */
export interface PreparedEntry {
  how: Entry['how']
  /** What is shown once. */
  secret: string
  passwordHash: string | null
  expiresAt: number
}

/** Links and one-time passwords by which people come in: each once, and for 72 hours. */
export class InvitationsService {
  readonly #dependencies: InvitationsDependencies
  readonly #inTurn = oneAtATime()
  /** Nobody mistypes a link that often. */
  readonly #guesses = new AttemptLimit(30, HOUR / 6)

  constructor(dependencies: InvitationsDependencies) {
    this.#dependencies = dependencies
  }

  /** The same work whoever it is for, so that time does not tell whether there is an account. */
  async prepare(how: Entry['how']): Promise<PreparedEntry> {
    const expiresAt = this.#dependencies.clock.now() + LASTS
    if (how === 'link') return { how, secret: newLinkToken(), passwordHash: null, expiresAt }
    const secret = newOneTimePassword()
    return { how, secret, passwordHash: await this.#dependencies.hashes.make(secret), expiresAt }
  }

  /** In place of what the person was given before, by the same tenant or, with null, for the account. */
  async issue(
    trx: SiteTrx,
    entry: PreparedEntry,
    of: { userId: string; tenantId: string | null; kind: InvitationRow['kind']; createdById: string | null },
  ): Promise<void> {
    const now = this.#dependencies.clock.now()
    await forgetInvitations(trx, now - REMEMBERED)
    await voidInvitations(trx, of.userId, of.tenantId)
    const { secret, expiresAt } = entry
    const row = { id: uuid7(now), ...of, tokenHash: hashToken(secret), createdAt: now, expiresAt }
    await insertInvitation(trx, row)
  }

  /** For the one answer that shows it. */
  shown({ how, secret, expiresAt }: PreparedEntry): Entry {
    return {
      how,
      // In the fragment, which browsers keep to themselves: no log of any server has it.
      link: how === 'link' ? `${this.#dependencies.address()}/invitation#${secret}` : null,
      oneTimePassword: how === 'one_time_password' ? secret : null,
      expiresAt: new Date(expiresAt),
    }
  }

  /** @throws ExpectedError `invitation_unknown`, `invitation_used`, `invitation_expired`, `too_many_requests` */
  async show(token: string, from: Caller) {
    const { row, user } = await this.#find(token, from)
    return {
      kind: row.kind,
      siteName: this.#dependencies.siteName(),
      maskedEmail: maskEmail(user.email),
      expiresAt: new Date(row.expiresAt),
    }
  }

  /**
   * Takes an invitation, or gives an account a new password. Who has an account already shows its password: then it
   * stays as it is, and has one tenant more.
   * @returns the e-mail address to sign in with
   * @throws ExpectedError the codes of `show`, `invitation_needs_sign_in`, `password_*`
   */
  accept(
    given: { token: string; name?: string | undefined; password: string },
    from: Caller,
    audit: AuditDraft,
  ): Promise<string> {
    return this.#inTurn(async () => {
      const { row, user } = await this.#find(given.token, from)
      audit.about('user', user.id, row.tenantId, { kind: row.kind })
      const isOpening = row.kind === 'reset' || (await this.#opens(row, user))
      if (isOpening) await this.#open(row, user, given, audit)
      else {
        await this.#confirm(user, given.password, from)
        audit.subject = { ...audit.subject, actor: { kind: 'user', id: user.id, name: user.name } }
        await this.#take(row, audit)
      }
      this.#dependencies.changed({ userId: user.id, what: 'rights' })
      return user.email
    })
  }

  /**
   * Takes an invitation with the account that one is signed in with.
   * @throws ExpectedError the codes of `show`, `invitation_of_another`
   */
  async join(
    token: string,
    actor: PersonActor,
    from: Caller,
    audit: AuditDraft,
  ): Promise<{ tenantId: string; tenantName: string }> {
    const { row } = await this.#find(token, from)
    const { tenantId } = row
    if (row.kind !== 'invite' || tenantId === null) throw new ExpectedError('invitation_unknown')
    audit.about('user', row.userId, tenantId, { kind: row.kind })
    audit.subject = { ...audit.subject, actor: auditActor(actor) }
    if (row.userId !== actor.id) throw new ExpectedError('invitation_of_another')
    await this.#take(row, audit)
    this.#dependencies.changed({ userId: actor.id, what: 'rights' })
    const { name } = await this.#dependencies.db
      .selectFrom('tenants')
      .select('name')
      .where('id', '=', tenantId)
      .executeTakeFirstOrThrow()
    return { tenantId, tenantName: name }
  }

  async #find(token: string, { address }: Caller): Promise<{ row: InvitationRow; user: UserRow }> {
    const { db, clock } = this.#dependencies
    const now = clock.now()
    const wait = this.#guesses.wait(address, now)
    if (wait > 0) throw new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1000) })
    // Found by the SHA-256 of what was shown: how long that takes tells nothing of the token.
    const row = await invitationByToken(db, hashToken(token.trim()))
    const user = row && (await userById(db, row.userId))
    if (row === undefined || user === undefined) {
      this.#guesses.fail(address, now)
      throw new ExpectedError('invitation_unknown')
    }
    if (row.usedAt !== null) throw new ExpectedError('invitation_used')
    if (row.expiresAt <= now) throw new ExpectedError('invitation_expired')
    // An account that was suspended meanwhile is opened by nobody.
    if (row.kind === 'reset' && user.state !== 'active') throw new ExpectedError('invitation_unknown')
    return { row, user }
  }

  /**
   * Whether a tenant's link gives the account its first password: only while the account has no rights but those that
   * the tenant gave. Otherwise whoever made the link could get at rights of others.
   */
  async #opens(row: InvitationRow, user: UserRow): Promise<boolean> {
    if (user.state !== 'invited') return false
    if (row.tenantId === null) return true
    const memberships = await membershipsOf(this.#dependencies.db, [user.id])
    return (
      user.siteAdmin === 0 &&
      memberships.every(({ tenantId, invitedAt }) => invitedAt !== null || tenantId === row.tenantId)
    )
  }

  async #open(
    row: InvitationRow,
    user: UserRow,
    given: { name?: string | undefined; password: string },
    audit: AuditDraft,
  ): Promise<void> {
    const { db, clock, audit: log, hashes, checkPassword, sessionEnded } = this.#dependencies
    const name = row.kind === 'reset' ? user.name : (given.name ?? user.name)
    checkPassword(given.password, { email: user.email, name })
    const passwordHash = await hashes.make(given.password)
    audit.subject = { ...audit.subject, actor: { kind: 'user', id: user.id, name } }
    const now = clock.now()
    const ended = await db.transaction().execute(async (trx) => {
      await this.#use(trx, row, now)
      await updateUser(trx, user.id, {
        name,
        passwordHash,
        passwordChangedAt: now,
        mustChangePassword: 0,
        state: 'active',
      })
      await this.#takeIn(trx, row)
      await voidInvitations(trx, user.id, null)
      const sessions = await deleteSessions(trx, user.id)
      await log.recordIn(trx, audit.personal({ email: user.email, name }))
      return sessions
    })
    for (const id of ended) sessionEnded(id)
  }

  async #confirm(user: UserRow, password: string, from: Caller): Promise<void> {
    try {
      await this.#dependencies.confirm(user.id, password, from)
    } catch (error) {
      if (error instanceof ExpectedError && error.code === 'wrong_credentials')
        throw new ExpectedError('invitation_needs_sign_in')
      throw error
    }
    if (user.state !== 'active') throw new ExpectedError('invitation_needs_sign_in')
  }

  async #take(row: InvitationRow, audit: AuditDraft): Promise<void> {
    const { db, clock, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      await this.#use(trx, row, clock.now())
      await this.#takeIn(trx, row)
      // A link that was made while the account gave less must not open what it gives now.
      await voidInvitations(trx, row.userId, null)
      await log.recordIn(trx, audit)
    })
  }

  async #use(trx: SiteTrx, row: InvitationRow, now: number): Promise<void> {
    if (!(await spendInvitation(trx, row.id, now))) throw new ExpectedError('invitation_used')
  }

  /** @throws ExpectedError `invitation_unknown` where it was taken back */
  async #takeIn(trx: SiteTrx, { userId, tenantId }: InvitationRow): Promise<void> {
    if (tenantId === null) return
    const memberships = await membershipsOf(trx, [userId])
    if (!memberships.some((one) => one.tenantId === tenantId)) throw new ExpectedError('invitation_unknown')
    await takeMembership(trx, userId, tenantId)
  }
}
