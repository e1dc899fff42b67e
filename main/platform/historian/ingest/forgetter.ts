import type { Statement } from 'better-sqlite3'
import type { FoldSpan } from '../months/fold-hour.ts'
import type { Store } from './store-file.ts'

interface Task {
  spans: FoldSpan[]
  done: () => void
}

/**
 * Deletes settled rows that are in month files by now, in slices of one small transaction each. A slice that a power
 * cut undoes leaves rows in both places: the next fold finds them equal.
 */
export class Forgetter {
  private readonly store: Store
  private readonly boundary: Statement<[number, number, number, number], number>
  private readonly remove: Statement<[number, number, number, number], never>
  private readonly removeCorrections: Statement<[number, number, number, number, number, number], never>
  private readonly tasks: Task[] = []
  /** Where the first span of the first task goes on. */
  private from: number | null = null

  constructor(store: Store) {
    this.store = store
    this.boundary = store
      .prepare<[number, number, number, number], number>(
        'SELECT ts FROM readings WHERE series = ? AND ts >= ? AND ts < ? ORDER BY ts LIMIT 1 OFFSET ?',
      )
      .pluck()
    this.remove = store.prepare('DELETE FROM readings WHERE series = ? AND ts >= ? AND ts < ? AND seq <= ?')
    // Those of a reading that has changed since stay with it: the next fold takes them together.
    this.removeCorrections = store.prepare(
      `DELETE FROM corrections WHERE (series, ts, seq) IN (
         SELECT series, ts, seq FROM corrections AS c
         WHERE series = ? AND ts >= ? AND ts < ? AND replacedBy <= ?
           AND NOT EXISTS (SELECT 1 FROM readings AS r
             WHERE r.series = c.series AND r.ts = c.ts AND r.seq > ?)
         ORDER BY ts LIMIT ?)`,
    )
  }

  get working(): boolean {
    return this.tasks.length > 0
  }

  /** `done` is called after the last of these rows is gone. */
  add(spans: FoldSpan[], done: () => void): void {
    this.tasks.push({ spans: [...spans], done })
  }

  /**
   * Deletes up to some `rows` rows, and as many corrections, in one transaction; returns how many it went through. Throws what SQLite throws, and
   * can be called again then.
   */
  forget(rows: number): number {
    const [task] = this.tasks
    if (!task) return 0
    let passed = 0
    let finished = 0
    let from = this.from
    this.store
      .transaction(() => {
        for (const { series, from: start, to, seq } of task.spans) {
          if (passed >= rows) break
          from ??= start
          const left = rows - passed
          const end = this.boundary.get(series, from, to, left)
          // Before their readings, by which the next fold would look for them.
          const corrections = this.removeCorrections.run(series, from, end ?? to, seq, seq, left).changes
          passed += corrections
          if (corrections >= left) break
          passed += Math.max(1, this.remove.run(series, from, end ?? to, seq).changes)
          from = end ?? null
          if (end !== undefined) {
            passed = rows
            break
          }
          finished += 1
        }
      })
      .immediate()
    this.from = from
    task.spans.splice(0, finished)
    if (task.spans.length === 0) {
      this.tasks.shift()
      task.done()
    }
    return passed
  }
}
