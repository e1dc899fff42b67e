import type { Reading } from '#contract/model/reading.ts'
import type { Historian, TimeSpan } from '#platform/historian/historian.ts'

/** Readings held for one page, of all channels. */
const READINGS_MAX = 100_000
/** Pages of the store without a reading (blocks that cannot be read) that one page of the answer goes past. */
const EMPTY_PAGES_MAX = 100

export interface MergedQuery {
  seriesIds: number[]
  from: number
  to: number
  order: 'ascending' | 'descending'
  /** Times, at most. */
  limit: number
  /** `next` of the page before. */
  after?: number | undefined
}

export interface MergedPage {
  /** In the order of `seriesIds`. */
  readings: Reading[][]
  /** Time of the last row; null at the end. */
  next: number | null
  damaged: TimeSpan[]
}

/**
 * A page of several series at once. All of them are complete up to the last time of the page, so that a row holds
 * whatever there is at its time.
 */
export async function mergedReadings(
  historian: Pick<Historian, 'raw'>,
  query: MergedQuery,
  signal: AbortSignal | undefined,
): Promise<MergedPage> {
  const { seriesIds, order } = query
  const isAscending = order === 'ascending'
  const range = rangeAfter(query)
  const none: MergedPage = { readings: seriesIds.map(() => []), next: null, damaged: [] }
  if (range.from >= range.to) return none
  const limit = Math.max(1, Math.min(query.limit, Math.floor(READINGS_MAX / seriesIds.length)))
  const pages: Page[] = []
  for (const seriesId of seriesIds)
    pages.push(await pageOf(historian, { seriesId, ...range, order, limit }, signal))
  const isBefore = (a: number, b: number) => (isAscending ? a <= b : a >= b)
  // Beyond the first end of a page that goes on, other series are not complete.
  const ends = pages.flatMap(({ end }) => end ?? [])
  let last = ends.length === 0 ? null : isAscending ? Math.min(...ends) : Math.max(...ends)
  const times = [...new Set(pages.flatMap(({ readings }) => readings.map(({ ts }) => ts)))]
    .filter((ts) => last === null || isBefore(ts, last))
    .sort((a, b) => (isAscending ? a - b : b - a))
  if (times.length > limit) last = times[limit - 1] ?? last
  return {
    readings: pages.map(({ readings }) =>
      last === null ? readings : readings.filter(({ ts }) => isBefore(ts, last)),
    ),
    next: last,
    damaged: pages.flatMap(({ damaged }) => damaged),
  }
}

function rangeAfter({ from, to, order, after }: MergedQuery): TimeSpan {
  if (after === undefined) return { from, to }
  return order === 'ascending' ? { from: Math.max(from, after + 1), to } : { from, to: Math.min(to, after) }
}

interface Page {
  readings: Reading[]
  /** Up to where it is complete; null: to the end of the range. */
  end: number | null
  damaged: TimeSpan[]
}

async function pageOf(
  historian: Pick<Historian, 'raw'>,
  query: Parameters<Historian['raw']>[0],
  signal: AbortSignal | undefined,
): Promise<Page> {
  const damaged: TimeSpan[] = []
  let after: number | null = null
  for (let pages = 0; pages < EMPTY_PAGES_MAX; pages++) {
    const page = await historian.raw(after === null ? query : { ...query, after }, signal)
    damaged.push(...page.damaged)
    const end = page.readings.at(-1)?.ts
    if (end !== undefined) return { readings: page.readings, end: page.next === null ? null : end, damaged }
    if (page.next === null) break
    after = page.next
  }
  return { readings: [], end: null, damaged }
}
