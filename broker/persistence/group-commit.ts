import type { SessionDb } from './session-file.ts'

interface Waiting {
  resolve: () => void
  reject: (error: unknown) => void
}

/** How long work that nobody waits for may stay uncommitted, ms. */
const LAZY_DELAY = 20
/** Least time between commits, ms: an fsync holds up the thread, and a gateway that floods must not make it one a turn. */
const COMMIT_EVERY = 5

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
  private spaced: NodeJS.Timeout | null = null
  private timer: NodeJS.Timeout | null = null
  private committedAt = -COMMIT_EVERY

  constructor(db: SessionDb, onLost: () => void) {
    this.db = db
    this.onLost = onLost
  }

  /** Resolves with the result once it is on disk. */
  async durably<T>(work: () => T): Promise<T> {
    const result = this.run(work)
    this.commitSoon()
    await new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }))
    return result
  }

  /** For what may be lost in a power cut: another's commit takes it along, or one soon after. */
  lazily<T>(work: () => T): T {
    const result = this.run(work)
    this.timer ??= setTimeout(() => this.commit(), LAZY_DELAY)
    return result
  }

  private commitSoon(): void {
    if (this.immediate || this.spaced) return
    const wait = this.committedAt + COMMIT_EVERY - performance.now()
    if (wait <= 0) this.immediate = setImmediate(() => this.commit())
    else this.spaced = setTimeout(() => this.commit(), wait)
  }

  commit(): void {
    if (this.immediate) clearImmediate(this.immediate)
    if (this.spaced) clearTimeout(this.spaced)
    if (this.timer) clearTimeout(this.timer)
    this.immediate = null
    this.spaced = null
    this.timer = null
    this.committedAt = performance.now()
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
      // A full disk may or may not have ended the transaction, and half of this work may be in it: it ends here for all
      // who wrote in this turn. Nobody was promised anything yet.
      this.lose(error)
      throw error
    }
  }

  private lose(error: unknown): void {
    if (this.db.inTransaction) this.db.exec('ROLLBACK')
    for (const { reject } of this.waiting.splice(0)) reject(error)
    this.onLost()
  }
}
