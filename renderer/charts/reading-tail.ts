import { useEffect, useState, useSyncExternalStore } from 'react'
import { Quality } from '#contract/model/quality.ts'
import type { ReadingValue } from '#contract/model/reading.ts'
import { api, liveQuery } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'

export interface LatestReading {
  ts: number
  value: ReadingValue
  quality: number
}

/** A live reading and when it arrived here, ms. */
export interface TailReading extends LatestReading {
  channelId: string
  arrivedAt: number
}

/** What arrived in the last minute is kept for answers that were asked for before it. */
const KEEP = 60_000

/** The live end of some channels: what just arrived, shared by every chart and value that shows it. */
export class ReadingTail {
  private readonly latestOf = new Map<string, LatestReading>()
  private readonly listeners = new Set<(readings: TailReading[]) => void>()
  private recent: TailReading[] = []

  push(readings: TailReading[]): void {
    const now = readings[0]?.arrivedAt ?? 0
    this.recent = this.recent.filter((reading) => reading.arrivedAt > now - KEEP)
    this.recent.push(...readings)
    for (const reading of readings) {
      const known = this.latestOf.get(reading.channelId)
      // A time far ahead of the site never becomes the latest (domain.md).
      if ((reading.quality & Quality.ahead) !== 0 || (known !== undefined && known.ts > reading.ts)) continue
      this.latestOf.set(reading.channelId, { ts: reading.ts, value: reading.value, quality: reading.quality })
    }
    for (const listener of this.listeners) listener(readings)
  }

  latest(channelId: string): LatestReading | undefined {
    return this.latestOf.get(channelId)
  }

  /** What arrived since `at`, ms. */
  since(at: number): TailReading[] {
    return this.recent.filter((reading) => reading.arrivedAt >= at)
  }

  subscribe(listener: (readings: TailReading[]) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

/** Subscribes to new readings of these channels for as long as the component is there. */
export function useReadingTail(channelIds: readonly string[]): ReadingTail {
  const [tail] = useState(() => new ReadingTail())
  const key = [...channelIds].sort().join(' ')
  useEffect(() => {
    if (key === '') return
    return liveQuery((signal) => api.telemetry.watch({ channelIds: key.split(' ') }, { signal }), {
      onValue({ channels }) {
        const arrivedAt = siteNow()
        const readings: TailReading[] = []
        for (const { channelId, ts, values, quality } of channels) {
          ts.forEach((at, row) => {
            const value = values[row]
            if (value !== undefined)
              readings.push({ channelId, ts: at, value, quality: quality[row] ?? 0, arrivedAt })
          })
        }
        if (readings.length > 0) tail.push(readings)
      },
    })
  }, [tail, key])
  return tail
}

/** The newer of the tail's and the list's latest reading of a channel. */
export function useLatest(
  tail: ReadingTail,
  channelId: string,
  listed: LatestReading | null,
): LatestReading | null {
  const live = useSyncExternalStore(
    (listener) => tail.subscribe(listener),
    () => tail.latest(channelId),
  )
  if (live === undefined) return listed
  return listed !== null && listed.ts > live.ts ? listed : live
}
