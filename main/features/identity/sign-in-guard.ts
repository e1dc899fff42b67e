import { ExpectedError } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'
import { FairTurns } from '#platform/limits/fair-turns.ts'
import { isLoopback, networkOf, plainAddress } from '#platform/limits/network-of.ts'

const MINUTE = 60_000

/** Failures that are allowed within a time, ms. */
export const signInLimits = {
  /** Of one account from one address: nobody else's failures lock a person out. */
  accountAtAddress: [5, 15 * MINUTE],
  /** Of one address, whatever the accounts. */
  address: [20, 10 * MINUTE],
  /** Of all addresses that one machine can take; where the person usually is, this does not count. */
  network: [200, 10 * MINUTE],
  /** Of one account from everywhere (NIST SP 800-63B 5.2.2); from then on one failure is enough, save where they are. */
  account: [100, 60 * MINUTE],
  /** Checks that wait for their turn: Argon2id of each takes 19 MiB and a core. */
  waiting: { most: 128, mostOfKey: 8 },
} as const

/** Where a person signed in before they are checked before all who only try, as long as they do not fail often. */
const USUAL = 10

/** What an attempt is counted by. */
export interface Attempt {
  address: string
  /** The account's id; for one that does not exist its name, so that both are treated alike. */
  account: string
  /** Whether the person signed in from there before. */
  isUsualPlace(): Promise<boolean>
}

/**
 * Bounds guessing and the work it costs. Everything is in memory and bounded, counts accounts that do not exist like
 * those that do, and refuses before a password is hashed. A lock is of an account at an address, so that an attacker
 * cannot keep a person out who signs in elsewhere; checks of addresses that failed least come first, and before them those
 * of where a person usually is.
 */
export class SignInGuard {
  readonly #clock: Clock
  readonly #pairs = new AttemptLimit(...signInLimits.accountAtAddress, 50_000)
  readonly #addresses = new AttemptLimit(...signInLimits.address, 50_000)
  readonly #networks = new AttemptLimit(...signInLimits.network)
  readonly #accounts = new AttemptLimit(...signInLimits.account)
  readonly #turns = new FairTurns(signInLimits.waiting)
  /** Attempts refused since start without their secret having been looked at. */
  limited = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Runs a check of a password or a code when it is its turn. `wrong_credentials` and `second_factor_wrong` of it count
   * as failures; anything else does not.
   * @throws ExpectedError `too_many_requests`, `account_locked`, and what the check throws
   */
  async run<T>(attempt: Attempt, check: () => Promise<T>): Promise<T> {
    let isChecked = false
    try {
      return await this.#run(attempt, () => {
        isChecked = true
        return check()
      })
    } finally {
      if (!isChecked) this.limited++
    }
  }

  async #run<T>(attempt: Attempt, check: () => Promise<T>): Promise<T> {
    await this.#require(attempt)
    const address = plainAddress(attempt.address)
    const isUsual = isLoopback(address) || (await attempt.isUsualPlace())
    const rank = this.#addresses.count(address, this.#clock.now()) - (isUsual ? USUAL : 0)
    const turn = await this.#turns.take({ key: address, rank }, async () => {
      // Others of the same may have failed while it waited.
      await this.#require(attempt)
      try {
        const value = await check()
        this.#pairs.clear(pairOf(attempt))
        return value
      } catch (error) {
        if (error instanceof ExpectedError && failures.has(error.code)) this.#fail(attempt)
        throw error
      }
    })
    if (turn === null) throw new ExpectedError('too_many_requests', { seconds: 5 })
    return turn.value
  }

  async #require(attempt: Attempt): Promise<void> {
    const now = this.#clock.now()
    const ofAddress = this.#addresses.wait(plainAddress(attempt.address), now)
    if (ofAddress > 0) throw tooMany(ofAddress)
    const ofPair = this.#pairs.wait(pairOf(attempt), now)
    if (ofPair > 0) throw locked(now + ofPair)
    const ofNetwork = this.#networks.wait(networkOf(attempt.address), now)
    const ofAccount = this.#accounts.wait(attempt.account, now)
    // A place that never failed may still try, once: many guesses of others lock nobody out who knows the password.
    const isClean = ofNetwork === 0 && this.#pairs.count(pairOf(attempt), now) === 0
    if (isClean || (ofNetwork === 0 && ofAccount === 0)) return
    if (isLoopback(attempt.address) || (await attempt.isUsualPlace())) return
    throw ofNetwork > 0 ? tooMany(ofNetwork) : locked(now + ofAccount)
  }

  /** By account, until when it is locked at the address where that lasts longest, ms. */
  locks(): Map<string, number> {
    const now = this.#clock.now()
    const found = new Map<string, number>()
    for (const pair of this.#pairs.keys()) {
      const wait = this.#pairs.wait(pair, now)
      const account = pair.slice(0, pair.lastIndexOf(' '))
      if (wait > 0) found.set(account, Math.max(found.get(account) ?? 0, now + wait))
    }
    return found
  }

  /** Forgets the failures of an account, wherever they came from. */
  unlock(account: string): void {
    for (const pair of this.#pairs.keys()) if (pair.startsWith(`${account} `)) this.#pairs.clear(pair)
    this.#accounts.clear(account)
  }

  #fail(attempt: Attempt): void {
    const now = this.#clock.now()
    this.#pairs.fail(pairOf(attempt), now)
    this.#addresses.fail(plainAddress(attempt.address), now)
    this.#networks.fail(networkOf(attempt.address), now)
    this.#accounts.fail(attempt.account, now)
  }
}

const failures = new Set(['wrong_credentials', 'second_factor_wrong'])

function pairOf({ account, address }: Attempt): string {
  return `${account} ${plainAddress(address)}`
}

function tooMany(wait: number): ExpectedError {
  return new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1000) })
}

function locked(until: number): ExpectedError {
  return new ExpectedError('account_locked', { until: new Date(until).toISOString() })
}
