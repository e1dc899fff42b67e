import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { api, useLinkState } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { type ChartSnapshot, ChartSource } from './chart-source.ts'
import type { ReadingTail } from './reading-tail.ts'
import { presets, type TimeRange, type TimeWindow, windowOf } from './time-range.ts'

export interface Chart extends ChartSnapshot {
  /** Asks the store anew, after an edit or by hand after a failure. */
  refresh(): void
}

/** The data of `channelIds` for a window of `points` buckets, with the live tail on top. */
export function useChart(
  channelIds: readonly string[],
  window: TimeWindow,
  points: number,
  tail: ReadingTail,
): Chart {
  const [source] = useState(
    () => new ChartSource((question, signal) => api.telemetry.chart(question, { signal }), tail, siteNow),
  )
  const key = channelIds.join(' ')
  useEffect(() => {
    source.start()
    return () => source.stop()
  }, [source])
  useEffect(() => {
    source.show({
      channelIds: key === '' ? [] : key.split(' '),
      window: { from: window.from, to: window.to },
      points,
    })
  }, [source, key, window.from, window.to, points])
  const link = useLinkState()
  const [lost, setLost] = useState(false)
  useEffect(() => {
    // The tail has a hole where the link was lost.
    if (link === 'lost') setLost(true)
    else if (link === 'live' && lost) {
      setLost(false)
      source.refresh()
    }
  }, [link, lost, source])
  const snapshot = useSyncExternalStore(source.subscribe, source.read)
  return { ...snapshot, refresh: () => source.refresh() }
}

/** The window of a range, moving on while it is live: often enough that a step is below a pixel or a second. */
export function useWindow(range: TimeRange): TimeWindow {
  const [now, setNow] = useState(() => siteNow())
  const span = range.live ? range.span : null
  useEffect(() => {
    if (span === null) return
    setNow(siteNow())
    const timer = setInterval(() => setNow(siteNow()), Math.max(1_000, Math.min(60_000, span / 1_000)))
    return () => clearInterval(timer)
  }, [span])
  const { from, to } = windowOf(range, now)
  return useMemo(() => ({ from, to }), [from, to])
}

/** The span that small previews show. */
export const PREVIEW_SPAN = presets[0].span
