import { useEffect, useRef, useState } from 'react'
import type { ReadingValue } from '#contract/model/reading.ts'
import { api } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import type { TimeRange } from '#renderer/charts/time-range.ts'

/** What the store says of one channel in exactly the window. */
export interface Figures {
  min: number
  max: number
  /** Of the readings. */
  average: number
  /** Of the time: each value holds until the next reading. */
  timeAverage: number
  sum: number
  count: number
  first: ReadingValue
  last: ReadingValue
}

/** A gesture rests this long before figures are asked for, ms. */
const REST = 350
/** Live figures are asked for again this often at least and at most, ms. */
const LIVE_LEAST = 2_000
const LIVE_MOST = 60_000

/**
 * Figures of the visible range, from the store: buckets that lie across an edge of the window would blur them.
 * `offset`: ms that the window is moved back by. Empty while nothing is known; the last ones stay until the next.
 */
export function useWindowFigures(
  channelIds: readonly string[],
  range: TimeRange,
  offset = 0,
  enabled = true,
): ReadonlyMap<string, Figures> {
  const [figures, setFigures] = useState<ReadonlyMap<string, Figures>>(none)
  const key = channelIds.join(' ')
  const asked = useRef('')
  const span = range.live ? range.span : range.to - range.from
  const end = range.live ? null : range.to
  useEffect(() => {
    if (asked.current !== `${key} ${offset}`) setFigures(none)
    asked.current = `${key} ${offset}`
    if (key === '' || !enabled) return
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout>
    const ask = async () => {
      const to = Math.round((end ?? siteNow()) - offset)
      const question = { channelIds: key.split(' '), from: Math.round(to - span), to, points: 1 }
      try {
        const { series } = await api.telemetry.chart(question, { signal: controller.signal })
        if (controller.signal.aborted) return
        setFigures(new Map(series.flatMap(({ channelId, buckets }) => figuresOf(channelId, buckets))))
      } catch {
        // The chart above asks the same store and says what is wrong.
      }
      if (end === null && !controller.signal.aborted)
        timer = setTimeout(() => void ask(), Math.min(LIVE_MOST, Math.max(LIVE_LEAST, span / 500)))
    }
    timer = setTimeout(() => void ask(), REST)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key, span, end, offset, enabled])
  return figures
}

const none: ReadonlyMap<string, Figures> = new Map()

type Buckets = Awaited<ReturnType<typeof api.telemetry.chart>>['series'][number]['buckets']

function figuresOf(channelId: string, buckets: Buckets): [string, Figures][] {
  const [count] = buckets.count
  if (count === undefined || count === 0) return []
  const sum = buckets.sum[0] ?? Number.NaN
  return [
    [
      channelId,
      {
        min: buckets.min[0] ?? Number.NaN,
        max: buckets.max[0] ?? Number.NaN,
        average: sum / count,
        timeAverage: buckets.timeAverage[0] ?? Number.NaN,
        sum,
        count,
        first: buckets.first[0] ?? '',
        last: buckets.last[0] ?? '',
      },
    ],
  ]
}
