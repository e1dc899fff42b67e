import type { Statement } from 'better-sqlite3'
import { STORE_FILE, type Store } from '../ingest/store-file.ts'
import { messageOf } from '../store-errors.ts'

export type SettledRow = [ts: number, value: number | string, flags: number, seq: number]

/** A version that another one replaced before it was folded. */
export interface SettledCorrection {
  ts: number
  seq: number
  value: number | string
  flags: number
  replacedBy: number
}

/** Thrown for whatever goes wrong in `hot.sqlite`: no month file is to blame, nor to be replaced. */
export class SourceUnreadable extends Error {
  constructor(cause: unknown) {
    super(`${STORE_FILE}: ${messageOf(cause)}`, { cause })
  }
}

/**
 * The folder's view of `hot.sqlite`, read only. Each call is a snapshot of its own, so that the WAL can begin anew
 * between two: what settles in between has a sequence above the bound that `settledSeq` gave, and waits. All of them throw
 * `SourceUnreadable`.
 */
export class SettledRows {
  private readonly bound: Statement<[], number>
  private readonly nextSeries: Statement<[number], number>
  private readonly next: Statement<[number, number], number>
  private readonly last: Statement<[number, number, number], number>
  private readonly some: Statement<[number, number, number, number, number], number>
  private readonly total: Statement<[], number>
  private readonly hot: Statement<[], number>
  private readonly rows: Statement<[number, number, number, number, number], SettledRow>
  private readonly corrected: Statement<[number, number, number, number], SettledCorrection>
  private readonly split: Statement<[number, number, number, number, number], number>
  private readonly nextKnown: Statement<[number], number>

  constructor(store: Store) {
    this.bound = store.prepare<[], number>('SELECT seq FROM settled').pluck()
    this.nextSeries = store
      .prepare<[number], number>('SELECT series FROM readings WHERE series > ? ORDER BY series LIMIT 1')
      .pluck()
    this.next = store
      .prepare<[number, number], number>(
        'SELECT ts FROM readings WHERE series = ? AND ts >= ? ORDER BY ts LIMIT 1',
      )
      .pluck()
    this.last = store
      .prepare<[number, number, number], number>(
        'SELECT ts FROM readings WHERE series = ? AND ts >= ? AND ts < ? ORDER BY ts DESC LIMIT 1',
      )
      .pluck()
    this.some = store
      .prepare<[number, number, number, number, number], number>(
        `SELECT count(*) FROM (
           SELECT 1 FROM readings WHERE series = ? AND ts >= ? AND ts < ? AND seq <= ? LIMIT ?)`,
      )
      .pluck()
    this.total = store.prepare<[], number>('SELECT count(*) FROM readings').pluck()
    this.hot = store
      .prepare<[], number>('SELECT count(*) FROM hot WHERE seq > (SELECT seq FROM settled)')
      .pluck()
    this.rows = store
      .prepare<[number, number, number, number, number], SettledRow>(
        `SELECT ts, value, flags, seq FROM readings
         WHERE series = ? AND ts >= ? AND ts < ? AND seq <= ? ORDER BY ts LIMIT ?`,
      )
      .raw()
    this.corrected = store.prepare(
      `SELECT ts, seq, value, flags, replacedBy FROM corrections
       WHERE series = ? AND ts >= ? AND ts < ? AND replacedBy <= ? ORDER BY ts, seq`,
    )
    this.split = store
      .prepare<[number, number, number, number, number], number>(
        `SELECT 1 FROM corrections AS c WHERE series = ? AND ts >= ? AND ts < ? AND seq <= ?
           AND EXISTS (SELECT 1 FROM readings AS r
             WHERE r.series = c.series AND r.ts = c.ts AND r.seq > ?) LIMIT 1`,
      )
      .pluck()
    this.nextKnown = store
      .prepare<[number], number>('SELECT id FROM series WHERE id > ? ORDER BY id LIMIT 1')
      .pluck()
  }

  /** Every reading up to this sequence is in `readings`, or was replaced there, or is folded. */
  settledSeq(): number {
    return reading(() => this.bound.get()) ?? 0
  }

  /** The next series with rows. */
  seriesAfter(series: number): number | null {
    return reading(() => this.nextSeries.get(series)) ?? null
  }

  /** The next series at all, where the next one with rows cannot be told. */
  knownAfter(series: number): number | null {
    return reading(() => this.nextKnown.get(series)) ?? null
  }

  /** The first time at or after `from`. */
  timeFrom(series: number, from: number): number | null {
    return reading(() => this.next.get(series, from)) ?? null
  }

  /** The last time before `to`, which is after `from`; null where there is none. */
  timeBefore(series: number, from: number, to: number): number | null {
    return reading(() => this.last.get(series, from, to)) ?? null
  }

  /** How many there are in [from, to), `most` at the most. */
  count(series: number, from: number, to: number, seq: number, most: number): number {
    return reading(() => this.some.get(series, from, to, seq, most)) ?? 0
  }

  countAll(): number {
    return reading(() => this.total.get()) ?? 0
  }

  /** Rows that have not settled. */
  countHot(): number {
    return reading(() => this.hot.get()) ?? 0
  }

  page(series: number, from: number, to: number, seq: number, limit: number): SettledRow[] {
    return reading(() => this.rows.all(series, from, to, seq, limit))
  }

  corrections(series: number, from: number, to: number, seq: number): SettledCorrection[] {
    return reading(() => this.corrected.all(series, from, to, seq))
  }

  /**
   * Whether a version up to `seq` is noted in [from, to) of which the reading has a version above `seq` by now. What a fold up to `seq`
   * does not see of that reading, the next one would take for noted already.
   */
  isSplit(series: number, from: number, to: number, seq: number): boolean {
    return reading(() => this.split.get(series, from, to, seq, seq)) !== undefined
  }
}

function reading<Result>(query: () => Result): Result {
  try {
    return query()
  } catch (error) {
    throw new SourceUnreadable(error)
  }
}
