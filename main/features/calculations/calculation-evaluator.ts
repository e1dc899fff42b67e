import { ExpectedError } from '#contract/errors.ts'
import type { Buckets } from '#contract/model/telemetry-query.ts'
import { joinSpans } from '#features/telemetry/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { BucketSeries, Historian, Increase, Spans } from '#platform/historian/historian.ts'
import type { Program, ProgramInput } from './expression/program.ts'
import { gridOf, type SpanGrid } from './spans.ts'

/** Series that the store takes in one question. */
const SERIES_ASKED = 32
/** Values of inputs of one answer, each input counted in each span: some 30 MB while they are held. */
const INPUT_VALUES_MAX = 400_000
/** So long a value stands for an input that says nothing while others do, ms; a whole span where these are longer. */
export const HOLD = 24 * 60 * 60_000

export interface EvaluatorDependencies {
  historian: Pick<Historian, 'buckets' | 'increases' | 'neighbours'>
  clock: Clock
  /** undefined where the channel is gone. */
  seriesOf(channelId: string): number | undefined
}

/**
 * Evaluates calculations span by span. A span has a value where at least one input has a reading in it; the others
 * then count with their last value of the spans before, for a day at most.
 */
export class CalculationEvaluator {
  readonly #dependencies: EvaluatorDependencies

  constructor(dependencies: EvaluatorDependencies) {
    this.#dependencies = dependencies
  }

  /** One answer for each program, in their order. @throws ExpectedError `range_invalid`, and as the historian's `buckets` */
  async buckets(programs: Program[], spans: Spans, signal: AbortSignal | undefined): Promise<Buckets[]> {
    const grid = gridOf(spans)
    refuseTooMany(programs, grid)
    const channelIds = [...new Set(programs.flatMap((program) => program.channelIds))]
    const series = await this.#series(channelIds, spans, signal)
    const columns = new Map<string, Float64Array>()
    const columnOf = async (input: ProgramInput) => {
      const key = JSON.stringify(input)
      const column =
        columns.get(key) ?? (await this.#column(input, series.get(input.channelId), { spans, grid, signal }))
      columns.set(key, column)
      return column
    }
    const answers: Buckets[] = []
    for (const program of programs) {
      const inputs: Float64Array[] = []
      for (const input of program.inputs) inputs.push(await columnOf(input))
      const own = program.channelIds.flatMap((id) => series.get(id) ?? [])
      answers.push(evaluate(program, inputs, own, grid))
    }
    return answers
  }

  async #series(
    channelIds: string[],
    spans: Spans,
    signal: AbortSignal | undefined,
  ): Promise<Map<string, BucketSeries>> {
    const { historian, seriesOf } = this.#dependencies
    const channelOf = new Map<number, string>()
    for (const id of channelIds) {
      const seriesId = seriesOf(id)
      if (seriesId !== undefined) channelOf.set(seriesId, id)
    }
    const seriesIds = [...channelOf.keys()]
    const answers = new Map<string, BucketSeries>()
    for (let start = 0; start < seriesIds.length; start += SERIES_ASKED) {
      const asked = seriesIds.slice(start, start + SERIES_ASKED)
      for (const one of await historian.buckets({ ...spans, seriesIds: asked }, signal))
        answers.set(channelOf.get(one.seriesId) ?? '', one)
    }
    return answers
  }

  /** The input's value in each span, held ones too; NaN where it has none. */
  async #column(
    input: ProgramInput,
    series: BucketSeries | undefined,
    { spans, grid, signal }: { spans: Spans; grid: SpanGrid; signal: AbortSignal | undefined },
  ): Promise<Float64Array> {
    if (series === undefined) return new Float64Array(grid.count).fill(Number.NaN)
    const { historian, clock } = this.#dependencies
    const { previous } = await historian.neighbours(series.seriesId, grid.startOf(0), signal)
    if (input.kind === 'value') {
      const before =
        previous && typeof previous.value !== 'string'
          ? { ts: previous.ts, value: Number(previous.value) }
          : null
      return values(series, grid, input.basis, before)
    }
    const { seriesId } = series
    const rises = await historian.increases({ ...spans, seriesId, rollover: input.rollover }, signal)
    const counter = { series, rises, previousTs: previous?.ts ?? null }
    return input.kind === 'increase'
      ? increases(counter, grid)
      : rates(counter, grid, input.period, clock.now())
  }
}

/** Few calculations may need many channels. @throws ExpectedError `range_invalid` */
function refuseTooMany(programs: Program[], grid: SpanGrid): void {
  const inputs = new Set(programs.flatMap((program) => program.inputs.map((input) => JSON.stringify(input))))
  if (inputs.size * grid.count <= INPUT_VALUES_MAX) return
  const most = Math.floor(INPUT_VALUES_MAX / inputs.size)
  throw new ExpectedError('range_invalid', {
    cause: `what is calculated needs ${inputs.size} inputs, of which at most ${most} spans are read at once`,
  })
}

