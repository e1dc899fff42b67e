import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Tile, TileOptions } from '#contract/model/dashboard.ts'
import { type ChartChannel, isNumeric } from '#renderer/charts/chart-channel.ts'
import { channelStroke } from '#renderer/charts/chart-colors.ts'
import { ChartCover } from '#renderer/charts/chart-cover.tsx'
import { TimeChart } from '#renderer/charts/time-chart.tsx'
import { rangeOf } from '#renderer/charts/time-range.ts'
import { useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { useNow } from '#renderer/ui/now.ts'
import { useDashboardLive, useTileRange } from '../live/live-context.ts'
import { useReading } from '../live/use-reading.ts'
import { namesOf, type TileChannel } from '../model/tile-channel.ts'
import css from './chart-tile.module.css'

/** Channels on one time axis. The wheel scrolls the dashboard; with Ctrl it zooms, and a drag selects. */
export function ChartTile(props: { tile: Tile; members: readonly TileChannel[]; title: string }) {
  const { tile, members } = props
  const { t } = useTranslation('dashboards')
  const { tail } = useDashboardLive()
  const [range, onRange] = useTileRange(tile.options)
  const window = useWindow(range)
  const now = useNow()
  const ids = useMemo(() => members.map((channel) => channel.id), [members])
  const [points, setPoints] = useState(300)
  const chart = useChart(ids, window, points, tail)
  const names = useMemo(() => namesOf(members), [members])
  const shown = useMemo(
    () =>
      members.map((channel, color) =>
        drawn(channel, color, names.get(channel.id) ?? channel.name, tile.options),
      ),
    [members, names, tile.options],
  )
  return (
    <div className={css.tile}>
      {members.length > 1 && (
        <ul className={css.legend}>
          {members.filter(isNumeric).map((channel) => (
            <Entry
              key={channel.id}
              tile={tile}
              channel={channel}
              name={names.get(channel.id) ?? channel.name}
              color={members.indexOf(channel)}
            />
          ))}
        </ul>
      )}
      <div
        className={css.plot}
        onWheelCapture={(event) => {
          // Else the page could not be scrolled past a chart.
          if (!event.ctrlKey && !event.shiftKey) event.stopPropagation()
        }}
      >
        <TimeChart
          label={t('chart.label', { title: props.title, count: members.length })}
          channels={shown}
          rows={chart.rows}
          damaged={chart.damaged}
          window={window}
          live={range.live}
          now={now}
          onWindow={(next) => onRange(rangeOf(next, now, range.live))}
          onLive={() => onRange({ live: true, span: window.to - window.from })}
          onPoints={setPoints}
          cover={
            <ChartCover chart={chart} empty={ids.every((id) => (chart.rows.get(id)?.ts.length ?? 0) === 0)} />
          }
        />
      </div>
    </div>
  )
}

function drawn(channel: TileChannel, color: number, name: string, options: TileOptions): ChartChannel {
  const { id, unit, kind, lowLimit, highLimit } = channel
  const { min = null, max = null } = options
  return { id, name, unit, kind, lowLimit, highLimit, color, min, max }
}

function Entry(props: { tile: Tile; channel: TileChannel; name: string; color: number }) {
  const reading = useReading(props.channel, props.tile.options)
  return (
    <li className={css.entry}>
      <i style={{ background: channelStroke(props.color) }} aria-hidden="true" />
      <span className="ellipsis">{props.name}</span>
      <span
        className={reading.staleFor === null ? 'strong nowrap live-value' : 'nowrap stale-value'}
        title={reading.hover}
      >
        {reading.text} {reading.unit}
      </span>
    </li>
  )
}
