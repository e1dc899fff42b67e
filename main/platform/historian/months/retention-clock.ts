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
 * only after a day in which the program ran and nobody set the clock right. Kept across starts. A clock that goes
 * back is believed at once: it deletes nothing.
 */
export class RetentionClock {
  private readonly path: string
  private readonly clock: { now(): number }
  private readonly uptime: () => number
  private believed: number | null
  /** Uptimes, ms: when `believed` was right, and since when the clock is doubted. */
  private believedAt: number
  private doubtedSince: number | null = null
  private savedAt = Number.NEGATIVE_INFINITY

  /** `dir`: the store's folder. `uptime`: ms, of a clock that nobody can set. */
  constructor(dir: string, clock: { now(): number }, uptime: () => number = () => performance.now()) {
    this.path = join(dir, FILE)
    this.clock = clock
    this.uptime = uptime
    this.believed = read(this.path)
    this.believedAt = uptime()
  }

  /** ms since 1970, never ahead of the site's time. */
  now(): number {
    const time = this.clock.now()
    const up = this.uptime()
    const expected = this.believed === null ? time : this.believed + up - this.believedAt
    if (time - expected > LEAP) {
      this.doubtedSince ??= up
      if (up - this.doubtedSince < BELIEVED_AFTER) return expected
    }
    this.doubtedSince = null
    this.believed = time
    this.believedAt = up
    if (up - this.savedAt >= SAVE_EVERY) this.save(time, up)
    return time
  }

  /** A full disk must not keep retention from making room. */
  private save(time: number, up: number): void {
    this.savedAt = up
    const fresh = `${this.path}.new`
    try {
      writeFileSync(fresh, JSON.stringify({ believed: time }))
      syncFile(fresh)
      renameDurably(fresh, this.path)
    } catch {
      rmSync(fresh, { force: true })
    }
  }
}

/** null where there is none, or none that can be read: then the clock is believed as it is. */
function read(path: string): number | null {
  try {
    const { believed } = JSON.parse(readFileSync(path, 'utf8')) as { believed?: unknown }
    return typeof believed === 'number' && Number.isFinite(believed) ? believed : null
  } catch {
    return null
  }
}
