import { BlockDamaged } from './block-damaged.ts'
import type { ColumnSink, ColumnSource } from './column-streams.ts'
import { powerOf, SCALE_MAX } from './decimal-scale.ts'
import { readNarrow, writeNarrow } from './narrow-column.ts'
import { type DecimalForm, FORMS, formOf, formScale, hasForm, inverseOf, wholeOf } from './number-form.ts'
import { readWholes, writeWholes } from './whole-column.ts'
import { readWide, writeWide } from './wide-column.ts'

/**
 * Any doubles, to the last bit.
 *
 *     form     u8   as in number-form.ts
 *   decimals (0, 1, 2):
 *     scale    u8
 *     wholes        a column of whole numbers
 *     exceptions    varint count; for each varint rows since the exception before (for the first: its row), then its double
 *   floats (3):     a narrow column of their bits
 *   doubles (4):    a wide column of their bits
 */
export function writeNumbers(sink: ColumnSink, values: Float64Array, count: number): void {
  reserve(count)
  const form = formOf(values, count)
  if (form.form === FORMS.doubles) writeDoubles(sink, values, count)
  else if (form.form === FORMS.floats) {
    if (allFloats(values, count)) writeFloats(sink, values, count)
    else writeDoubles(sink, values, count)
  } else if (!writeDecimals(sink, values, count, form.form, form.scale)) writeDoubles(sink, values, count)
}

/** Fills `values`. @throws BlockDamaged */
export function readNumbers(source: ColumnSource, values: Float64Array, count: number): void {
  reserve(count)
  const form = source.head.byte()
  if (form === FORMS.doubles) {
    readWide(source, low, high, count)
    const bits = new Uint32Array(values.buffer, values.byteOffset, 2 * count)
    for (let i = 0; i < count; i++) {
      bits[2 * i + LOW] = low[i] as number
      bits[2 * i + HIGH] = high[i] as number
    }
  } else if (form === FORMS.floats) {
    readNarrow(source, new Int32Array(floats.buffer), count)
    for (let i = 0; i < count; i++) values[i] = floats[i] as number
  } else readDecimals(source, values, count, form)
}

/** Where the halves of a double are in memory. */
const LOW = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW
/** Bytes of an exception, about; and what another decimal costs each number: log2(10) / 8. */
const EXCEPTION_COST = 10
const DECIMAL_COST = 0.42
const EXCEPTIONS_SHARE = 1 / 8

let wholes = new Float64Array(65_536)
let floats = new Float32Array(65_536)
let low = new Uint32Array(65_536)
let high = new Uint32Array(65_536)
const exceptions: number[] = []

function reserve(count: number): void {
  if (wholes.length >= count) return
  wholes = new Float64Array(count)
  floats = new Float32Array(count)
  low = new Uint32Array(count)
  high = new Uint32Array(count)
}

/** Returns false, and has written nothing, where too many numbers do not have this form. */
function writeDecimals(
  sink: ColumnSink,
  values: Float64Array,
  count: number,
  form: DecimalForm,
  scale: number,
): boolean {
  exceptions.length = 0
  const filled = wholes
  let needed = scale
  let suitedByMore = 0
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    // No form has -0: it is an exception.
    if (hasForm(value, form, scale) && (value !== 0 || Object.is(value, 0))) filled[i] = wholeOf(value, scale)
    else {
      filled[i] = i > 0 ? (filled[i - 1] as number) : 0
      exceptions.push(i)
      const own = formScale(value, form, scale)
      if (own > scale) suitedByMore++
      needed = Math.max(needed, own)
    }
  }
  if (suitedByMore * EXCEPTION_COST > count * (needed - scale) * DECIMAL_COST)
    return writeDecimals(sink, values, count, form, needed)
  if (exceptions.length > 1 + count * EXCEPTIONS_SHARE) return false
  sink.head.byte(form)
  sink.head.byte(scale)
  writeWholes(sink, wholes, count)
  sink.head.varint(exceptions.length)
  let before = 0
  for (const row of exceptions) {
    sink.head.varint(row - before)
    sink.head.double(values[row] as number)
    before = row
  }
  return true
}

function readDecimals(source: ColumnSource, values: Float64Array, count: number, form: number): void {
  const scale = source.head.byte()
  if (scale > SCALE_MAX) throw new BlockDamaged(`scale ${scale}`)
  const power = powerOf(scale)
  readWholes(source, values, count, form === FORMS.quotient ? power : 1)
  if (form === FORMS.product) {
    const inverse = inverseOf(scale)
    for (let i = 0; i < count; i++) values[i] = (values[i] as number) * inverse
  } else if (form === FORMS.floatQuotient) {
    for (let i = 0; i < count; i++) values[i] = Math.fround((values[i] as number) / power)
  } else if (form !== FORMS.quotient) throw new BlockDamaged(`numbers of form ${form}`)
  let row = 0
  for (let rest = source.head.count(count); rest > 0; rest--) {
    row += source.head.varint()
    if (row >= count) throw new BlockDamaged('an exception past the end')
    values[row] = source.head.double()
  }
}

function allFloats(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    if (!Object.is(Math.fround(values[i] as number), values[i])) return false
  }
  return true
}

function writeFloats(sink: ColumnSink, values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) floats[i] = values[i] as number
  sink.head.byte(FORMS.floats)
  writeNarrow(sink, new Int32Array(floats.buffer), count)
}

function writeDoubles(sink: ColumnSink, values: Float64Array, count: number): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, 2 * count)
  for (let i = 0; i < count; i++) {
    low[i] = bits[2 * i + LOW] as number
    high[i] = bits[2 * i + HIGH] as number
  }
  sink.head.byte(FORMS.doubles)
  writeWide(sink, low, high, count)
}
