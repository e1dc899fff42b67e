import { useEffect, useRef, useState } from 'react'
import { api, liveQuery, readError } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { ReadingTail, type TailReading } from '#renderer/charts/reading-tail.ts'

/** Channels that one subscription takes. */
const CHANNELS_A_WATCH = 500
/** A window that nobody sees draws no frames: it takes in what arrived this often, in ms. */
const UNSEEN = 1_000

/**
 * The live end of every channel on a dashboard: one subscription for all its tiles, and what arrives is handed to them
 * together, once a frame.
 */
export function useDashboardTail(channelIds: readonly string[], onGone: () => void): ReadingTail {
  const [tail] = useState(() => new ReadingTail())
  const gone = useRef(onGone)
  gone.current = onGone
  const key = [...channelIds].sort().join(' ')
  useEffect(() => {
    if (key === '') return
    const ids = key.split(' ')
    const frames = new FrameBatch((readings) => tail.push(readings))
    const stops: (() => void)[] = []
    for (let start = 0; start < ids.length; start += CHANNELS_A_WATCH) {
      const part = ids.slice(start, start + CHANNELS_A_WATCH)
      const stop = liveQuery((signal) => api.telemetry.watch({ channelIds: part }, { signal }), {
        onValue: ({ channels }) => frames.add(readingsOf(channels)),
        onError(error) {
          if (readError(error).code === 'not_found') gone.current()
        },
      })
      stops.push(stop)
    }
    return () => {
      for (const stop of stops) stop()
      frames.stop()
    }
  }, [tail, key])
  return tail
}

interface WatchedChannel {
  channelId: string
  ts: number[]
  values: TailReading['value'][]
  quality: number[]
}

function readingsOf(channels: readonly WatchedChannel[]): TailReading[] {
  const arrivedAt = siteNow()
  const readings: TailReading[] = []
  for (const { channelId, ts, values, quality } of channels) {
    ts.forEach((at, row) => {
      const value = values[row]
      if (value !== undefined)
        readings.push({ channelId, ts: at, value, quality: quality[row] ?? 0, arrivedAt })
    })
  }
  return readings
}

/** Gathers what arrives until the next frame. */
class FrameBatch {
  private readonly take: (readings: TailReading[]) => void
  private readings: TailReading[] = []
  private frame = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(take: (readings: TailReading[]) => void) {
    this.take = take
  }

  add(readings: TailReading[]): void {
    if (readings.length === 0) return
    this.readings = this.readings.length === 0 ? readings : this.readings.concat(readings)
    if (this.frame !== 0) return
    this.frame = requestAnimationFrame(() => this.flush())
    this.timer = setTimeout(() => this.flush(), UNSEEN)
  }

  stop(): void {
    cancelAnimationFrame(this.frame)
    clearTimeout(this.timer)
    this.frame = 0
    this.readings = []
  }

  private flush(): void {
    const { readings } = this
    this.stop()
    if (readings.length > 0) this.take(readings)
  }
}
