import { createHash, randomBytes } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, anonymous, auditActor } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'
import type { Log } from '#platform/log/log.ts'
import { normalizeEmail } from './email.ts'
import * as repository from './identity.repository.ts'
import type { PasswordHashes } from './password-hashes.ts'
import { checkPassword } from './password-policy.ts'
import { UnknownAccounts } from './unknown-accounts.ts'

const MINUTE = 60_000
/** A session ends after this much idle time, or a week after signing in. */
const IDLE = 12 * 60 * MINUTE
const LONGEST = 7 * 24 * 60 * MINUTE
/** A live session's expiry is written at most this often. */
const TOUCH = 5 * MINUTE
const lock = { after: 5, lasts: 15 * MINUTE }

export interface NewAdministrator {
  email: string
  name?: string | undefined
  password: string
}

export interface SignedIn {
  actor: Actor
  token: string
  /** ms: when it ends however much it is used. */
  expiresAt: number
}

export interface IdentityDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  hashes: PasswordHashes
  audit: AuditService
}

/** People and their sessions: a 256-bit random token in the browser, only its SHA-256 in the store. */
export class IdentityService {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #hashes: PasswordHashes
  readonly #audit: AuditService
  readonly #log: Log
  /** Twenty failures from one address in ten minutes, whatever the names. */
  readonly #byAddress = new AttemptLimit(20, 10 * MINUTE)
  readonly #unknown = new UnknownAccounts(lock)
  /** Many tries at once would all be counted as the first one, and Argon2id of each would take all the memory. */
  readonly #inTurn = oneAtATime()
  readonly sessionEnded: Topic<{ tokenHash: string }>

