import { ExpectedError } from '#contract/errors.ts'
import type { BucketQuery, RawQuery } from '../historian.ts'

export const PAGE_READINGS = 10_000
export const BUCKETS = 10_000

/** @throws ExpectedError `range_invalid` */
export function checkRaw(query: RawQuery): void {
  checkRange(query)
  checkCount('limit', query.limit, PAGE_READINGS)
}

/** @throws ExpectedError `range_invalid` */
export function checkBuckets(query: BucketQuery): void {
  checkRange(query)
  checkCount('count', query.count, BUCKETS)
}

function checkRange({ from, to }: { from: number; to: number }): void {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to))
    refuse('times are whole milliseconds since 1970')
  if (from >= to) refuse('its start is not before its end')
}

function checkCount(name: string, count: number, most: number): void {
  if (!Number.isSafeInteger(count) || count < 1 || count > most) refuse(`${name} must be from 1 to ${most}`)
}

function refuse(cause: string): never {
  throw new ExpectedError('range_invalid', { cause })
}
