import { KIND_SHIFT, packFlags } from '#contract/model/reading-batch.ts'
import { powerOf, scaleOf, WHOLE_MAX } from './decimal-scale.ts'
import { ExactSums, NeumaierSum } from './exact-sums.ts'
import type { ReadingColumns } from './reading-columns.ts'
import {
  DAY,
  HALF_HOUR,
  MINUTE,
  makeRollup,
  type RollupColumns,
  type RollupLevel,
  rollupColumnNames,
} from './rollup-columns.ts'

const TEXT = packFlags('text', 0) / KIND_SHIFT
const MINUTES_JOINED = HALF_HOUR / MINUTE

/**
 * Slots of the readings in [from, to), which lie in one UTC day; `from` and `to` in ms. -0 counts as 0. The same readings
 * of a slot give the same bits, whatever else is in `columns`.
 */
export function rollupOf(
  columns: ReadingColumns,
  from: number,
  to: number,
  level: RollupLevel,
): RollupColumns {
  const day = Math.floor(from / DAY) * DAY
  const { ts, values, count } = numbersOf(columns)
  let i = lowerBound(ts, count, from)
  const end = lowerBound(ts, count, to)
  const rollup = makeRollup(Math.min(DAY / level, end - i))
  const sums = new ExactSums()
  let n = 0
  while (i < end) {
    const slot = Math.floor(((ts[i] as number) - day) / level)
    const slotStart = day + slot * level
    const slotEnd = slotStart + level
    const start = i
    let min = Infinity
    let max = -Infinity
    for (; i < end && (ts[i] as number) < slotEnd; i++) {
      const value = values[i] as number
      if (value < min) min = value
      if (value > max) max = value
    }
    sums.ofReadings(ts, values, start, i)
    rollup.slot[n] = slot
    rollup.rows[n] = i - start
    rollup.min[n] = min + 0
    rollup.max[n] = max + 0
    rollup.sum[n] = sums.sum
    rollup.first[n] = (values[start] as number) + 0
    rollup.last[n] = (values[i - 1] as number) + 0
    rollup.firstAt[n] = (ts[start] as number) - slotStart
    rollup.lastAt[n] = (ts[i - 1] as number) - slotStart
    rollup.area[n] = sums.area
    n++
  }
  rollup.count = n
  return rollup
}

/** Half hours of the minutes of a day. What happens between two minutes of a half hour is part of its area. */
export function joinSlots(minutes: RollupColumns): RollupColumns {
  const rollup = makeRollup(Math.min(DAY / HALF_HOUR, minutes.count))
  let n = 0
  for (let i = 0; i < minutes.count; n++) {
    const slot = Math.floor((minutes.slot[i] as number) / MINUTES_JOINED)
    const start = i
    let rows = 0
    let min = Infinity
    let max = -Infinity
    for (; i < minutes.count && (minutes.slot[i] as number) < (slot + 1) * MINUTES_JOINED; i++) {
      rows += minutes.rows[i] as number
      min = Math.min(min, minutes.min[i] as number)
      max = Math.max(max, minutes.max[i] as number)
    }
    const offset = (minute: number) => ((minutes.slot[minute] as number) - slot * MINUTES_JOINED) * MINUTE
    const { sum, area } = joinedSums(minutes, start, i)
    rollup.slot[n] = slot
    rollup.rows[n] = rows
    rollup.min[n] = min
    rollup.max[n] = max
    rollup.sum[n] = sum
    rollup.first[n] = minutes.first[start] as number
    rollup.last[n] = minutes.last[i - 1] as number
    rollup.firstAt[n] = offset(start) + (minutes.firstAt[start] as number)
    rollup.lastAt[n] = offset(i - 1) + (minutes.lastAt[i - 1] as number)
    rollup.area[n] = area
  }
  rollup.count = n
  return rollup
}

/** `old` with what it has of slots [fromSlot, toSlot) replaced by `fresh`, which has none outside of these. */
export function replaceSlots(
  old: RollupColumns | null,
  fromSlot: number,
  toSlot: number,
  fresh: RollupColumns,
): RollupColumns {
  if (!old || old.count === 0) return fresh
  const before = lowerBound(old.slot, old.count, fromSlot)
  const after = lowerBound(old.slot, old.count, toSlot)
  const rollup = makeRollup(before + fresh.count + old.count - after)
  rollup.count = rollup.slot.length
  for (const name of rollupColumnNames) {
    const to = rollup[name]
    to.set(old[name].subarray(0, before))
    to.set(fresh[name].subarray(0, fresh.count), before)
    to.set(old[name].subarray(after, old.count), before + fresh.count)
  }
  return rollup
}

function joinedSums(minutes: RollupColumns, start: number, end: number): { sum: number; area: number } {
  return wholeJoin(minutes, start, end) ?? floatJoin(minutes, start, end)
}

/** Exact, as in ExactSums; null where that cannot be. */
function wholeJoin(minutes: RollupColumns, start: number, end: number): { sum: number; area: number } | null {
  const { sum: sums, area: areas, last: lasts } = minutes
  let scale = 0
  for (let i = start; i < end; i++) {
    for (const column of [sums, areas, lasts]) {
      scale = scaleOf(column[i] as number, scale)
      if (scale < 0) return null
    }
  }
  const power = powerOf(scale)
  let sum = 0
  let area = 0
  let sizes = 0
  for (let i = start; i < end; i++) {
    const wholeSum = Math.round((sums[i] as number) * power)
    const wholeArea = Math.round((areas[i] as number) * power)
    const joint = i + 1 < end ? Math.round((lasts[i] as number) * power) * gapAfter(minutes, i) : 0
    sum += wholeSum
    area += wholeArea + joint
    sizes += Math.abs(wholeSum) + Math.abs(wholeArea) + Math.abs(joint)
  }
  if (sizes > WHOLE_MAX) return null
  return { sum: sum / power + 0, area: area / power + 0 }
}

function floatJoin(minutes: RollupColumns, start: number, end: number): { sum: number; area: number } {
  const sum = new NeumaierSum()
  const area = new NeumaierSum()
  for (let i = start; i < end; i++) {
    sum.add(minutes.sum[i] as number)
    area.add(minutes.area[i] as number)
    if (i + 1 < end) area.add((minutes.last[i] as number) * gapAfter(minutes, i))
  }
  return { sum: sum.total(), area: area.total() }
}

/** ms from the last reading of an entry to the first of the next one. */
function gapAfter({ slot, firstAt, lastAt }: RollupColumns, i: number): number {
  const slots = (slot[i + 1] as number) - (slot[i] as number)
  return slots * MINUTE + (firstAt[i + 1] as number) - (lastAt[i] as number)
}

/** The readings that are numbers. */
function numbersOf({ count, ts, values, flags }: ReadingColumns): {
  count: number
  ts: Float64Array
  values: Float64Array
} {
  let texts = 0
  for (let i = 0; i < count; i++) if ((flags[i] as number) >>> 8 === TEXT) texts++
  if (texts === 0) return { count, ts, values }
  const numbers = { count: 0, ts: new Float64Array(count - texts), values: new Float64Array(count - texts) }
  for (let i = 0; i < count; i++) {
    if ((flags[i] as number) >>> 8 === TEXT) continue
    numbers.ts[numbers.count] = ts[i] as number
    numbers.values[numbers.count++] = values[i] as number
  }
  return numbers
}

/** The first of `count` rising entries that is not below `least`. */
function lowerBound(rising: Float64Array | Uint16Array, count: number, least: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rising[middle] as number) < least) low = middle + 1
    else high = middle
  }
  return low
}