  constructor(dependencies: IdentityDependencies) {
    this.#db = dependencies.db
    this.#clock = dependencies.clock
    this.#hashes = dependencies.hashes
    this.#audit = dependencies.audit
    this.#log = dependencies.log
    this.sessionEnded = new Topic((err) => this.#log.error({ err }, 'a session that ended was not followed'))
  }

  /** @throws ExpectedError `email_invalid`, `password_too_short`, `password_too_common` */
  checkAdministrator(admin: NewAdministrator, siteName: string): void {
    checkPassword(admin.password, { email: normalizeEmail(admin.email), siteName })
  }

  /** Checks and hashes before a transaction is open. @throws ExpectedError `email_invalid`, `password_too_short`, `password_too_common` */
  async prepareAdministrator(admin: NewAdministrator, siteName: string) {
    const email = normalizeEmail(admin.email)
    checkPassword(admin.password, { email, siteName })
    return {
      id: uuid7(this.#clock.now()),
      email,
      name: admin.name || (email.split('@')[0] ?? email),
      passwordHash: await this.#hashes.make(admin.password),
      role: 'site_admin' as const,
      tenantId: null,
      createdAt: this.#clock.now(),
      lastLoginAt: null,
      lockedUntil: null,
    }
  }

  insertAdministrator(trx: SiteTrx, user: Awaited<ReturnType<IdentityService['prepareAdministrator']>>) {
    return repository.insertUser(trx, user)
  }

  /**
   * Signs in. An unknown address, a wrong password and a locked account cost the same time; a lock ends by
   * itself, so that an attacker cannot keep the administrator out.
   * @throws ExpectedError `wrong_credentials`, `account_locked`, `too_many_requests`
   */
  login(input: Credentials, from: Caller, audit: AuditDraft): Promise<SignedIn> {
    return this.#inTurn(() => this.#login(input, from, audit))
  }

  async #login(input: Credentials, from: Caller, audit: AuditDraft): Promise<SignedIn> {
    const now = this.#clock.now()
    const wait = this.#byAddress.wait(from.address, now)
    if (wait > 0) throw new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1000) })
    const email = input.email.trim().normalize('NFKC').toLowerCase()
    const user = await repository.userByEmail(this.#db, email)
    audit.about('user', user?.id ?? 'unknown', user?.tenantId ?? null)
    const matches = await this.#hashes.matches(user?.passwordHash ?? null, input.password)
    const lockedUntil = user ? (user.lockedUntil ?? 0) : this.#unknown.lockedUntil(email)
    if (lockedUntil > now) {
      this.#byAddress.fail(from.address, now)
      throw new ExpectedError('account_locked', { until: new Date(lockedUntil).toISOString() })
    }
    if (!user || !matches) {
      this.#byAddress.fail(from.address, now)
      if (user) await this.#countFailure(user, now)
      else this.#unknown.fail(email, now)
      throw new ExpectedError('wrong_credentials')
    }
    this.#byAddress.clear(from.address)
    return this.#openSession(user, from, audit, now)
  }

  async #countFailure(user: repository.User, now: number): Promise<void> {
    const failedLogins = user.failedLogins + 1
    const isLocked = failedLogins >= lock.after
    await repository.updateUser(this.#db, user.id, {
      failedLogins: isLocked ? 0 : failedLogins,
      lockedUntil: isLocked ? now + lock.lasts : null,
    })
  }

  async #openSession(user: repository.User, from: Caller, audit: AuditDraft, now: number): Promise<SignedIn> {
    const token = randomBytes(32).toString('base64url')
    const actor: Actor = {
      kind: 'user',
      id: user.id,
      name: user.name,
      email: user.email,
      role: user.role,
      tenantId: user.tenantId,
    }
    audit.subject = { ...audit.subject, actor: auditActor(actor) }
    await this.#db.transaction().execute(async (trx) => {
      await repository.insertSession(trx, {
        tokenHash: hashToken(token),
        userId: user.id,
        createdAt: now,
        expiresAt: now + IDLE,
        lastSeenAt: now,
        address: from.address,
        userAgent: from.userAgent.slice(0, 300),
      })
      await repository.updateUser(trx, user.id, { lastLoginAt: now, failedLogins: 0, lockedUntil: null })
      await this.#audit.recordIn(trx, audit)
    })
    await repository.deleteExpiredSessions(this.#db, now)
    return { actor, token, expiresAt: now + LONGEST }
  }

  /** Who holds this token; anonymous when it is unknown or expired. Prolongs a session in use. */
  async resolve(token: string | null): Promise<Actor> {
    if (token === null || token.length > 100) return anonymous
    const now = this.#clock.now()
    const tokenHash = hashToken(token)
    const found = await repository.sessionWithUser(this.#db, tokenHash)
    if (!found || found.expiresAt <= now) return anonymous
    if (now - found.lastSeenAt > TOUCH) await this.#prolong(tokenHash, found.createdAt, now)
    return {
      kind: 'user',
      id: found.id,
      name: found.name,
      email: found.email,
      role: found.role,
      tenantId: found.tenantId,
    }
  }

  async #prolong(tokenHash: string, createdAt: number, now: number): Promise<void> {
    const expiresAt = Math.min(now + IDLE, createdAt + LONGEST)
    try {
      await repository.touchSession(this.#db, tokenHash, { lastSeenAt: now, expiresAt })
    } catch (err) {
      // A full disk must not keep people from seeing that it is full.
      this.#log.warn({ err }, 'a session could not be prolonged')
    }
  }

  /** Ends a session, with its entry in the audit; without one nothing happens and nothing is recorded. */
  async logout(token: string | null, audit: AuditDraft): Promise<void> {
    if (token === null) return audit.nothingChanged()
    const tokenHash = hashToken(token)
    await this.#db.transaction().execute(async (trx) => {
      if (await repository.deleteSession(trx, tokenHash)) await this.#audit.recordIn(trx, audit)
      else audit.nothingChanged()
    })
    this.sessionEnded.emit({ tokenHash })
  }
}

interface Credentials {
  email: string
  password: string
}

interface Caller {
  address: string
  userAgent: string
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
