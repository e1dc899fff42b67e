import type { SessionDb } from './session-file.ts'

interface Waiting {
  resolve: () => void
  reject: (error: unknown) => void
}

/** How long work that nobody waits for may stay uncommitted, ms. */
const LAZY_DELAY = 20

/**
 * One transaction for all that is written in a turn of the event loop, so that many clients share one fsync. Work
 * runs at once and is visible to reads on the same connection; its promise resolves after the commit.
 */
export class GroupCommit {
  private readonly db: SessionDb
  /** Called when a transaction was lost: what mirrors the tables in memory must be read again. */
  private readonly onLost: () => void
  private readonly waiting: Waiting[] = []
  private immediate: NodeJS.Immediate | null = null
  private timer: NodeJS.Timeout | null = null

  constructor(db: SessionDb, onLost: () => void) {
    this.db = db
    this.onLost = onLost
  }

  /** Resolves with the result once it is on disk. */
  async durably<T>(work: () => T): Promise<T> {
    const result = this.run(work)
    this.immediate ??= setImmediate(() => this.commit())
    await new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }))
    return result
  }

  /** For what may be lost in a power cut: another's commit takes it along, or one soon after. */
  lazily<T>(work: () => T): T {
    const result = this.run(work)
    this.timer ??= setTimeout(() => this.commit(), LAZY_DELAY)
    return result
  }

  commit(): void {
    if (this.immediate) clearImmediate(this.immediate)
    if (this.timer) clearTimeout(this.timer)
    this.immediate = null
    this.timer = null
    try {
      if (this.db.inTransaction) this.db.exec('COMMIT')
    } catch (error) {
      this.lose(error)
      return
    }
    for (const { resolve } of this.waiting.splice(0)) resolve()
  }

  private run<T>(work: () => T): T {
    try {
      if (!this.db.inTransaction) this.db.exec('BEGIN IMMEDIATE')
      return work()
    } catch (error) {
      // Some failures (a full disk) end the whole transaction, and with it what others wrote in this turn.
      if (!this.db.inTransaction) this.lose(error)
      throw error
    }
  }

  private lose(error: unknown): void {
    if (this.db.inTransaction) this.db.exec('ROLLBACK')
    for (const { reject } of this.waiting.splice(0)) reject(error)
    this.onLost()
  }
}
