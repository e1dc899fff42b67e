import { BlockDamaged } from './block-damaged.ts'
import { type ColumnSource, clearedSink } from './column-streams.ts'
import { seal, unseal } from './envelope.ts'
import { DAY, MINUTE, makeRollup, type RollupColumns } from './rollup-columns.ts'
import { readRollupNumbers, writeRollupNumbers } from './rollup-numbers.ts'
import { readWholes, writeWholes } from './whole-column.ts'

const SLOTS_MAX = DAY / MINUTE
/** One reading a ms. */
const ROWS_MAX = DAY
const wholes = new Float64Array(SLOTS_MAX)

/**
 * The body of a rollup; docs/historian-format.md tells its bytes. Lossless.
 *
 * @throws RangeError more slots than a day has minutes, or such that cannot be
 */
export function encodeRollup(columns: RollupColumns): Buffer {
  const { count, slot, rows, firstAt, lastAt } = columns
  if (count > SLOTS_MAX) throw new RangeError(`${count} slots`)
  if (!rises(slot, count)) throw new RangeError('slots do not rise')
  const sink = clearedSink()
  sink.head.varint(count)
  for (const [column, most] of [
    [slot, SLOTS_MAX - 1],
    [rows, ROWS_MAX],
    [firstAt, DAY],
    [lastAt, DAY],
  ] as const) {
    wholes.set(column.subarray(0, count))
    if (!isWithin(count, most)) throw new RangeError(`not whole, or more than ${most}`)
    writeWholes(sink, wholes, count)
  }
  writeRollupNumbers(sink, columns)
  return seal(sink)
}

/** @throws BlockDamaged whatever the bytes are */
export function decodeRollup(data: Uint8Array): RollupColumns {
  const source = unseal(data)
  const count = source.head.count(SLOTS_MAX)
  const columns = makeRollup(count)
  columns.count = count
  columns.slot.set(readWithin(source, count, SLOTS_MAX - 1))
  if (!rises(columns.slot, count)) throw new BlockDamaged('its slots do not rise')
  columns.rows.set(readWithin(source, count, ROWS_MAX))
  columns.firstAt.set(readWithin(source, count, DAY))
  columns.lastAt.set(readWithin(source, count, DAY))
  readRollupNumbers(source, columns)
  if (source.head.left > 0 || source.tail.left > 0) throw new BlockDamaged('bytes after its end')
  return columns
}

/** Gives the one array of this module. */
function readWithin(source: ColumnSource, count: number, most: number): Float64Array {
  readWholes(source, wholes, count)
  if (!isWithin(count, most)) throw new BlockDamaged(`a number, where ${most} is the most`)
  return wholes.subarray(0, count)
}

function isWithin(count: number, most: number): boolean {
  for (let i = 0; i < count; i++) {
    const whole = wholes[i] as number
    if (!(whole >= 0 && whole <= most && Number.isInteger(whole))) return false
  }
  return true
}

function rises(slot: Uint16Array, count: number): boolean {
  for (let i = 1; i < count; i++) if ((slot[i] as number) <= (slot[i - 1] as number)) return false
  return true
}
