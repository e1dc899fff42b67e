import type { ReadingValue } from '#contract/model/reading.ts'
import type { StateQuery, StateSpan, TimeSpan } from '../historian.ts'
import { readingValue } from '../reading-value.ts'
import { Damage } from './damage.ts'
import { lastBefore } from './last-before.ts'
import { noRows, type Rows, valueAt } from './rows.ts'
import type { Slice } from './slice.ts'
import type { Sources } from './sources.ts'
import { spanGrid } from './spans.ts'
import { Timeline } from './timeline.ts'

const STATES = 50
/** States of one span that are told apart; more is no series of states, and its others are summed up. */
const STATES_KEPT = 10_000

interface State {
  value: ReadingValue
  ms: number
  changes: number
}

/** How long states lasted. */
export class StateReader {
  private readonly sources: Sources
  private readonly now: () => number

  constructor(sources: Sources, now: () => number) {
    this.sources = sources
    this.now = now
  }

  *states(query: StateQuery, slice: Slice): Generator<void, StateSpan[]> {
    const { seriesId } = query
    const grid = spanGrid(query)
    const hot = this.sources.rows.hot([seriesId], grid.to).get(seriesId) ?? noRows
    const now = this.now()
    const before = yield* lastBefore(this.sources, seriesId, hot, grid.from, slice, false)
    const damage = new Damage(this.sources.notices, seriesId, grid)
    const timeline = new Timeline(this.sources, { series: seriesId, hot, range: grid, damage })
    const spans: StateSpan[] = []
    let state: ReadingValue | null = before && stateAt(before.rows, before.at)
    let rows: Rows = noRows
    let row = 0
    let at = grid.from
    for (let span = 0; span < grid.count; span++) {
      const from = grid.start(span)
      const to = grid.end(span)
      const until = Math.min(to, now)
      const sums = new StateSums(from)
      for (;;) {
        for (; row < rows.count && (rows.ts[row] as number) < until; row++) {
          const next = stateAt(rows, row)
          if (next === state) continue
          sums.change(state, next, rows.ts[row] as number)
          state = next
        }
        if (row < rows.count || at >= until) break
        const piece = timeline.next(at)
        rows = timeline.read(piece)
        row = 0
        at = piece.to
        if (slice.over) {
          yield
          slice.begin()
        }
      }
      spans.push(sums.finish(state, { from, to }, until))
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    return spans
  }
}

/** The states of one span. */
class StateSums {
  private readonly states = new Map<ReadingValue, State>()
  private since: number
  private otherMs = 0

  constructor(from: number) {
    this.since = from
  }

  change(from: ReadingValue | null, to: ReadingValue, ts: number): void {
    this.lasted(from, ts)
    const state = this.stateOf(to)
    if (state) state.changes += 1
  }

  finish(last: ReadingValue | null, span: TimeSpan, until: number): StateSpan {
    this.lasted(last, until)
    const states = [...this.states.values()].sort((a, b) => b.ms - a.ms)
    const others = states.splice(STATES)
    return { ...span, states, otherMs: others.reduce((total, { ms }) => total + ms, this.otherMs) }
  }

  private lasted(value: ReadingValue | null, until: number): void {
    const ms = Math.max(0, until - this.since)
    this.since = until
    if (value === null || ms === 0) return
    const state = this.stateOf(value)
    if (state) state.ms += ms
    else this.otherMs += ms
  }

  private stateOf(value: ReadingValue): State | null {
    const known = this.states.get(value)
    if (known) return known
    if (this.states.size >= STATES_KEPT) return null
    const state = { value, ms: 0, changes: 0 }
    this.states.set(value, state)
    return state
  }
}

/** 0 and -0 are one state. */
function stateAt(rows: Rows, at: number): ReadingValue {
  const value = readingValue(valueAt(rows, at), rows.flags[at] as number)
  return value === 0 ? 0 : value
}
