import type { Tile, TileKind } from '#contract/model/dashboard.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import type { Size } from './grid.ts'
import type { TileChannel } from './tile-channel.ts'

/** Kinds that can show these channels, the one that suits them best first. */
export function kindsFor(channels: readonly Pick<TileChannel, 'kind'>[]): TileKind[] {
  if (channels.length === 0) return ['text']
  const numeric = channels.filter(isNumeric).length
  const whole = channels.every((channel) => channel.kind === 'integer')
  if (numeric === 0) return ['states', 'value', 'table']
  if (numeric < channels.length) return ['table', 'value', 'states', 'chart']
  if (channels.length === 1) {
    return whole
      ? ['sparkline', 'value', 'gauge', 'chart', 'states', 'table']
      : ['sparkline', 'value', 'gauge', 'chart', 'table']
  }
  return whole
    ? ['chart', 'table', 'value', 'sparkline', 'gauge', 'states']
    : ['chart', 'table', 'value', 'sparkline', 'gauge']
}

/** The size of a new tile. */
export function sizeFor(kind: TileKind, channels: number): Size {
  const count = Math.max(1, channels)
  switch (kind) {
    case 'value':
    case 'sparkline':
      return { w: Math.min(12, 3 * Math.min(count, 4)), h: 2 * Math.ceil(count / 4) }
    case 'gauge':
      return { w: Math.min(12, 3 * Math.min(count, 4)), h: 3 * Math.ceil(count / 4) }
    case 'states':
      return { w: 6, h: Math.min(12, 2 + Math.ceil(count / 2)) }
    case 'table':
      return { w: 6, h: Math.min(12, 2 + Math.ceil(count * 0.6)) }
    case 'chart':
      return { w: 6, h: 5 }
    case 'text':
      return { w: 4, h: 2 }
  }
}

/** Smaller than this a tile shows nothing that can be read. */
export function leastSize(kind: TileKind): Size {
  switch (kind) {
    case 'value':
    case 'sparkline':
    case 'text':
      return { w: 2, h: 1 }
    case 'gauge':
      return { w: 2, h: 2 }
    case 'states':
      return { w: 3, h: 2 }
    case 'table':
      return { w: 3, h: 2 }
    case 'chart':
      return { w: 3, h: 3 }
  }
}

/** Every channel that the tiles show, once each. */
export function channelsOf(tiles: readonly Pick<Tile, 'channelIds'>[]): string[] {
  return [...new Set(tiles.flatMap((tile) => tile.channelIds))]
}
