import { useTranslation } from 'react-i18next'
import type { Tile } from '#contract/model/dashboard.ts'
import { namesOf, type TileChannel } from '../model/tile-channel.ts'

export interface TileTitle {
  text: string
  /** The gateway of a single channel. */
  beside: string | null
}

/** What a tile is called: its own title, or the names of its channels. */
export function useTileTitle(tile: Pick<Tile, 'title' | 'kind'>, members: readonly TileChannel[]): TileTitle {
  const { t } = useTranslation('dashboards')
  const [only] = members
  if (tile.title !== undefined && tile.title !== '') return { text: tile.title, beside: null }
  if (only === undefined) return { text: t(`kind.${tile.kind}`), beside: null }
  if (members.length === 1)
    return { text: only.name, beside: only.gatewayCode === '' ? null : only.gatewayCode }
  const ofOneGateway = members.every((channel) => channel.gatewayId === only.gatewayId)
  return {
    text: [...namesOf(members).values()].join(', '),
    beside: ofOneGateway && only.gatewayCode !== '' ? only.gatewayCode : null,
  }
}
