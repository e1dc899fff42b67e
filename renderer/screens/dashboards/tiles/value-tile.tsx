import { useDeferredValue } from 'react'
import type { Tile } from '#contract/model/dashboard.ts'
import { type BucketRows, emptyRows } from '#renderer/charts/bucket-rows.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { Sparkline, StateSparkline } from '#renderer/charts/sparkline.tsx'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import { useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { useDashboardLive, useTileRange } from '../live/live-context.ts'
import { useReading } from '../live/use-reading.ts'
import { namesOf, type TileChannel } from '../model/tile-channel.ts'
import { Figure } from './figure.tsx'
import css from './tile.module.css'

const POINTS = 90

/** The latest value of each channel. */
export function ValueTile({ tile, members }: { tile: Tile; members: readonly TileChannel[] }) {
  const names = namesOf(members)
  return (
    <div className={css.figures}>
      {members.map((channel) => (
        <Value
          key={channel.id}
          tile={tile}
          channel={channel}
          name={members.length > 1 ? names.get(channel.id) : undefined}
        />
      ))}
    </div>
  )
}

function Value(props: { tile: Tile; channel: TileChannel; name: string | undefined }) {
  return <Figure reading={useReading(props.channel, props.tile.options)} name={props.name} />
}

/** The same over the course of the range. */
export function SparklineTile({ tile, members }: { tile: Tile; members: readonly TileChannel[] }) {
  const { tail } = useDashboardLive()
  const [range] = useTileRange(tile.options)
  const window = useWindow(range)
  const chart = useChart(
    members.map((channel) => channel.id),
    window,
    POINTS,
    tail,
  )
  const rows = useDeferredValue(chart.rows)
  const names = namesOf(members)
  return (
    <div className={css.figures}>
      {members.map((channel) => (
        <Course
          key={channel.id}
          tile={tile}
          channel={channel}
          name={members.length > 1 ? names.get(channel.id) : undefined}
          rows={rows.get(channel.id) ?? emptyRows()}
          window={window}
        />
      ))}
    </div>
  )
}

function Course(props: {
  tile: Tile
  channel: TileChannel
  name: string | undefined
  rows: BucketRows
  window: TimeWindow
}) {
  const { channel } = props
  const reading = useReading(channel, props.tile.options)
  return (
    <Figure reading={reading} name={props.name}>
      <div className={css.course}>
        {isNumeric(channel) ? (
          <Sparkline rows={props.rows} window={props.window} crossed={reading.meaning !== null} />
        ) : (
          <StateSparkline rows={props.rows} kind={channel.kind} window={props.window} />
        )}
      </div>
    </Figure>
  )
}
