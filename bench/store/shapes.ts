import { packFlags } from '#contract/model/reading-batch.ts'
import type { ReadingColumns } from '#platform/historian/blocks/reading-columns.ts'

/** What a channel sends: a temperature to two decimals, a computed double in all its digits, a pump that is on or off. */
export const shapes = ['two-decimal', 'double', 'onoff'] as const
export type Shape = (typeof shapes)[number]

export const SECOND = 1_000
export const HOUR = 3_600 * SECOND
export const DAY = 24 * HOUR

/** An hour of one channel. */
export interface HourOfReadings {
  series: number
  from: number
  columns: ReadingColumns
}

export interface History {
  shape: Shape
  series: number
  /** ms; a whole UTC day. */
  from: number
  /** Of each series. */
  hours: number
  /** ms between two readings, a divisor of an hour; a second unless given. */
  every?: number
}

export function readingsOf({ series, hours, every = SECOND }: History): number {
  return series * hours * (HOUR / every)
}

/** The same history whenever it is asked for, series by series in order of time; its columns are used again for the next hour. */
export function* hoursOf({ shape, series, from, hours, every = SECOND }: History): Generator<HourOfReadings> {
  const kind = shape === 'onoff' ? 'boolean' : 'number'
  const count = HOUR / every
  const columns: ReadingColumns = {
    count,
    ts: new Float64Array(count),
    values: new Float64Array(count),
    flags: new Uint16Array(count).fill(packFlags(kind, 0)),
    texts: [],
  }
  for (let one = 1; one <= series; one++) {
    const next = walk(shape, one)
    for (let hour = 0; hour < hours; hour++) {
      const start = from + hour * HOUR
      for (let i = 0; i < count; i++) {
        columns.ts[i] = start + i * every
        columns.values[i] = next()
      }
      yield { series: one, from: start, columns }
    }
  }
}

/** A slow walk with the noise of a sensor on it: a tenth of a degree, to two decimals or in all its digits. */
function walk(shape: Shape, seed: number): () => number {
  const random = mulberry32(seed)
  if (shape === 'onoff') {
    let on = 0
    return () => {
      // Some 18 changes a day.
      if (random() < 0.0002) on = 1 - on
      return on
    }
  }
  const middle = 20 + seed / 10
  let slow = 0
  return () => {
    slow += (random() - 0.5) * 0.02 - slow * 0.0001
    // The sum of four is near enough to a bell: its deviation is 0.58.
    const noise = (random() + random() + random() + random() - 2) * 0.173
    const value = middle + slow + noise
    return shape === 'double' ? value : Math.round(value * 100) / 100
  }
}

/** A 32-bit generator that gives the same numbers on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
