import { ExpectedError } from '#contract/errors.ts'
import type { Actor } from '#features/access/index.ts'

/** At a time: on the site, and of one caller. */
const ALL = 200
const OF_ONE = 6

/** How many look at topics at a time. */
export class WatcherLimits {
  readonly #byCaller = new Map<string, number>()
  #all = 0

  /** @returns what to call, once, when it is over @throws ExpectedError `too_many_watchers` */
  enter(actor: Actor): () => void {
    const caller =
      actor.kind === 'user' || actor.kind === 'api_key' ? `${actor.kind} ${actor.id}` : actor.kind
    const ofOne = this.#byCaller.get(caller) ?? 0
    if (this.#all >= ALL) throw new ExpectedError('too_many_watchers', { limit: ALL })
    if (ofOne >= OF_ONE) throw new ExpectedError('too_many_watchers', { limit: OF_ONE })
    this.#all += 1
    this.#byCaller.set(caller, ofOne + 1)
    return () => {
      this.#all -= 1
      const left = (this.#byCaller.get(caller) ?? 1) - 1
      if (left > 0) this.#byCaller.set(caller, left)
      else this.#byCaller.delete(caller)
    }
  }
}
