import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DAY, HOUR } from '../blocks/rollup-columns.ts'
import { renameDurably, syncFile } from '../durable-files.ts'

const FILE = 'retention-clock.json'
/** What may have passed unseen, with the program off, before the clock is doubted. */
const LEAP = 2 * DAY
/** How long a doubted clock has to run, before the program's eyes, to be believed. */
const BELIEVED_AFTER = DAY
const SAVE_EVERY = HOUR

/**
 * The time by which readings are past theirs. A clock that leaps ahead, by an empty battery or a slip of a hand, would
 * make years of them look old at once, and what retention deletes nothing brings back: so a leap of more than two days counts
 * only after a day in which the program ran and nobody set the clock right. A clock that goes back is believed at once: it
 * deletes nothing. All of it is kept across starts, so that the days of a PC that is off each night add up.
 */
export class RetentionClock {
  private readonly path: string
  private readonly clock: { now(): number }
  private readonly uptime: () => number
  private believed: number | null
  /** ms that the program has run with a clock that it doubts. */
  private doubted: number
  /** Uptime, ms: up to when `believed` and `doubted` are counted. */
  private countedTo: number
  private savedAt = Number.NEGATIVE_INFINITY

  /** `dir`: the store's folder. `uptime`: ms, of a clock that nobody can set. */
  constructor(dir: string, clock: { now(): number }, uptime: () => number = () => performance.now()) {
    this.path = join(dir, FILE)
    this.clock = clock
    this.uptime = uptime
    const { believed, doubted } = read(this.path)
    this.believed = believed
    this.doubted = doubted
    this.countedTo = uptime()
  }

  /** ms since 1970, never ahead of the site's time. */
  now(): number {
    const time = this.clock.now()
    const up = this.uptime()
    const passed = up - this.countedTo
    const expected = this.believed === null ? time : this.believed + passed
    this.countedTo = up
    this.doubted = time - expected > LEAP ? this.doubted + passed : 0
    const believes = time - expected <= LEAP || this.doubted >= BELIEVED_AFTER
    this.believed = believes ? time : expected
    if (believes) this.doubted = 0
    if (up - this.savedAt >= SAVE_EVERY) this.save(up)
    return this.believed
  }

  /** A full disk must not keep retention from making room. */
  private save(up: number): void {
    this.savedAt = up
    const fresh = `${this.path}.new`
    try {
      writeFileSync(fresh, JSON.stringify({ believed: this.believed, doubted: this.doubted }))
      syncFile(fresh)
      renameDurably(fresh, this.path)
    } catch {
      rmSync(fresh, { force: true })
    }
  }
}

/** Where there is nothing that can be read, the clock is believed as it is. */
function read(path: string): { believed: number | null; doubted: number } {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { believed?: unknown; doubted?: unknown }
    if (typeof kept.believed !== 'number' || !Number.isFinite(kept.believed)) throw new Error('no time')
    return { believed: kept.believed, doubted: typeof kept.doubted === 'number' ? kept.doubted : 0 }
  } catch {
    return { believed: null, doubted: 0 }
  }
}