/** The average of a span, or its last value; afterwards the last value stands until the next reading. */
function values(
  series: BucketSeries,
  grid: SpanGrid,
  basis: 'average' | 'last',
  before: { ts: number; value: number } | null,
): Float64Array {
  const column = new Float64Array(grid.count).fill(Number.NaN)
  let held = before?.value ?? Number.NaN
  let heldFrom = before?.ts ?? Number.NEGATIVE_INFINITY
  let row = 0
  for (let index = 0; index < grid.count; index++) {
    if (series.ts[row] === grid.startOf(index)) {
      const last = Number(series.last[row])
      column[index] = basis === 'last' ? last : (series.timeAverage[row] ?? Number.NaN)
      held = last
      heldFrom = grid.endOf(index)
      row++
    } else if (isHeld(heldFrom, grid, index)) column[index] = held
  }
  return column
}

interface Counter {
  series: BucketSeries
  rises: Increase[]
  /** Of its last reading before the spans. */
  previousTs: number | null
}

/** Where a counter says nothing while it is there, it did not rise. */
function increases({ series, rises, previousTs }: Counter, grid: SpanGrid): Float64Array {
  const column = new Float64Array(grid.count).fill(Number.NaN)
  const riseOf = risesByStart(rises)
  const hasReading = new Set(series.ts)
  let heldFrom = previousTs ?? Number.NEGATIVE_INFINITY
  for (let index = 0; index < grid.count; index++) {
    const start = grid.startOf(index)
    if (hasReading.has(start)) {
      column[index] = riseOf.get(start) ?? Number.NaN
      heldFrom = grid.endOf(index)
    } else if (isHeld(heldFrom, grid, index)) column[index] = 0
  }
  return column
}

/**
 * A span's rise over the time since the last span with a reading: a counter that is read every ten seconds keeps its
 * rate in spans of one second.
 */
function rates(
  { series, rises, previousTs }: Counter,
  grid: SpanGrid,
  period: number,
  now: number,
): Float64Array {
  const column = new Float64Array(grid.count).fill(Number.NaN)
  const riseOf = risesByStart(rises)
  const hasReading = new Set(series.ts)
  let since = previousTs === null ? null : endBefore(grid, previousTs)
  let held = Number.NaN
  let heldFrom = Number.NEGATIVE_INFINITY
  for (let index = 0; index < grid.count; index++) {
    const start = grid.startOf(index)
    if (hasReading.has(start)) {
      const end = Math.max(start + 1, Math.min(grid.endOf(index), now))
      const rise = riseOf.get(start) ?? Number.NaN
      held = (rise * period) / (end - (since ?? start))
      column[index] = held
      since = end
      heldFrom = end
    } else if (isHeld(heldFrom, grid, index)) column[index] = held
  }
  return column
}

/** The end of the span that a time before the grid would be in, were there spans as wide as the first. */
function endBefore(grid: SpanGrid, ts: number): number {
  const start = grid.startOf(0)
  const width = grid.endOf(0) - start
  return start - (Math.ceil((start - ts) / width) - 1) * width
}

function risesByStart(rises: Increase[]): Map<number, number | null> {
  return new Map(rises.map(({ from, increase }) => [from, increase]))
}

function isHeld(heldFrom: number, grid: SpanGrid, index: number): boolean {
  const start = grid.startOf(index)
  return start - heldFrom <= Math.max(HOLD, grid.endOf(index) - start)
}

function evaluate(program: Program, inputs: Float64Array[], series: BucketSeries[], grid: SpanGrid): Buckets {
  const isAwake = new Uint8Array(grid.count)
  for (const { ts } of series) {
    for (const start of ts) {
      const index = grid.indexOf(start)
      if (index >= 0) isAwake[index] = 1
    }
  }
  const ts: number[] = []
  const results: number[] = []
  const now = new Float64Array(inputs.length)
  for (let index = 0; index < grid.count; index++) {
    if (isAwake[index] === 0) continue
    for (const [slot, column] of inputs.entries()) now[slot] = column[index] ?? Number.NaN
    const value = program.run(now)
    if (!Number.isFinite(value)) continue
    ts.push(grid.startOf(index))
    results.push(value)
  }
  return {
    ts,
    count: results.map(() => 1),
    min: results,
    max: results,
    avg: results,
    timeAverage: results,
    sum: results,
    first: results,
    last: results,
    width: grid.count > 0 ? grid.endOf(0) - grid.startOf(0) : 0,
    damaged: joinSpans(series.flatMap(({ damaged }) => damaged)),
  }
}
