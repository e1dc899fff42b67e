import { ExpectedError } from '#contract/errors.ts'
import { type ChangedQuery, type CountQuery, type SinceQuery, TAIL_ROWS, type TailQuery } from '../changes.ts'
import type {
  BucketQuery,
  ColumnsQuery,
  CorrectionQuery,
  GapQuery,
  IncreaseQuery,
  RawQuery,
  Spans,
  StateQuery,
  TimeSpan,
} from '../historian.ts'

export const PAGE_READINGS = 10_000
export const BUCKETS = 10_000
export const BUCKET_SERIES = 32
export const GAPS = 1_000
/** Times that a Date can have, ms (ECMA-262 21.4.1.1). */
const TIME_RANGE = 8.64e15

/** @throws ExpectedError `range_invalid` */
export function checkRaw(query: RawQuery): void {
  checkRange(query)
  checkCount('limit', query.limit, PAGE_READINGS)
  if (query.after !== undefined) checkTime('after', query.after)
}

/** @throws ExpectedError `range_invalid` */
export function checkColumns(query: ColumnsQuery): void {
  checkRange(query)
  if (query.after !== undefined) checkTime('after', query.after)
}

/** @throws ExpectedError `range_invalid` */
export function checkBuckets(query: BucketQuery): void {
  checkSpans(query)
  checkCount('the number of series', query.seriesIds.length, BUCKET_SERIES)
}

/** @throws ExpectedError `range_invalid` */
export function checkStates(query: StateQuery): void {
  checkSpans(query)
}

/** @throws ExpectedError `range_invalid` */
export function checkIncreases(query: IncreaseQuery): void {
  checkSpans(query)
  const { rollover } = query
  if (rollover !== null && !(Number.isFinite(rollover) && rollover > 0)) refuse('rollover must be above 0')
}

/** @throws ExpectedError `range_invalid` */
export function checkNeighbours(ts: number): void {
  checkTime('ts', ts)
}

/** @throws ExpectedError `range_invalid` */
export function checkGaps(query: GapQuery): void {
  checkRange(query)
  checkCount('limit', query.limit, GAPS)
  if (!Number.isSafeInteger(query.longerThan) || query.longerThan < 1) {
    refuse('longerThan must be a whole number of ms from 1 on')
  }
}

/** @throws ExpectedError `range_invalid` */
export function checkCorrections(query: CorrectionQuery): void {
  checkRange(query)
}

/** @throws ExpectedError `range_invalid` */
export function checkTail({ after, limit }: TailQuery): void {
  checkSeq('after', after)
  checkCount('limit', limit, TAIL_ROWS)
}

/** @throws ExpectedError `range_invalid` */
export function checkSince({
  afterSeq,
  upToSeq,
  from = -TIME_RANGE,
  to = TIME_RANGE,
  after,
}: SinceQuery): void {
  checkRange({ from, to })
  checkSeq('afterSeq', afterSeq)
  if (upToSeq !== undefined) checkSeq('upToSeq', upToSeq)
  if (after !== undefined) checkTime('after', after)
}

/** @throws ExpectedError `range_invalid` */
export function checkChanged({ afterSeq, upToSeq, fromTs }: ChangedQuery): void {
  checkSeq('afterSeq', afterSeq)
  if (upToSeq !== undefined) checkSeq('upToSeq', upToSeq)
  if (fromTs !== undefined) checkTime('fromTs', fromTs)
}

/** @throws ExpectedError `range_invalid` */
export function checkCountQuery({ from }: CountQuery): void {
  if (from !== undefined) checkTime('from', from)
}

function checkSpans(spans: Spans): void {
  if (!('edges' in spans)) {
    checkRange(spans)
    checkCount('count', spans.count, BUCKETS)
    return
  }
  const { edges } = spans
  checkCount('the number of spans', edges.length - 1, BUCKETS)
  edges.forEach((edge, at) => {
    checkTime(`edge ${at + 1}`, edge)
    if (at > 0 && edge <= (edges[at - 1] as number)) refuse(`edge ${at + 1} is not after the one before`)
  })
}

function checkRange({ from, to }: TimeSpan): void {
  checkTime('from', from)
  checkTime('to', to)
  if (from >= to) refuse('its start is not before its end')
}

function checkTime(name: string, ts: number): void {
  if (!Number.isSafeInteger(ts) || Math.abs(ts) > TIME_RANGE) {
    refuse(`${name} must be a whole number of ms since 1970`)
  }
}

function checkCount(name: string, count: number, most: number): void {
  if (!Number.isSafeInteger(count) || count < 1 || count > most) refuse(`${name} must be from 1 to ${most}`)
}

function checkSeq(name: string, seq: number): void {
  if (!Number.isSafeInteger(seq) || seq < 0) refuse(`${name} must be an ingest sequence`)
}

function refuse(cause: string): never {
  throw new ExpectedError('range_invalid', { cause })
}
