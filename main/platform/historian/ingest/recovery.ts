import { Quality } from '#contract/model/quality.ts'
import { type CommittedBatch, kindOf, ROW_WIDTH } from '#contract/model/reading-batch.ts'
import { isStorageError } from '../store-errors.ts'
import { HOT_WIDTH, HotRows } from './hot-rows.ts'
import type { SeriesRegistry } from './series-registry.ts'
import type { Store } from './store-file.ts'
import type { LatestSnapshot } from './writer-protocol.ts'

export interface Recovered {
  /** All that is in the hot table. */
  hot: HotRows
  /** What of it is still to settle. */
  tail: HotRows
  lastSeq: number
}

type HotRow = [series: number, ts: number, value: number | string, flags: number, seq: number]

/**
 * Reads what the last run left in the hot table. Rows of a run that was copied in part are among them; they settle again
 * without effect. Those of a run that was copied whole must not: they may be folded, and an older version of a reading
 * would come back as a new row.
 */
export function recover(store: Store): Recovered {
  const hot = new HotRows()
  const tail = new HotRows()
  const settled = store.prepare<[], number>('SELECT seq FROM settled').pluck().get() ?? 0
  const rows = store.prepare<[], HotRow>('SELECT series, ts, value, flags, seq FROM hot ORDER BY seq').raw()
  for (const row of rows.iterate()) {
    hot.add(...row)
    if (row[4] > settled) tail.add(...row)
  }
  if (tail.count < hot.count) deleteSettled(store, settled)
  const erased = store.prepare<[], number>('SELECT max(lastSeq) FROM erased').pluck().get() ?? 0
  return { hot, tail, lastSeq: Math.max(settled, hot.lastSeq, erased) }
}

/** A full disk may refuse it: the next run that has settled deletes them too. */
function deleteSettled(store: Store, settled: number): void {
  try {
    store.prepare('DELETE FROM hot WHERE seq <= ?').run(settled)
  } catch (error) {
    if (!isStorageError(error)) throw error
  }
}

/** The newest reading of each series: as settled, and what the hot rows add. */
export function latestOf(store: Store, hot: HotRows): LatestSnapshot {
  const newest = new Map<number, HotRow>()
  const settled = store.prepare<[], HotRow>('SELECT series, ts, value, flags, seq FROM latest').raw()
  for (const row of settled.iterate()) newest.set(row[0], row)
  for (let at = 0; at < hot.count; at++) {
    const row = rowAt(hot, at)
    if ((row[3] & Quality.ahead) !== 0) continue
    const known = newest.get(row[0])
    if (!known || row[1] > known[1] || (row[1] === known[1] && row[4] > known[4])) newest.set(row[0], row)
  }
  const rows = [...newest.values()]
  return {
    series: rows.map((row) => row[0]),
    ts: rows.map((row) => row[1]),
    value: rows.map((row) => row[2]),
    flags: rows.map((row) => row[3]),
    seq: rows.map((row) => row[4]),
  }
}

/**
 * What was committed after `announcedSeq` but never told, because the thread that knew it died. Rows can only
 * have left the hot table when they were told long ago.
 */
export function unannounced(
  hot: HotRows,
  announcedSeq: number,
  registry: SeriesRegistry,
): CommittedBatch | null {
  let first = hot.count
  while (first > 0 && (hot.rows[first * HOT_WIDTH - 1] as number) > announcedSeq) first -= 1
  if (first === hot.count) return null
  const rows = new Float64Array((hot.count - first) * ROW_WIDTH)
  const texts: string[] = []
  for (let at = first; at < hot.count; at++) {
    const [series, ts, value, flags] = rowAt(hot, at)
    const kept = typeof value === 'string' ? texts.push(value) - 1 : value
    rows.set([series, ts, kept, flags], (at - first) * ROW_WIDTH)
  }
  // Series that are new to the listener cannot be told apart here; it knows most of them already.
  return { firstSeq: hot.rows[(first + 1) * HOT_WIDTH - 1] as number, rows, texts, newSeries: registry.all() }
}

function rowAt(hot: HotRows, row: number): HotRow {
  const at = row * HOT_WIDTH
  const [series = 0, ts = 0, number = 0, flags = 0, seq = 0] = hot.rows.subarray(at, at + HOT_WIDTH)
  return [series, ts, kindOf(flags) === 'text' ? (hot.texts[number] ?? '') : number, flags, seq]
}
