import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'

const MINUTE = 60_000
/** A box signs within so many minutes. */
const LIFE = 5

/**
 * A box proves that it has a key by a certificate request that holds a challenge made for that key: only who has the key can sign
 * one. Nothing is kept for a challenge that nobody answers, and none counts twice.
 */
export class KeyChallenges {
  readonly #key = randomBytes(32)
  readonly #used = new AttemptLimit(1, (LIFE + 1) * MINUTE)

  /** 32 characters for `challengePassword` of a request. */
  make(publicKeyHash: string, now: number): string {
    return this.#of(publicKeyHash, Math.floor(now / MINUTE))
  }

  /** Whether this answers a challenge of the last minutes that was not answered yet; it is from now on. */
  take(publicKeyHash: string, given: string | null, now: number): boolean {
    if (given === null) return false
    const minute = Math.floor(now / MINUTE)
    const isRight = Array.from({ length: LIFE }, (_, ago) => this.#of(publicKeyHash, minute - ago)).some(
      (expected) => isSame(expected, given),
    )
    if (!isRight || this.#used.wait(given, now) > 0) return false
    this.#used.fail(given, now)
    return true
  }

  #of(publicKeyHash: string, minute: number): string {
    return createHmac('sha256', this.#key).update(`${publicKeyHash} ${minute}`).digest('hex').slice(0, 32)
  }
}

function isSame(expected: string, given: string): boolean {
  const bytes = Buffer.from(given)
  return bytes.length === expected.length && timingSafeEqual(Buffer.from(expected), bytes)
}
