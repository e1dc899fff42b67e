import { createContext, useContext, useMemo, useState } from 'react'
import type { Tile, TileOptions } from '#contract/model/dashboard.ts'
import { ReadingTail } from '#renderer/charts/reading-tail.ts'
import { DEFAULT_RANGE, parseRange, type TimeRange } from '#renderer/charts/time-range.ts'
import type { TileChannel } from '../model/tile-channel.ts'

/** What every tile of a dashboard draws from. */
export interface DashboardLive {
  channels: ReadonlyMap<string, TileChannel>
  /** False until the list of channels came. */
  ready: boolean
  tail: ReadingTail
}

export const LiveContext = createContext<DashboardLive>({
  channels: new Map(),
  ready: false,
  tail: new ReadingTail(),
})

/** The range of the dashboard, and how a chart on it changes it. */
export const RangeContext = createContext<{ range: TimeRange; onRange(range: TimeRange): void }>({
  range: DEFAULT_RANGE,
  onRange: () => {},
})

export function useDashboardLive(): DashboardLive {
  return useContext(LiveContext)
}

/** The tile's channels that are here, in their order, and how many are not. */
export function useTileMembers(tile: Pick<Tile, 'channelIds'>): {
  members: readonly TileChannel[]
  missing: number
} {
  const { channels, ready } = useDashboardLive()
  return useMemo(() => {
    const members = tile.channelIds.map((id) => channels.get(id)).filter((channel) => channel !== undefined)
    return { members, missing: ready ? tile.channelIds.length - members.length : 0 }
  }, [tile.channelIds, channels, ready])
}

/** The range that a tile shows: its own, which a gesture changes until the next look, or that of the dashboard. */
export function useTileRange(options: Pick<TileOptions, 'range'>): [TimeRange, (range: TimeRange) => void] {
  const shared = useContext(RangeContext)
  const own = useMemo(() => parseRange(options.range), [options.range])
  const [moved, setMoved] = useState<{ of: TimeRange; to: TimeRange } | null>(null)
  if (own === null) return [shared.range, shared.onRange]
  const shown = moved?.of === own ? moved.to : own
  return [shown, (to) => setMoved({ of: own, to })]
}
