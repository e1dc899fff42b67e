import { type Dashboard, MOST_TILES, type Tile } from '#contract/model/dashboard.ts'
import { arranged, type Box, freePlace, withoutGaps } from '../model/grid.ts'
import { leastSize, sizeFor } from '../model/tile-kinds.ts'

/** What can be done to a dashboard, as plain functions: where nothing changes, the same one comes back. */

export function placed(dashboard: Dashboard, id: string, box: Box): Dashboard {
  const tile = dashboard.tiles.find((one) => one.id === id)
  if (tile === undefined) return dashboard
  const least = leastSize(tile.kind)
  const wanted = { ...box, w: Math.max(least.w, box.w), h: Math.max(least.h, box.h) }
  return withTiles(dashboard, arranged(dashboard.tiles, id, wanted))
}

export function closedUp(dashboard: Dashboard): Dashboard {
  const tiles = withoutGaps(dashboard.tiles)
  return tiles.every((tile, index) => tile === dashboard.tiles[index])
    ? dashboard
    : withTiles(dashboard, tiles)
}

/** With a new tile in the first free place; the same dashboard where there is no room. */
export function withNew(
  dashboard: Dashboard,
  tile: Pick<Tile, 'id' | 'kind' | 'channelIds' | 'options'>,
): Dashboard {
  const box = freePlace(dashboard.tiles, sizeFor(tile.kind, tile.channelIds.length))
  if (box === null || dashboard.tiles.length >= MOST_TILES) return dashboard
  return withTiles(dashboard, [...dashboard.tiles, { ...tile, ...box }])
}

/** With a copy beside the tile, or in the next free place. */
export function duplicated(dashboard: Dashboard, id: string, newId: string): Dashboard {
  const tile = dashboard.tiles.find((one) => one.id === id)
  if (tile === undefined || dashboard.tiles.length >= MOST_TILES) return dashboard
  const box = freePlace(dashboard.tiles, tile)
  return box === null ? dashboard : withTiles(dashboard, [...dashboard.tiles, { ...tile, ...box, id: newId }])
}

export function without(dashboard: Dashboard, id: string): Dashboard {
  return withTiles(
    dashboard,
    dashboard.tiles.filter((tile) => tile.id !== id),
  )
}

/** With another title, kind, channels or options; a kind that needs more room gets it. */
export function retouched(
  dashboard: Dashboard,
  id: string,
  change: Partial<Pick<Tile, 'kind' | 'title' | 'channelIds' | 'options'>>,
): Dashboard {
  const tile = dashboard.tiles.find((one) => one.id === id)
  if (tile === undefined) return dashboard
  const next = { ...tile, ...change }
  const tiles = dashboard.tiles.map((one) => (one.id === id ? next : one))
  return placed(withTiles(dashboard, tiles), id, next)
}

/** An option that is undefined is left out: the store keeps what was said, not what was not. */
export function withOption(options: Tile['options'], change: Partial<Tile['options']>): Tile['options'] {
  const merged = { ...options, ...change }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
}

function withTiles(dashboard: Dashboard, tiles: readonly Tile[]): Dashboard {
  return tiles === dashboard.tiles ? dashboard : { ...dashboard, tiles: [...tiles] }
}
