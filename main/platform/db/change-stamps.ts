import type { Database } from 'better-sqlite3'
import type { Clock } from '#platform/clock/clock.ts'

/** Of a value that nobody has changed since its tenant was shared: whatever the cloud has wins against it. */
export const UNCHANGED = '0000000000000-0000'
/** Before the site has joined. */
export const NO_NODE = '00000000'

const MOST_COUNT = 0xffff
/** Nobody's clock: a stamp beyond it (year 2255) was made up, and following it would use up the digits. */
const LATEST = 9_000_000_000_000
const form = /^(\d{13})-([0-9a-f]{4})-([0-9a-f]{8})$/

/**
 * Hybrid logical clock: stamps of changes that grow with time and with every stamp seen, so that a change made after another
 * one was known is later than it, whatever the clocks of the two sites say. As text `<ms, 13 digits>-<counter, 4 hex
 * digits>-<node, 8 hex digits>`, in order bytewise.
 * Kulkarni and others, "Logical Physical Clocks", 2014.
 */
export class ChangeStamps {
  readonly #clock: Clock
  #ms = 0
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Later than every stamp given or seen before. @param node 8 hex digits: who makes the change */
  next(node: string): string {
    const now = Math.trunc(this.#clock.now())
    if (now > this.#ms && now < LATEST) {
      this.#ms = now
      this.#count = 0
    } else if (this.#count < MOST_COUNT) this.#count++
    else {
      this.#ms++
      this.#count = 0
    }
    return stampOf(this.#ms, this.#count, node)
  }

  /** A change of somebody else: what is changed from now on is later. What is no stamp is passed over. */
  seen(stamp: string): void {
    const [, digits, hex] = form.exec(stamp) ?? []
    if (digits === undefined || hex === undefined) return
    const ms = Number(digits)
    const count = Number.parseInt(hex, 16)
    if (ms >= LATEST || ms < this.#ms || (ms === this.#ms && count <= this.#count)) return
    this.#ms = ms
    this.#count = count
  }
}

export function stampOf(ms: number, count: number, node: string): string {
  return `${String(ms).padStart(13, '0')}-${count.toString(16).padStart(4, '0')}-${node}`
}

/** When a change was made by its stamp, ms; 0 for one that says nothing. */
export function stampTime(stamp: string): number {
  return Number(form.exec(stamp)?.[1] ?? 0)
}

/** First 8 hex digits of a site's id in the cloud. */
export function nodeOf(siteId: string): string {
  return siteId.replaceAll('-', '').slice(0, NO_NODE.length).toLowerCase()
}

/**
 * Gives a connection to the site's store the functions `cloud_stamp(node)`, which its triggers call, and `cloud_seen(stamp)`.
 * Every connection that writes needs them.
 */
export function registerChangeStamps(sqlite: Database, clock: Clock): ChangeStamps {
  const stamps = new ChangeStamps(clock)
  sqlite.function('cloud_stamp', (node: unknown) => stamps.next(typeof node === 'string' ? node : NO_NODE))
  sqlite.function('cloud_seen', (stamp: unknown) => {
    if (typeof stamp === 'string') stamps.seen(stamp)
    return null
  })
  return stamps
}

/** A clock that was set back, or a store that was moved: no new stamp is before one that is stored. */
export function resumeStamps(sqlite: Database, stamps: ChangeStamps): void {
  const row = sqlite.prepare('select max(stamp) as newest from cloudVersions').get() as {
    newest: string | null
  }
  if (row.newest !== null) stamps.seen(row.newest)
}
