import { useDeferredValue, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { TableColumn, Tile } from '#contract/model/dashboard.ts'
import { emptyRows } from '#renderer/charts/bucket-rows.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { type Statistics, statisticsOf } from '#renderer/charts/statistics.ts'
import { useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import { useDashboardLive, useTileRange } from '../live/live-context.ts'
import { figure, type ShownReading, useReading } from '../live/use-reading.ts'
import { namesOf, type TileChannel } from '../model/tile-channel.ts'
import css from './table-tile.module.css'
import { ToneMark } from './tone-mark.tsx'

const POINTS = 240
const usual: readonly TableColumn[] = ['last', 'min', 'average', 'max']

/** Channels with their latest value and their figures over the range. */
export function TableTile({ tile, members }: { tile: Tile; members: readonly TileChannel[] }) {
  const { t } = useTranslation('dashboards')
  const { tail } = useDashboardLive()
  const [range] = useTileRange(tile.options)
  const window = useWindow(range)
  const ids = useMemo(() => members.map((channel) => channel.id), [members])
  const chart = useChart(ids, window, POINTS, tail)
  const rows = useDeferredValue(chart.rows)
  const names = namesOf(members)
  const columns = tile.options.columns ?? usual
  return (
    // What scrolls is reached by keyboard.
    <div className={css.scroller} tabIndex={0} role="group" aria-label={t('table.label')}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('table.channel')}</th>
            {columns.map((column) => (
              <th key={column} scope="col" className="num">
                {t(`column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {members.map((channel) => (
            <Row
              key={channel.id}
              tile={tile}
              channel={channel}
              name={names.get(channel.id) ?? channel.name}
              columns={columns}
              statistics={statisticsOf(rows.get(channel.id) ?? emptyRows(), window)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row(props: {
  tile: Tile
  channel: TileChannel
  name: string
  columns: readonly TableColumn[]
  statistics: Statistics | null
}) {
  const { channel } = props
  const reading = useReading(channel, props.tile.options)
  return (
    <tr>
      <th scope="row">
        <span className={css.name} title={`${channel.gatewayCode} ${channel.name}`.trim()}>
          <span className="ellipsis">{props.name}</span>
          {channel.unit !== null && <span className="sub">{channel.unit}</span>}
        </span>
      </th>
      {props.columns.map((column) => (
        <td key={column} className="num">
          <Cell {...props} column={column} reading={reading} />
        </td>
      ))}
    </tr>
  )
}

function Cell(props: {
  tile: Tile
  channel: TileChannel
  column: TableColumn
  statistics: Statistics | null
  reading: ShownReading
}) {
  const { column, statistics, reading, tile } = props
  const format = useFormat()
  const now = useNow()
  if (column === 'last') {
    return (
      <span className={css.last} data-meaning={reading.meaning ?? undefined} title={reading.hover}>
        {reading.meaning !== null && <ToneMark meaning={reading.meaning} size={12} />}
        <span className={reading.staleFor === null ? 'live-value' : 'stale-value'}>{reading.text}</span>
      </span>
    )
  }
  if (column === 'age') {
    return (
      <span className={reading.staleFor === null ? 'sub' : 't-yellow'} title={reading.hover}>
        {reading.latest === null ? NOTHING : format.age(now - reading.latest.ts)}
      </span>
    )
  }
  if (statistics === null) return NOTHING
  if (column === 'count') return format.integer(statistics.count)
  return isNumeric(props.channel) ? figure(statistics[column], tile.options, format) : NOTHING
}
