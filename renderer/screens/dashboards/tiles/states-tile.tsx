import { useDeferredValue, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Tile } from '#contract/model/dashboard.ts'
import { emptyRows } from '#renderer/charts/bucket-rows.ts'
import { ChartCover } from '#renderer/charts/chart-cover.tsx'
import { stateSpans } from '#renderer/charts/state-strip.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import { useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { useStateWord } from '#renderer/charts/use-state-word.ts'
import { type Format, useFormat } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import { useDashboardLive, useTileRange } from '../live/live-context.ts'
import { useReading } from '../live/use-reading.ts'
import { type Bar, barsOf, pathOf } from '../model/state-bars.ts'
import { namesOf, type TileChannel } from '../model/tile-channel.ts'
import css from './states-tile.module.css'
import { ToneMark } from './tone-mark.tsx'

const POINTS = 200
/** A word stands in a bar that is at least this share of the strip wide. */
const WORD_FITS = 0.08

/** When each channel was in which state: a strip a channel, normal ones grey. */
export function StatesTile({ tile, members }: { tile: Tile; members: readonly TileChannel[] }) {
  const { tail } = useDashboardLive()
  const format = useFormat()
  const [range] = useTileRange(tile.options)
  const window = useWindow(range)
  const ids = useMemo(() => members.map((channel) => channel.id), [members])
  const chart = useChart(ids, window, POINTS, tail)
  const rows = useDeferredValue(chart.rows)
  const names = namesOf(members)
  return (
    <div className={css.tile}>
      <div className={css.rows}>
        {members.map((channel) => (
          <Strip
            key={channel.id}
            tile={tile}
            channel={channel}
            name={names.get(channel.id) ?? channel.name}
            rows={rows}
            window={window}
          />
        ))}
        <div className={css.axis} aria-hidden="true">
          <div>
            <span>{edge(window.from, window, format)}</span>
            <span>{edge(window.to, window, format)}</span>
          </div>
        </div>
      </div>
      <Cover chart={chart} ids={ids} />
    </div>
  )
}

function Cover({ chart, ids }: { chart: ReturnType<typeof useChart>; ids: readonly string[] }) {
  const empty = ids.every((id) => (chart.rows.get(id)?.ts.length ?? 0) === 0)
  if (chart.error === null && !empty) return null
  return (
    <div className={css.cover}>
      <ChartCover chart={chart} empty={empty} />
    </div>
  )
}

/** The end of the axis, with the day where the window reaches over several. */
function edge(at: number, { from, to }: TimeWindow, format: Format): string {
  return format.date(from) === format.date(to)
    ? format.time(at)
    : `${format.shortDate(at)}, ${format.time(at)}`
}

function Strip(props: {
  tile: Tile
  channel: TileChannel
  name: string
  rows: ReturnType<typeof useChart>['rows']
  window: TimeWindow
}) {
  const { channel, tile, window } = props
  const { t } = useTranslation('dashboards')
  const stateWord = useStateWord()
  const now = useNow()
  const reading = useReading(channel, tile.options)
  const bars = barsOf(
    stateSpans(props.rows.get(channel.id) ?? emptyRows(), channel.kind, {
      from: window.from,
      to: Math.min(window.to, Math.max(now, window.from)),
    }),
    channel.kind,
    window,
    tile.options.states,
  )
  const word = (bar: Bar) => bar.word ?? stateWord(bar.state)
  return (
    <div className={css.row}>
      <span className={`${css.name} ellipsis`} title={props.name}>
        {props.name}
      </span>
      <div
        className={css.strip}
        role="img"
        aria-label={t('states.said', { channel: props.name, state: reading.text })}
      >
        <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          {pathOf(bars).map(({ look, path }) => (
            <path key={look} d={path} className={css.bar} data-look={look} />
          ))}
        </svg>
        {bars
          .filter((bar) => bar.to - bar.from >= WORD_FITS)
          .map((bar) => (
            <span
              key={bar.from}
              className={css.word}
              data-look={bar.look}
              style={{ left: `${bar.from * 100}%`, width: `${(bar.to - bar.from) * 100}%` }}
            >
              {word(bar)}
            </span>
          ))}
      </div>
      <span className={css.now} data-meaning={reading.meaning ?? undefined} title={reading.hover}>
        {reading.meaning !== null && <ToneMark meaning={reading.meaning} size={12} />}
        <span className={reading.staleFor === null ? 'ellipsis live-value' : 'ellipsis stale-value'}>
          {reading.text}
        </span>
      </span>
    </div>
  )
}
