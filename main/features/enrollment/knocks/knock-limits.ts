import { ExpectedError } from '#contract/errors.ts'
import { networkOf } from '#platform/limits/network-of.ts'

interface Rate {
  /** Sustained. */
  perSecond: number
  burst: number
}

/** What boxes without a name may ask of a site. A box polls every 30 s; a plant's boxes may stand behind one router. */
export const knockRates = {
  /** Any request of one network: a full network polls 67 times a second. */
  requestsOfNetwork: { perSecond: 100, burst: 3_000 },
  requests: { perSecond: 1_000, burst: 10_000 },
  newOfNetwork: { perSecond: 20, burst: 2_000 },
  /** In the half minute before its first poll a box must not be pushed out: fewer come meanwhile than may wait. */
  new: { perSecond: 100, burst: 4_000 },
} as const satisfies Record<string, Rate>

/** Networks that are remembered; one that asked long ago is forgotten first. */
const MOST_NETWORKS = 10_000

/** How often boxes may knock and ask, in all and of one network; in memory. */
export class KnockLimits {
  readonly #requests = new Buckets(knockRates.requests)
  readonly #requestsOf = new Buckets(knockRates.requestsOfNetwork)
  readonly #new = new Buckets(knockRates.new)
  readonly #newOf = new Buckets(knockRates.newOfNetwork)

  /** Any request of a box. @throws ExpectedError `knocks_too_many` */
  take(address: string, now: number): void {
    this.#take(networkOf(address), now, this.#requestsOf, this.#requests)
  }

  /** A box that was not known. @throws ExpectedError `knocks_too_many` */
  takeNew(network: string, now: number): void {
    this.#take(network, now, this.#newOf, this.#new)
  }

  #take(network: string, now: number, ofNetwork: Buckets, all: Buckets): void {
    const wait = ofNetwork.take(network, now)
    if (wait > 0) throw tooMany('network', wait)
    const waitOfAll = all.take('', now)
    if (waitOfAll > 0) throw tooMany('site', waitOfAll)
  }
}

/** `where`: whose bound it is. `wait` in ms. */
export function tooMany(where: 'network' | 'site', wait: number): ExpectedError {
  return new ExpectedError('knocks_too_many', { where, seconds: Math.max(1, Math.ceil(wait / 1_000)) })
}

/** Token buckets, each kept as the time at which it is full again (ITU-T I.371 annex A). */
class Buckets {
  readonly #interval: number
  readonly #burst: number
  readonly #fullAt = new Map<string, number>()

  constructor({ perSecond, burst }: Rate) {
    this.#interval = 1_000 / perSecond
    this.#burst = burst
  }

  /** Takes a token. @returns ms until there is one; 0: there was */
  take(key: string, now: number): number {
    const limit = now + this.#burst * this.#interval
    // A clock that was set back must not shut boxes out for as long.
    const fullAt = Math.min(Math.max(this.#fullAt.get(key) ?? now, now), limit)
    const next = fullAt + this.#interval
    if (next > limit) return next - limit
    this.#fullAt.delete(key)
    this.#fullAt.set(key, next)
    if (this.#fullAt.size > MOST_NETWORKS) this.#forget(now)
    return 0
  }

  #forget(now: number): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key)
    const oldest = this.#fullAt.keys().next().value
    if (this.#fullAt.size > MOST_NETWORKS && oldest !== undefined) this.#fullAt.delete(oldest)
  }
}
