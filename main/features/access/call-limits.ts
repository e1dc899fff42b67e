import { ExpectedError } from '#contract/errors.ts'
import { type HttpLimits, httpLimitsDefault } from '#contract/model/http-limits.ts'
import type { Actor } from './actor.ts'

/** Callers that are remembered; the one that called longest ago is forgotten first, and begins anew. */
const MOST_CALLERS = 10_000

/** How many calls were sent away since start, by what they were counted by. */
export interface LimitedCalls {
  address: number
  caller: number
  sign_in: number
}

/**
 * How often one person or API key may call, over every transport: a token bucket each, in memory. Whoever owns the
 * data folder is not counted, nor is who has not signed in: their address is.
 */
export class CallLimits {
  readonly #callers = new Map<string, { tokens: number; at: number }>()
  readonly limited = { address: 0, caller: 0 }
  /** Those of now; changed from the settings. */
  limits: HttpLimits = httpLimitsDefault

  /** @param now ms, of a clock that never goes back @throws ExpectedError `too_many_requests` */
  take(actor: Actor, now = performance.now()): void {
    if (actor.kind !== 'user' && actor.kind !== 'api_key') return
    const { callsPerSecond, callBurst } = this.limits
    const key = `${actor.kind} ${actor.id}`
    const { tokens, at } = this.#callers.get(key) ?? { tokens: callBurst, at: now }
    const filled = Math.min(callBurst, tokens + ((now - at) / 1000) * callsPerSecond)
    this.#callers.delete(key)
    this.#callers.set(key, { tokens: filled < 1 ? filled : filled - 1, at: now })
    this.#forgetOldest()
    if (filled >= 1) return
    this.limited.caller++
    throw new ExpectedError('too_many_requests', { seconds: Math.ceil((1 - filled) / callsPerSecond) })
  }

  #forgetOldest(): void {
    if (this.#callers.size <= MOST_CALLERS) return
    const oldest = this.#callers.keys().next().value
    if (oldest !== undefined) this.#callers.delete(oldest)
  }
}
