import { BlockDamaged } from './block-damaged.ts'
import type { ColumnSink, ColumnSource } from './column-streams.ts'
import { powerOf, SCALE_MAX, scaleOf, WHOLE_MAX } from './decimal-scale.ts'
import { readNumbers, writeNumbers } from './number-column.ts'
import { DAY, MINUTE, type RollupColumns } from './rollup-columns.ts'
import { readWholes, writeWholes } from './whole-column.ts'

/**
 * The numbers of a rollup: first, last, max, min, sum, area.
 *
 *     scale       u8   0 to 9; 255: six columns of numbers follow, in that order, and nothing else
 *     residuals        six columns of whole numbers, in that order: what `predict` leaves of the numbers times 10^scale
 *     exceptions       varint count; for each varint entries since the exception before, then its six doubles
 *
 * An exception is an entry whose numbers are not all decimals of that scale. Its residuals are 0.
 */
const NO_SCALE = 255
const EXCEPTIONS_SHARE = 1 / 8
/** Bytes of an exception, and what a decimal more costs each entry: 6 * log2(10) / 8. */
const EXCEPTION_COST = 49
const DECIMAL_COST = 2.5

const SLOTS_MAX = DAY / MINUTE
const makeWholes = () => new Float64Array(SLOTS_MAX)
/** Numbers times 10^scale, then what is left of them. */
const first = makeWholes()
const last = makeWholes()
const max = makeWholes()
const min = makeWholes()
const sum = makeWholes()
const area = makeWholes()
const residuals = [first, last, max, min, sum, area] as const
const scales = new Int8Array(SLOTS_MAX)

export function writeRollupNumbers(sink: ColumnSink, columns: RollupColumns): void {
  const { count } = columns
  const scale = commonScale(columns)
  if (scale === null) {
    sink.head.byte(NO_SCALE)
    for (const column of numbersOf(columns)) writeNumbers(sink, column, count)
    return
  }
  const exceptions: number[] = []
  let before = 0
  for (let i = 0; i < count; i++) {
    if (isException(i, scale) || !fillResiduals(columns, i, powerOf(scale), before)) {
      for (const residual of residuals) residual[i] = 0
      exceptions.push(i)
    } else before = whole(columns.last, i, powerOf(scale))
  }
  sink.head.byte(scale)
  for (const residual of residuals) writeWholes(sink, residual, count)
  sink.head.varint(exceptions.length)
  let exceptionBefore = 0
  for (const entry of exceptions) {
    sink.head.varint(entry - exceptionBefore)
    for (const column of numbersOf(columns)) sink.head.double(column[entry] as number)
    exceptionBefore = entry
  }
}

/** False where the numbers would not come back from them: no readings have such numbers. */
function fillResiduals(columns: RollupColumns, i: number, power: number, before: number): boolean {
  const wholeFirst = whole(columns.first, i, power)
  const wholeLast = whole(columns.last, i, power)
  const wholeMax = whole(columns.max, i, power)
  const wholeMin = whole(columns.min, i, power)
  const wholeSum = whole(columns.sum, i, power)
  const wholeArea = whole(columns.area, i, power)
  const sumExpected = expectedSum(columns, i, wholeFirst, wholeLast, wholeMax, wholeMin)
  const areaExpected = expectedArea(columns, i, wholeSum, wholeLast)
  first[i] = wholeFirst - before
  last[i] = wholeLast - wholeFirst
  max[i] = wholeMax - Math.max(wholeFirst, wholeLast)
  min[i] = Math.min(wholeFirst, wholeLast) - wholeMin
  const sumRest = wholeSum - sumExpected
  const areaRest = wholeArea - areaExpected
  sum[i] = sumRest
  area[i] = areaRest
  return (
    Math.abs(sumRest) <= WHOLE_MAX &&
    sumExpected + sumRest === wholeSum &&
    Math.abs(areaRest) <= WHOLE_MAX &&
    areaExpected + areaRest === wholeArea &&
    wholeFirst / power === columns.first[i] &&
    wholeLast / power === columns.last[i] &&
    wholeMax / power === columns.max[i] &&
    wholeMin / power === columns.min[i] &&
    wholeSum / power === columns.sum[i] &&
    wholeArea / power === columns.area[i]
  )
}

