import { type Dashboard, MOST_TILE_CHANNELS, type Tile, type TileKind } from '#contract/model/dashboard.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { freePlace, type Size } from './grid.ts'
import type { TileChannel } from './tile-channel.ts'

/** Channels that get a tile of their own; a table shows the others. */
const MOST_SINGLE = 8
/** Units that get a chart. */
const MOST_CHARTS = 2
const LINES_A_CHART = 6

export function emptyDashboard(): Dashboard {
  return { columns: 12, tiles: [], range: '8h' }
}

/**
 * A dashboard of a gateway's channels to begin with: values with their course, charts of the units that most channels
 * have, the states, and a table of all where they are many.
 */
export function firstDashboard(channels: readonly TileChannel[], newId: () => string): Dashboard {
  const tiles: Tile[] = []
  const add = (kind: TileKind, ids: string[], size: Size) => {
    const box = freePlace(tiles, size)
    if (box !== null && ids.length > 0)
      tiles.push({ id: newId(), kind, ...box, channelIds: ids.slice(0, MOST_TILE_CHANNELS), options: {} })
  }
  const numeric = channels.filter(isNumeric)
  const others = channels.filter((channel) => !isNumeric(channel))
  for (const { id } of numeric.slice(0, MOST_SINGLE)) add('sparkline', [id], { w: 3, h: 2 })
  const charts = groupsOf(numeric).slice(0, MOST_CHARTS)
  for (const group of charts)
    add('chart', group.slice(0, LINES_A_CHART).map(idOf), { w: charts.length === 1 ? 12 : 6, h: 5 })
  if (others.length > 0)
    add('states', others.slice(0, MOST_SINGLE).map(idOf), {
      w: numeric.length > MOST_SINGLE ? 6 : 12,
      h: 2 + Math.ceil(Math.min(others.length, MOST_SINGLE) / 2),
    })
  if (channels.length > MOST_SINGLE) add('table', channels.map(idOf), { w: 6, h: 6 })
  return { ...emptyDashboard(), tiles }
}

function idOf(channel: TileChannel): string {
  return channel.id
}

/** Channels by unit, the largest groups first; a single line is worth a chart only where there is no group. */
function groupsOf(channels: readonly TileChannel[]): TileChannel[][] {
  const groups = [...Map.groupBy(channels, (channel) => channel.unit ?? '').values()].sort(
    (a, b) => b.length - a.length,
  )
  const several = groups.filter((group) => group.length > 1)
  return several.length > 0 ? several : groups
}
