import { type ReactNode, useMemo } from 'react'
import type { Tile } from '#contract/model/dashboard.ts'
import type { TimeRange } from '#renderer/charts/time-range.ts'
import { channelsOf } from '../model/tile-kinds.ts'
import { LiveContext, RangeContext } from './live-context.ts'
import { useDashboardTail } from './use-dashboard-tail.ts'
import type { TileChannels } from './use-tile-channels.ts'

/** Gives the tiles below their channels, one subscription for all and the range. */
export function LiveDashboard(props: {
  tiles: readonly Tile[]
  known: TileChannels
  range: TimeRange
  onRange(range: TimeRange): void
  children: ReactNode
}) {
  const { tiles, known, range, onRange } = props
  // A channel that is gone would end the subscription of all others.
  const ids = useMemo(() => channelsOf(tiles).filter((id) => known.byId.has(id)), [tiles, known.byId])
  const tail = useDashboardTail(ids, known.refresh)
  const live = useMemo(
    () => ({ channels: known.byId, ready: known.ready, tail }),
    [known.byId, known.ready, tail],
  )
  const shared = useMemo(() => ({ range, onRange }), [range, onRange])
  return (
    <LiveContext value={live}>
      <RangeContext value={shared}>{props.children}</RangeContext>
    </LiveContext>
  )
}
