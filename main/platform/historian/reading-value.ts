import type { Reading, ReadingValue } from '#contract/model/reading.ts'
import { kindOf, qualityOf } from '#contract/model/reading-batch.ts'

/** A stored value as the API gives it: booleans are stored as 0 and 1. */
export function readingValue(value: number | string, flags: number): ReadingValue {
  return kindOf(flags) === 'boolean' ? value !== 0 : value
}

export function toReading(ts: number, value: number | string, flags: number, seq: number): Reading {
  return { ts, value: readingValue(value, flags), quality: qualityOf(flags), seq }
}