/** Fills the numbers of `columns`, whose count, rows and times are there. @throws BlockDamaged */
export function readRollupNumbers(source: ColumnSource, columns: RollupColumns): void {
  const { count } = columns
  const scale = source.head.byte()
  if (scale === NO_SCALE) {
    for (const column of numbersOf(columns)) readNumbers(source, column, count)
    return
  }
  if (scale > SCALE_MAX) throw new BlockDamaged(`scale ${scale}`)
  for (const residual of residuals) readWholes(source, residual, count)
  const power = powerOf(scale)
  let before = 0
  for (let i = 0; i < count; i++) {
    const wholeFirst = before + (first[i] as number)
    const wholeLast = wholeFirst + (last[i] as number)
    const wholeMax = Math.max(wholeFirst, wholeLast) + (max[i] as number)
    const wholeMin = Math.min(wholeFirst, wholeLast) - (min[i] as number)
    const wholeSum = expectedSum(columns, i, wholeFirst, wholeLast, wholeMax, wholeMin) + (sum[i] as number)
    columns.first[i] = wholeFirst / power
    columns.last[i] = wholeLast / power
    columns.max[i] = wholeMax / power
    columns.min[i] = wholeMin / power
    columns.sum[i] = wholeSum / power
    columns.area[i] = (expectedArea(columns, i, wholeSum, wholeLast) + (area[i] as number)) / power
    before = wholeLast
  }
  let entry = 0
  for (let rest = source.head.count(count); rest > 0; rest--) {
    entry += source.head.varint()
    if (entry >= count) throw new BlockDamaged('an exception past the end')
    for (const column of numbersOf(columns)) column[entry] = source.head.double()
  }
}

function numbersOf(columns: RollupColumns): Float64Array<ArrayBuffer>[] {
  return [columns.first, columns.last, columns.max, columns.min, columns.sum, columns.area]
}

/** What an even way between the four would sum up to. */
function expectedSum(
  { rows }: RollupColumns,
  i: number,
  wholeFirst: number,
  wholeLast: number,
  wholeMax: number,
  wholeMin: number,
): number {
  return Math.round(((rows[i] as number) * (wholeFirst + wholeLast + wholeMax + wholeMin)) / 4)
}

/** With equal times between the readings this is the area itself. */
function expectedArea(
  { rows, firstAt, lastAt }: RollupColumns,
  i: number,
  wholeSum: number,
  wholeLast: number,
): number {
  const steps = (rows[i] as number) - 1
  if (steps < 1) return 0
  return Math.round(((wholeSum - wholeLast) * ((lastAt[i] as number) - (firstAt[i] as number))) / steps)
}

function whole(column: Float64Array, i: number, power: number): number {
  return Math.round((column[i] as number) * power)
}

function isException(i: number, scale: number): boolean {
  const own = scales[i] as number
  return own < 0 || own > scale
}

/**
 * Fills `scales` with the scale of each entry; -1 where there is none. Returns the one that makes all of them, with
 * their exceptions, shortest; null where too many would be exceptions.
 */
function commonScale(columns: RollupColumns): number | null {
  const { count } = columns
  const entries = new Uint32Array(SCALE_MAX + 1)
  const numbers = numbersOf(columns)
  for (let i = 0; i < count; i++) {
    const scale = entryScale(numbers, i)
    scales[i] = scale
    if (scale >= 0) entries[scale] = (entries[scale] as number) + 1
  }
  let least: number | null = null
  let leastCost = Infinity
  let suited = 0
  for (let scale = 0; scale <= SCALE_MAX; scale++) {
    suited += entries[scale] as number
    const exceptions = count - suited
    const cost = exceptions * EXCEPTION_COST + count * scale * DECIMAL_COST
    if (exceptions > count * EXCEPTIONS_SHARE || cost >= leastCost) continue
    least = scale
    leastCost = cost
  }
  return least
}

function entryScale(numbers: Float64Array[], i: number): number {
  let scale = 0
  for (const column of numbers) {
    const value = column[i] as number
    if (Object.is(value, -0)) return -1
    scale = scaleOf(value, scale)
    if (scale < 0) return -1
  }
  return scale
}
