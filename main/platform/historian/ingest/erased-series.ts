import { createHash } from 'node:crypto'
import type { Statement } from 'better-sqlite3'
import type { SeriesInfo } from '#contract/model/reading-batch.ts'
import type { Store } from './store-file.ts'

/**
 * What was erased on request: series, and assignments with all that will ever come of them. Their numbers are never
 * given again, and what still arrives is dropped. Names are kept as hashes only.
 */
export class ErasedSeries {
  private readonly series = new Map<number, string>()
  private readonly names = new Set<string>()
  private readonly assignments: Set<string>
  private readonly insert: Statement<[number, string, string, number], never>
  private readonly insertAssignment: Statement<[string], never>

  constructor(store: Store) {
    this.insert = store.prepare(
      'INSERT OR IGNORE INTO erased (series, assignmentId, name, lastSeq) VALUES (?, ?, ?, ?)',
    )
    this.insertAssignment = store.prepare('INSERT OR IGNORE INTO erasedAssignments (id) VALUES (?)')
    const rows = store
      .prepare<[], [number, string, string]>('SELECT series, assignmentId, name FROM erased')
      .raw()
    for (const [series, assignmentId, name] of rows.iterate()) this.keep(series, assignmentId, name)
    this.assignments = new Set(store.prepare<[], string>('SELECT id FROM erasedAssignments').pluck().all())
  }

  /** The highest number that was ever erased; 0 where there is none. */
  get highest(): number {
    let highest = 0
    for (const series of this.series.keys()) highest = Math.max(highest, series)
    return highest
  }

  has(series: number): boolean {
    return this.series.has(series)
  }

  /** Whether readings of this name are dropped. */
  hasName({ assignmentId, channel }: { assignmentId: string; channel: string }): boolean {
    if (this.assignments.has(assignmentId)) return true
    return this.names.size > 0 && this.names.has(nameOf(assignmentId, channel))
  }

  ofAssignments(assignmentIds: ReadonlySet<string>): number[] {
    return [...this.series].filter(([, id]) => assignmentIds.has(id)).map(([series]) => series)
  }

  /**
   * Call inside a transaction; `keepAll` once it is committed. `lastSeq`: given last, for its row may be one that goes, and
   * no number is given twice.
   */
  write(series: readonly SeriesInfo[], assignmentIds: readonly string[], lastSeq: number): void {
    for (const { seriesId, assignmentId, channel } of series)
      this.insert.run(seriesId, assignmentId, nameOf(assignmentId, channel), lastSeq)
    for (const id of assignmentIds) this.insertAssignment.run(id)
  }

  keepAll(series: readonly SeriesInfo[], assignmentIds: readonly string[]): void {
    for (const { seriesId, assignmentId, channel } of series)
      this.keep(seriesId, assignmentId, nameOf(assignmentId, channel))
    for (const id of assignmentIds) this.assignments.add(id)
  }

  private keep(series: number, assignmentId: string, name: string): void {
    this.series.set(series, assignmentId)
    this.names.add(name)
  }
}

function nameOf(assignmentId: string, channel: string): string {
  return createHash('sha256').update(`${assignmentId}\n${channel}`).digest('hex')
}
