import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '#contract/errors.ts'
import type { Tile } from '#contract/model/dashboard.ts'
import { useDashboardLive, useTileMembers } from '../live/live-context.ts'
import type { TileChannel } from '../model/tile-channel.ts'
import { ChartTile } from './chart-tile.tsx'
import { GaugeTile } from './gauge-tile.tsx'
import { StatesTile } from './states-tile.tsx'
import { TableTile } from './table-tile.tsx'
import css from './tile.module.css'
import { useTileTitle } from './tile-title.ts'
import { SparklineTile, ValueTile } from './value-tile.tsx'

/** One tile: its title, and what it shows. Where it stands is not its matter: moving one draws none anew. */
export const TileView = memo(Frame, ({ tile: a }, { tile: b }) => showsSame(a, b))

function showsSame(a: Tile, b: Tile): boolean {
  return a.kind === b.kind && a.title === b.title && a.channelIds === b.channelIds && a.options === b.options
}

function Frame({ tile }: { tile: Tile }) {
  const { t } = useTranslation('dashboards')
  const { members, missing } = useTileMembers(tile)
  const { ready } = useDashboardLive()
  const title = useTileTitle(tile, members)
  return (
    <article className={css.tile} data-kind={tile.kind} aria-label={title.text}>
      {(tile.kind !== 'text' || tile.title !== undefined) && (
        <h2 className={css.title}>
          <span className="ellipsis" title={title.text}>
            {title.text}
          </span>
          {title.beside !== null && <span className="sub ellipsis">{title.beside}</span>}
        </h2>
      )}
      {tile.kind === 'text' ? (
        <p className={css.words}>{tile.options.text}</p>
      ) : members.length > 0 ? (
        <Content tile={tile} members={members} title={title.text} />
      ) : (
        ready && (
          <p className={css.nothing}>
            {missing > 0 ? t('tile.missing', { count: missing }) : t('tile.none')}
          </p>
        )
      )}
      {missing > 0 && members.length > 0 && (
        <p className={css.missing}>{t('tile.missing', { count: missing })}</p>
      )}
    </article>
  )
}

function Content(props: { tile: Tile; members: readonly TileChannel[]; title: string }) {
  const { tile, members } = props
  switch (tile.kind) {
    case 'value':
      return <ValueTile tile={tile} members={members} />
    case 'sparkline':
      return <SparklineTile tile={tile} members={members} />
    case 'gauge':
      return <GaugeTile tile={tile} members={members} />
    case 'states':
      return <StatesTile tile={tile} members={members} />
    case 'table':
      return <TableTile tile={tile} members={members} />
    case 'chart':
      return <ChartTile tile={tile} members={members} title={props.title} />
    case 'text':
      return null
    default:
      return assertNever(tile.kind)
  }
}
