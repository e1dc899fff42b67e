import { KIND_SHIFT, packFlags } from '#contract/model/reading-batch.ts'
import type { BlockRow } from '../months/month-file.ts'
import { NeumaierSum } from './exact-sums.ts'
import type { ReadingColumns } from './reading-columns.ts'

type BlockSummary = Pick<
  BlockRow,
  'count' | 'firstTs' | 'lastTs' | 'min' | 'max' | 'sum' | 'first' | 'last' | 'drops'
>

const TEXT = packFlags('text', 0) / KIND_SHIFT

/**
 * What a block says of its readings without being decoded. Numbers only, booleans as 0 and 1; null where there are
 * none. -0 counts as 0, for SQLite keeps no -0 in a column of numbers. `columns` holds at least one reading.
 */
export function summaryOf({ count, ts, values, flags }: ReadingColumns): BlockSummary {
  let numbers = 0
  let min = Infinity
  let max = -Infinity
  let first = 0
  let last = 0
  let drops = 0
  const sum = new NeumaierSum()
  for (let i = 0; i < count; i++) {
    if ((flags[i] as number) >>> 8 === TEXT) continue
    const value = values[i] as number
    if (numbers === 0) first = value
    else if (value < last) drops++
    last = value
    if (value < min) min = value
    if (value > max) max = value
    sum.add(value)
    numbers++
  }
  const span = { count, firstTs: ts[0] ?? 0, lastTs: ts[count - 1] ?? 0 }
  if (numbers === 0) return { ...span, min: null, max: null, sum: null, first: null, last: null, drops: 0 }
  return { ...span, min: min + 0, max: max + 0, sum: sum.total(), first: first + 0, last: last + 0, drops }
}
