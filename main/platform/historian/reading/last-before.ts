import type { TimeSpan } from '../historian.ts'
import { Damage } from './damage.ts'
import { type Rows, TEXT_FLAGS, valueAt } from './rows.ts'
import type { Slice } from './slice.ts'
import { type Sources, TIME_MIN } from './sources.ts'
import { BackwardTimeline } from './timeline.ts'

/** One row of some rows. */
export interface RowAt {
  rows: Rows
  at: number
}

/** Rows that the search takes from `readings` at a time: the first one is nearly always it. */
const CHUNK = 16

/** The last reading before `ts`, however long ago; `numbers`: that is not a text. */
export function* lastBefore(
  sources: Sources,
  series: number,
  hot: Rows,
  ts: number,
  slice: Slice,
  numbers: boolean,
): Generator<void, RowAt | null> {
  const range: TimeSpan = { from: TIME_MIN, to: ts }
  // What is damaged in the past of a range is no part of its answer.
  const damage = new Damage(sources.notices, series, range)
  const timeline = new BackwardTimeline(sources, { series, hot, range, damage, chunk: CHUNK })
  let to = ts
  while (to > TIME_MIN) {
    const piece = timeline.previous(to)
    if (!(numbers && piece.block?.row.last === null)) {
      const rows = timeline.read(piece)
      for (let at = rows.count - 1; at >= 0; at--) {
        if (!numbers || (rows.flags[at] as number) < TEXT_FLAGS) return { rows, at }
      }
    }
    to = piece.from
    if (slice.over) {
      yield
      slice.begin()
    }
  }
  return null
}

export function* lastNumberBefore(
  sources: Sources,
  series: number,
  hot: Rows,
  ts: number,
  slice: Slice,
): Generator<void, number | null> {
  const found = yield* lastBefore(sources, series, hot, ts, slice, true)
  return found && (valueAt(found.rows, found.at) as number)
}
