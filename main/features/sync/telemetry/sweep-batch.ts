import type { Historian } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { SeriesReadings } from './series-readings.ts'
import { partOf } from './series-readings.ts'

/** Where a sweep stands: series before are done, of this one what is before `ts` (null: all of it). */
export interface SweepPosition {
  seriesId: number
  ts: number | null
}

export interface SweepBatch {
  readings: SeriesReadings[]
  /** After it. */
  position: SweepPosition
  isLast: boolean
}

/** Of one series. Times in ms, `from` inclusive, `to` exclusive. */
export interface SeriesRange {
  seriesId: number
  from?: number
  to?: number
}

const MOST_TEXT = 4 * 1024 ** 2
/** ms that may pass over series that have nothing before the position is written down. */
const LONGEST_LOOK = 2_000

/** What a sweep sends, series by series in order of their numbers, in batches of any size. */
export class SweepReader {
  readonly #historian: Pick<Historian, 'since'>
  readonly #log: Log
  readonly #series: readonly SeriesRange[]
  readonly #afterSeq: number
  readonly #upToSeq: number | undefined
  /** What was read of a page beyond the last batch. */
  #rest: { readings: SeriesReadings; after: number; next: number | null } | null = null

  constructor(
    parts: { historian: Pick<Historian, 'since'>; log: Log },
    { series, afterSeq, upToSeq }: { series: readonly SeriesRange[]; afterSeq: number; upToSeq?: number },
  ) {
    this.#historian = parts.historian
    this.#log = parts.log
    this.#series = series
    this.#afterSeq = afterSeq
    this.#upToSeq = upToSeq
  }

  /** At most `rows` readings from `position` on. */
  async read(position: SweepPosition, rows: number, signal: AbortSignal): Promise<SweepBatch> {
    const until = performance.now() + LONGEST_LOOK
    const readings: SeriesReadings[] = []
    let count = 0
    let text = 0
    let at = position
    for (;;) {
      const range = this.#rangeAt(at)
      if (range === undefined) return { readings, position: at, isLast: true }
      const after = range.seriesId === at.seriesId ? at.ts : null
      const page = await this.#page(range, after, signal)
      const { room, characters } = roomIn(page.readings, rows - count, MOST_TEXT - text)
      const taken = room < page.readings.count ? partOf(page.readings, 0, room) : page.readings
      if (taken.count > 0) readings.push(taken)
      count += taken.count
      text += characters
      at = this.#after(range, page, room)
      if (count >= rows || text >= MOST_TEXT || performance.now() > until)
        return { readings, position: at, isLast: false }
    }
  }

  #rangeAt({ seriesId, ts }: SweepPosition): SeriesRange | undefined {
    let low = 0
    let high = this.#series.length
    while (low < high) {
      const middle = (low + high) >> 1
      const id = this.#series[middle]?.seriesId ?? 0
      if (id < seriesId || (id === seriesId && ts === null)) low = middle + 1
      else high = middle
    }
    return this.#series[low]
  }

  #after(
    { seriesId }: SeriesRange,
    page: { readings: SeriesReadings; next: number | null },
    room: number,
  ): SweepPosition {
    const { readings, next } = page
    if (room >= readings.count) return { seriesId, ts: next }
    const ts = readings.ts[room] as number
    this.#rest = { readings: partOf(readings, room, readings.count), after: ts, next }
    return { seriesId, ts }
  }

  async #page(
    { seriesId, from, to }: SeriesRange,
    after: number | null,
    signal: AbortSignal,
  ): Promise<{ readings: SeriesReadings; next: number | null }> {
    const rest = this.#rest
    this.#rest = null
    if (rest !== null && rest.readings.seriesId === seriesId && rest.after === after) return rest
    const page = await this.#historian.since(
      {
        seriesId,
        afterSeq: this.#afterSeq,
        ...(this.#upToSeq !== undefined && { upToSeq: this.#upToSeq }),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(after !== null && { after }),
      },
      signal,
    )
    for (const span of page.damaged)
      this.#log.error({ seriesId, ...span }, 'damaged readings are not sent to the cloud')
    const { columns, seqs, next } = page
    const { count, ts, values, flags, texts } = columns
    return { readings: { seriesId, count, ts, values, flags, seqs, texts }, next }
  }
}

/** How many of these still go into a batch: one at least, however long its text is. */
function roomIn(
  { count, texts, values }: SeriesReadings,
  rows: number,
  most: number,
): { room: number; characters: number } {
  const fits = Math.max(1, Math.min(count, rows))
  if (texts.length === 0) return { room: fits, characters: 0 }
  let characters = 0
  for (let row = 0; row < fits && row < count; row++) {
    characters += texts[values[row] as number]?.length ?? 0
    if (characters > most) return { room: row + 1, characters }
  }
  return { room: fits, characters }
}
