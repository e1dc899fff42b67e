import { LONGEST_RUN } from '#cloud/readings/index.ts'
import { kindOf } from '#contract/model/reading-batch.ts'
import { powerOf, scaleOf, WHOLE_MAX } from '#platform/historian/blocks/decimal-scale.ts'
import { type EvenColumn, evenColumn, usualStep } from './even-column.ts'
import type { SeriesReadings } from './series-readings.ts'

/** A version in the cloud is generation * 2^44 + ingest sequence. */
export const GENERATION_SHIFT = 44n
/** Readings of a run at the most: a run is one value in memory over there. */
const LONGEST = 2_000
/** Characters of text of a run, from which on it ends. */
const LONGEST_TEXT = 256 * 1024
/** What times may differ from even ones before a new run is cheaper, ms, and from how many readings on. */
const UNEVEN = 100_000
const SHORTEST = 16

export interface RunContext {
  /** The channel's number in the cloud. */
  channel: number
  generation: number
  /** Gives each run of a batch its number. */
  nextRun(): number
}

/**
 * Readings as lines of COPY's text format (null is an empty cell) for `millwright_incoming` (cloud/readings/incoming.ts): runs with the same
 * flags, within a month. What a person can read is also what is shortest: some 7 bytes a reading.
 */
export function* runLines(readings: SeriesReadings, context: RunContext): Generator<string> {
  for (let from = 0; from < readings.count; ) {
    const to = runEnd(readings, from)
    yield runLine(readings, from, to, context)
    from = to
  }
}

function runEnd(readings: SeriesReadings, from: number): number {
  const { count, ts, flags } = readings
  const first = ts[from] as number
  const most = Math.min(count, from + LONGEST)
  const until = Math.min(first + LONGEST_RUN, monthAfter(first))
  let end = from + 1
  while (end < most && flags[end] === flags[from] && (ts[end] as number) < until) end++
  end = textEnd(readings, from, end)
  const step = usualStep((row) => ts[row] as number, from, end)
  for (let row = from + SHORTEST; row < end; row++)
    if (Math.abs((ts[row] as number) - first - (row - from) * step) > UNEVEN) return row
  return end
}

function textEnd({ texts, values, flags }: SeriesReadings, from: number, end: number): number {
  if (kindOf(flags[from] as number) !== 'text') return end
  let characters = 0
  for (let row = from; row < end; row++) {
    characters += texts[values[row] as number]?.length ?? 0
    if (characters > LONGEST_TEXT) return row + 1
  }
  return end
}

/** A run lies in one partition. Beyond what a Date can be, 31 days have to do. */
function monthAfter(ts: number): number {
  const date = new Date(ts)
  const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
  // Date.UTC takes years below 100 for those of the last century.
  return next > ts ? next : ts + LONGEST_RUN
}

function runLine(readings: SeriesReadings, from: number, to: number, context: RunContext): string {
  const { ts, seqs, flags, values, texts } = readings
  const time = (row: number) => ts[row] as number
  const seq = (row: number) => seqs[row] as number
  const times = evenColumn(time, from, to, usualStep(time, from, to), false)
  const versions = evenColumn(seq, from, to, usualStep(seq, from, to), true)
  const version = (BigInt(context.generation) << GENERATION_SHIFT) + BigInt(versions.first)
  const isText = kindOf(flags[from] as number) === 'text'
  const head = `${context.nextRun()}\t${context.channel}\t${flags[from]}\t${to - from}`
  const value = isText ? textColumns(values, texts, from, to) : numberColumns(values, from, to)
  return `${head}\t${times.first}\t${time(to - 1) - time(from)}\t${times.step}\t${times.rest ?? ''}\t${version}\t${versions.step}\t${versions.rest ?? ''}\t${value}\n`
}

/** value, value_step, value_rest, scale, floats, texts. */
function numberColumns(values: Float64Array, from: number, to: number): string {
  const scale = commonScale(values, from, to)
  if (scale < 0) return `\t\t\t\t${floats(values, from, to)}\t`
  const power = powerOf(scale)
  const whole = (row: number) => Math.round((values[row] as number) * power)
  const { first, step, rest }: EvenColumn = evenColumn(whole, from, to, rise(whole, from, to), true)
  return `${first}\t${step}\t${rest ?? ''}\t${power}\t\t`
}

/** -1: not all are decimals with few digits. */
function commonScale(values: Float64Array, from: number, to: number): number {
  let scale = 0
  for (let row = from; row < to; row++) {
    const value = values[row] as number
    if (Object.is(value, -0)) return -1
    scale = scaleOf(value, scale)
    if (scale < 0) return -1
  }
  // A value that was whole at a smaller scale may be too large at the common one.
  const power = powerOf(scale)
  for (let row = from; row < to; row++) {
    const value = values[row] as number
    if (Math.abs(value) * power > WHOLE_MAX || Math.round(value * power) / power !== value) return -1
  }
  return scale
}

/** What a counter rises by with each reading; 0 where it is none. */
function rise(at: (row: number) => number, from: number, to: number): number {
  for (let row = from + 1; row < to; row++) if (at(row) < at(row - 1)) return 0
  return to - from < 2 ? 0 : Math.round((at(to - 1) - at(from)) / (to - from - 1))
}

/** JavaScript writes the shortest decimal that is read as the same double; of -0 it forgets the sign. */
function floats(values: Float64Array, from: number, to: number): string {
  let list = '{'
  for (let row = from; row < to; row++) {
    const value = values[row] as number
    list += `${row > from ? ',' : ''}${Object.is(value, -0) ? '-0' : value}`
  }
  return `${list}}`
}

function textColumns(values: Float64Array, texts: readonly string[], from: number, to: number): string {
  let list = '{'
  for (let row = from; row < to; row++)
    list += `${row > from ? ',' : ''}${quoted(texts[values[row] as number] ?? '')}`
  return `\t\t\t\t\t${list}}`
}

const copyEscapes: Record<string, string> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\v': 'v',
}

/** As an element of an array (8.15.6: quotes and backslashes), and that in COPY's text format (backslashes again). */
function quoted(text: string): string {
  const element = text.replace(/[\\"]/g, '\\$&')
  return `"${element.replace(/\\/g, '\\\\').replace(/[\b\f\n\r\t\v]/g, (found) => `\\${copyEscapes[found] ?? ''}`)}"`
}
