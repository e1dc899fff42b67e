import type { Statement } from 'better-sqlite3'
import { Quality } from '#contract/model/quality.ts'
import { kindOf } from '#contract/model/reading-batch.ts'
import type { ErasedSeries } from './erased-series.ts'
import { HOT_WIDTH, type HotRows } from './hot-rows.ts'
import type { Store } from './store-file.ts'

type Value = number | string
interface Settled {
  value: Value
  seq: number
  flags: number
}
interface Newest {
  series: number
  ts: number
  value: Value
  seq: number
  flags: number
}

/** Deleting from the front of the hot table costs about a tenth of moving a row. */
const DELETES_FOR_ONE_MOVE = 8

/**
 * Moves a run of hot rows to where they are read from, ordered by (series, ts), in slices of one small
 * transaction each. Only when the whole run is copied does the hot table shrink, from its front.
 *
 * A crash between slices leaves rows in both places, which does no harm: for one (series, ts) rows settle in
 * order of their sequence, so a row whose sequence is not above the settled one was settled before.
 */
export class Settler {
  private readonly store: Store
  private readonly erased: Pick<ErasedSeries, 'has'>
  private readonly insert: Statement<[number, number, Value, number, number], never>
  private readonly find: Statement<[number, number], Settled>
  private readonly replace: Statement<[Value, number, number, number, number], never>
  private readonly correct: Statement<[number, number, number, Value, number, number], never>
  private readonly newest: Statement<[number, number, Value, number, number], never>
  private readonly mark: Statement<[number], never>
  private readonly deleteHot: Statement<[number], never>
  private run: HotRows | null = null
  private order: Uint32Array = new Uint32Array(0)
  /** Rows of the run that are copied, then rows that are deleted. */
  private copied = 0
  private deleted = 0

  constructor(store: Store, erased: Pick<ErasedSeries, 'has'>) {
    this.store = store
    this.erased = erased
    this.insert = store.prepare(
      'INSERT INTO readings (series, ts, value, seq, flags) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.find = store.prepare('SELECT value, seq, flags FROM readings WHERE series = ? AND ts = ?')
    this.replace = store.prepare(
      'UPDATE readings SET value = ?, seq = ?, flags = ? WHERE series = ? AND ts = ?',
    )
    this.correct = store.prepare(
      `INSERT INTO corrections (series, ts, seq, value, flags, replacedBy) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    this.newest = store.prepare(
      `INSERT INTO latest (series, ts, value, seq, flags) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE
       SET ts = excluded.ts, value = excluded.value, seq = excluded.seq, flags = excluded.flags
       WHERE excluded.ts > ts OR (excluded.ts = ts AND excluded.seq > seq)`,
    )
    this.mark = store.prepare('UPDATE settled SET seq = ?')
    this.deleteHot = store.prepare('DELETE FROM hot WHERE seq <= ?')
  }

  /** Rows of the run in work that are still in the hot table. */
  get hotRows(): number {
    return this.run === null ? 0 : this.run.count - this.deleted
  }

  get working(): boolean {
    return this.run !== null
  }

  /** Takes a run over; it must follow the one before. */
  start(run: HotRows): void {
    this.run = run
    this.order = run.sorted()
    this.copied = 0
    this.deleted = 0
  }

  /**
   * Settles a slice as large as copying `rows` rows, in one transaction. It may be lost in a power cut (only as
   * a whole), so it needs no fsync of its own. Throws what SQLite throws, and can be called again then.
   */
  settle(rows: number): void {
    const run = this.run
    if (run === null) return
    if (this.copied < run.count) {
      const end = Math.min(run.count, this.copied + rows)
      this.store.transaction(() => this.copy(run, this.copied, end)).immediate()
      this.copied = end
      return
    }
    const end = Math.min(run.count, this.deleted + rows * DELETES_FOR_ONE_MOVE)
    this.store
      .transaction(() => {
        if (this.deleted === 0) this.mark.run(run.lastSeq)
        this.deleteHot.run(run.rows[end * HOT_WIDTH - 1] as number)
      })
      .immediate()
    this.deleted = end
    if (end === run.count) this.run = null
  }

  private copy(run: HotRows, from: number, to: number): void {
    let newest: Newest | null = null
    for (let at = from; at < to; at++) {
      const row = (this.order[at] as number) * HOT_WIDTH
      const series = run.rows[row] as number
      // Its row is gone from the hot table, and must not come back.
      if (this.erased.has(series)) continue
      const ts = run.rows[row + 1] as number
      const flags = run.rows[row + 3] as number
      const seq = run.rows[row + 4] as number
      const number = run.rows[row + 2] as number
      const value = kindOf(flags) === 'text' ? (run.texts[number] as string) : number
      if (this.insert.run(series, ts, value, seq, flags).changes === 0) {
        this.supersede(series, ts, value, seq, flags)
      }
      if (newest !== null && newest.series !== series) {
        this.keepNewest(newest)
        newest = null
      }
      // Within a series rows come by (ts, seq): the last one counts.
      if ((flags & Quality.ahead) === 0) newest = { series, ts, value, seq, flags }
    }
    if (newest !== null) this.keepNewest(newest)
  }

  /** domain.md: the highest sequence wins; a replaced value stays for the audit; an equal duplicate vanishes. */
  private supersede(series: number, ts: number, value: Value, seq: number, flags: number): void {
    const settled = this.find.get(series, ts)
    if (settled === undefined || settled.seq >= seq) return
    if (settled.value !== value || kindOf(settled.flags) !== kindOf(flags)) {
      this.correct.run(series, ts, settled.seq, settled.value, settled.flags, seq)
    }
    this.replace.run(value, seq, flags, series, ts)
  }

  private keepNewest({ series, ts, value, seq, flags }: Newest): void {
    this.newest.run(series, ts, value, seq, flags)
  }
}
