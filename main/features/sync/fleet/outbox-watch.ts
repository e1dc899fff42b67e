import { sql } from 'kysely'
import type { SiteDb } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'

const EVERY = 1_000

/** Tells, within a second, that something was put into the outbox. */
export class OutboxWatch {
  readonly changed = new Topic<void>()
  readonly #db: SiteDb
  /** 0: what waits when it is begun to look is told too. */
  #newest = 0
  #timer: NodeJS.Timeout | null = null
  #isLooking = false

  constructor(db: SiteDb) {
    this.#db = db
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), EVERY)
    this.#timer.unref()
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }

  /** A look at one number: what waits has its own, given once. */
  async look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      const { rows } = await sql<{
        newest: number | null
      }>`select max(seq) as newest from cloudOutbox`.execute(this.#db)
      const newest = rows[0]?.newest ?? 0
      const isNew = newest > this.#newest
      this.#newest = Math.max(newest, this.#newest)
      if (isNew) this.changed.emit()
    } catch {
      // The store is closing, or its disk has trouble: it is looked at again in a second.
    } finally {
      this.#isLooking = false
    }
  }
}
