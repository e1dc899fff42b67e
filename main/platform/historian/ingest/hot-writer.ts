import type { Statement } from 'better-sqlite3'
import { type CommittedBatch, kindOf, type ReadingBatch, ROW_WIDTH } from '#contract/model/reading-batch.ts'
import type { HotRows } from './hot-rows.ts'
import type { IngestSender } from './ingest-sender.ts'
import type { Redeliveries } from './redeliveries.ts'
import type { SeriesRegistry } from './series-registry.ts'
import type { Store } from './store-file.ts'

export interface ReceivedBatch {
  sender: IngestSender
  batch: ReadingBatch
}

/**
 * Appends batches to the hot table: one transaction, so one fsync, for a whole group of them. When `commit`
 * returns, every row is on disk; when it throws, none is and nothing here has changed.
 */
export class HotWriter {
  private readonly store: Store
  private readonly registry: SeriesRegistry
  private readonly redeliveries: Redeliveries
  private readonly insert: Statement<[number, number, number, number | string, number], never>
  private readonly begin: Statement<[], never>
  private readonly end: Statement<[], never>
  private lastSeqCommitted: number

  constructor(store: Store, registry: SeriesRegistry, redeliveries: Redeliveries, lastSeq: number) {
    this.store = store
    this.registry = registry
    this.redeliveries = redeliveries
    this.lastSeqCommitted = lastSeq
    this.insert = store.prepare('INSERT INTO hot (seq, series, ts, value, flags) VALUES (?, ?, ?, ?, ?)')
    this.begin = store.prepare('BEGIN IMMEDIATE')
    this.end = store.prepare('COMMIT')
  }

  get lastSeq(): number {
    return this.lastSeqCommitted
  }

  /** What comes from now on has a sequence above it. */
  skipTo(seq: number): void {
    this.lastSeqCommitted = Math.max(this.lastSeqCommitted, seq)
  }

  /** Commits the group, adds its rows to `tail` and returns what is now on disk. */
  commit(group: ReceivedBatch[], tail: HotRows, now: number): CommittedBatch {
    const firstSeq = this.lastSeqCommitted + 1
    const texts: string[] = []
    let rows = new Float64Array(group.reduce((length, { batch }) => length + batch.rows.length, 0))
    try {
      this.begin.run()
      let used = 0
      for (const received of group) used = this.insertBatch(received, rows, used, texts, firstSeq, now)
      this.redeliveries.pruneSome(now)
      this.end.run()
      if (used < rows.length) rows = rows.slice(0, used)
    } catch (error) {
      // SQLite has rolled back by itself after some errors, such as a full disk.
      if (this.store.inTransaction) this.store.exec('ROLLBACK')
      this.registry.rollback()
      throw error
    }
    const committed = { firstSeq, rows, texts, newSeries: this.registry.commit() }
    this.lastSeqCommitted += rows.length / ROW_WIDTH
    keep(committed, tail)
    return committed
  }

  /** Returns how much of `target` is used. */
  private insertBatch(
    { sender, batch }: ReceivedBatch,
    target: Float64Array,
    used: number,
    texts: string[],
    firstSeq: number,
    now: number,
  ): number {
    const { rows, undated } = batch
    const count = rows.length / ROW_WIDTH
    let write = used
    let message = 0
    for (let row = 0; row < count; row++) {
      const at = row * ROW_WIDTH
      const entry = sender.entryOf(rows[at] as number)
      const next = undated[message]
      if (next && next.start === row) {
        message += 1
        if (entry.isErased) continue
        if (this.redeliveries.isRedelivery(next, firstSeq + write / ROW_WIDTH, now)) {
          row = next.end - 1
          continue
        }
      }
      if (entry.isErased) continue
      const series = this.registry.idOf(entry)
      const ts = rows[at + 1] as number
      const flags = rows[at + 3] as number
      let value: number | string = rows[at + 2] as number
      target[write] = series
      target[write + 1] = ts
      target[write + 2] = value
      target[write + 3] = flags
      if (kindOf(flags) === 'text') {
        value = batch.texts[value] as string
        target[write + 2] = texts.push(value) - 1
      }
      this.insert.run(firstSeq + write / ROW_WIDTH, series, ts, value, flags)
      write += ROW_WIDTH
    }
    return write
  }
}

function keep({ firstSeq, rows, texts }: CommittedBatch, tail: HotRows): void {
  for (let at = 0, seq = firstSeq; at < rows.length; at += ROW_WIDTH, seq++) {
    const flags = rows[at + 3] as number
    const value = rows[at + 2] as number
    const kept = kindOf(flags) === 'text' ? (texts[value] as string) : value
    tail.add(rows[at] as number, rows[at + 1] as number, kept, flags, seq)
  }
}
