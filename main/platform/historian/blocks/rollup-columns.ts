/**
 * Summaries of one series over one UTC day, one entry for each slot (a minute, or 30 minutes) that holds numbers, in
 * order. Booleans count as 0 and 1; texts are left out, and a series of texts has no rollups.
 */
export interface RollupColumns {
  /** Entries; the arrays may be longer. */
  count: number
  /** Number of the slot in its day: 0 to 1439, or 0 to 47. */
  slot: Uint16Array<ArrayBuffer>
  /** Readings in the slot. */
  rows: Uint32Array<ArrayBuffer>
  min: Float64Array<ArrayBuffer>
  max: Float64Array<ArrayBuffer>
  sum: Float64Array<ArrayBuffer>
  first: Float64Array<ArrayBuffer>
  last: Float64Array<ArrayBuffer>
  /** ms from the slot's start to its first and last reading. */
  firstAt: Float64Array<ArrayBuffer>
  lastAt: Float64Array<ArrayBuffer>
  /**
   * Value × ms, from the first reading of the slot to its last, each value holding until the next reading. What
   * lies before and after belongs to whoever joins slots: there the value of the slot before holds.
   */
  area: Float64Array<ArrayBuffer>
}

export const MINUTE = 60_000
export const HALF_HOUR = 30 * MINUTE
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** ms of a slot at each level. */
const rollupLevels = [MINUTE, HALF_HOUR] as const
export type RollupLevel = (typeof rollupLevels)[number]

/** The columns, each with an entry for each slot. */
export const rollupColumnNames = [
  'slot',
  'rows',
  'min',
  'max',
  'sum',
  'first',
  'last',
  'firstAt',
  'lastAt',
  'area',
] as const satisfies (keyof RollupColumns)[]

/** Room for `capacity` slots. */
export function makeRollup(capacity: number): RollupColumns {
  return {
    count: 0,
    slot: new Uint16Array(capacity),
    rows: new Uint32Array(capacity),
    min: new Float64Array(capacity),
    max: new Float64Array(capacity),
    sum: new Float64Array(capacity),
    first: new Float64Array(capacity),
    last: new Float64Array(capacity),
    firstAt: new Float64Array(capacity),
    lastAt: new Float64Array(capacity),
    area: new Float64Array(capacity),
  }
}
