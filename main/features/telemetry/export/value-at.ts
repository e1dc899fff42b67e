import type { ReadingValue } from '#contract/model/reading.ts'
import { KIND_SHIFT, packFlags } from '#contract/model/reading-batch.ts'
import type { ReadingColumns } from '#platform/historian/blocks/reading-columns.ts'

export const TEXT_KIND = packFlags('text', 0) / KIND_SHIFT
export const BOOLEAN_KIND = packFlags('boolean', 0) / KIND_SHIFT

/** The value of one reading of a page. */
export function valueAt({ values, flags, texts }: ReadingColumns, row: number): ReadingValue {
  const value = values[row] ?? 0
  switch (Math.floor((flags[row] ?? 0) / KIND_SHIFT)) {
    case TEXT_KIND:
      return texts[value] ?? ''
    case BOOLEAN_KIND:
      return value !== 0
    default:
      return value
  }
}
