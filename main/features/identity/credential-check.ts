import { ExpectedError } from '#contract/errors.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { networkOf } from '#platform/limits/network-of.ts'
import { emailKey } from './email.ts'
import * as repository from './identity.repository.ts'
import { userById } from './memberships.repository.ts'
import type { PasswordHashes } from './password-hashes.ts'
import type { SecondFactors } from './second-factor/second-factors.ts'
import { type Attempt, SignInGuard } from './sign-in-guard.ts'

/** ms. */
export const ONE_TIME_PASSWORD_LASTS = 72 * 3_600_000

/** What a person shows to sign in: by e-mail address or user name. */
export interface Credentials {
  email?: string | undefined
  username?: string | undefined
  password: string
  /** Of their second factor, where they have one. */
  code?: string | undefined
}

export interface PasswordAndCode {
  password: string
  code?: string | undefined
}

/** Where a call comes from. */
export interface Caller {
  address: string
  userAgent: string
}

export interface CredentialCheckDependencies {
  db: SiteDb
  clock: Clock
  hashes: PasswordHashes
  secondFactors: Pick<SecondFactors, 'require'>
}

/**
 * The one check of passwords, whatever is opened with it: limits first, then the password, then the second factor. An
 * unknown name, a wrong password and a suspended account cost the same time and read the same.
 */
export class CredentialCheck {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #hashes: PasswordHashes
  readonly #secondFactors: Pick<SecondFactors, 'require'>
  readonly #guard: SignInGuard

  constructor({ db, clock, hashes, secondFactors }: CredentialCheckDependencies) {
    this.#db = db
    this.#clock = clock
    this.#hashes = hashes
    this.#secondFactors = secondFactors
    this.#guard = new SignInGuard(clock)
  }

  /**
   * @throws ExpectedError `wrong_credentials`, `account_locked`, `too_many_requests`, and once the password was right
   * `second_factor_required`, `second_factor_wrong`
   */
  async verify(given: Credentials, from: Caller, audit: AuditDraft): Promise<repository.User> {
    const name = signInName(given)
    const known = await repository.userBySignInName(this.#db, name)
    audit.about('user', known?.id ?? 'unknown', null)
    return this.#guard.run(this.#attempt(known?.id ?? `unknown ${name}`, from), async () => {
      // Anew: it may have waited for its turn.
      const user = await userById(this.#db, known?.id ?? '')
      const matches = await this.#hashes.matches(user?.passwordHash ?? null, given.password)
      if (user === undefined || !matches || user.state !== 'active' || this.#isTooOld(user))
        throw new ExpectedError('wrong_credentials')
      await this.#secondFactors.require(user.id, given.code)
      return user
    })
  }

  /**
   * Whether whoever is signed in knows the password, as what is dear asks again; counted like signing in.
   * @throws ExpectedError `wrong_credentials`, `account_locked`, `too_many_requests`, `password_none`
   */
  confirm(userId: string, password: string, from: Caller): Promise<void> {
    return this.guarded(userId, from, () => this.#requirePassword(userId, password))
  }

  /**
   * The same, and the second factor of those who have one.
   * @throws ExpectedError as `confirm`, and `second_factor_required`, `second_factor_wrong`
   */
  confirmBoth(userId: string, { password, code }: PasswordAndCode, from: Caller): Promise<void> {
    return this.guarded(userId, from, async () => {
      await this.#requirePassword(userId, password)
      await this.#secondFactors.require(userId, code)
    })
  }

  async #requirePassword(userId: string, password: string): Promise<void> {
    const user = await userById(this.#db, userId)
    if (user !== undefined && user.passwordHash === null) throw new ExpectedError('password_none')
    if (!(await this.#hashes.matches(user?.passwordHash ?? null, password)))
      throw new ExpectedError('wrong_credentials')
  }

  /** Another check of a person's secret, under the same limits; its failures are told by the codes of `SignInGuard`. */
  guarded<T>(userId: string, from: Caller, check: () => Promise<T>): Promise<T> {
    return this.#guard.run(this.#attempt(userId, from), check)
  }

  /** A password that somebody else gave is for a first sign-in soon. */
  #isTooOld({ mustChangePassword, passwordChangedAt }: repository.User): boolean {
    return mustChangePassword === 1 && (passwordChangedAt ?? 0) + ONE_TIME_PASSWORD_LASTS <= this.#clock.now()
  }

  /** Who is locked after failed sign-ins, and until when, ms: at some address, by account. */
  locks(): Map<string, number> {
    return this.#guard.locks()
  }

  /** Forgets the failed sign-ins of an account. */
  unlock(userId: string): void {
    this.#guard.unlock(userId)
  }

  /** Attempts refused since start because there were too many. */
  get limited(): number {
    return this.#guard.limited
  }

  #attempt(account: string, { address }: Caller): Attempt {
    const isUsualPlace = () => repository.signedInFrom(this.#db, account, networkOf(address))
    return { account, address, isUsualPlace }
  }
}

/** The one spelling that people are found by. */
function signInName({ email, username }: Credentials): string {
  return emailKey(email ?? username ?? '')
}
