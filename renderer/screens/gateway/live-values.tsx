import { useTranslation } from 'react-i18next'
import type { Channel } from '#contract/model/channel.ts'
import { STALE_AFTER } from '#contract/model/gateway.ts'
import { type BucketRows, emptyRows } from '#renderer/charts/bucket-rows.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { crossed } from '#renderer/charts/plot-options.ts'
import { type ReadingTail, useLatest } from '#renderer/charts/reading-tail.ts'
import { Sparkline, StateSparkline } from '#renderer/charts/sparkline.tsx'
import { stateName } from '#renderer/charts/state-strip.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import { PREVIEW_SPAN, useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { useStateWord } from '#renderer/charts/use-state-word.ts'
import { type Format, useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './live-values.module.css'

const preview = { live: true, span: PREVIEW_SPAN } as const
const POINTS = 90

/** The latest value of every channel with the shape of its last quarter of an hour; one is chosen for the chart. */
export function LiveValues(props: {
  channels: readonly Channel[]
  tail: ReadingTail
  /** Readings per second. */
  rate: number
  selected: string | null
  onSelect(channelId: string): void
}) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const window = useWindow(preview)
  const chart = useChart(
    props.channels.map((channel) => channel.id),
    window,
    POINTS,
    props.tail,
  )
  return (
    <Card
      title={
        <>
          {t('live.title')} <span className={css.beside}>{t('live.window')}</span>
        </>
      }
      end={`${t('live.channels', { count: props.channels.length })} · ${t('live.rate', { rate: format.integer(Math.round(props.rate * 60)) })}`}
      className={css.card ?? ''}
    >
      <div className={css.grid}>
        {props.channels.map((channel) => (
          <Cell
            key={channel.id}
            channel={channel}
            tail={props.tail}
            rows={chart.rows.get(channel.id) ?? emptyRows()}
            window={window}
            format={format}
            selected={channel.id === props.selected}
            onSelect={props.onSelect}
          />
        ))}
      </div>
    </Card>
  )
}

function Cell(props: {
  channel: Channel
  tail: ReadingTail
  rows: BucketRows
  window: TimeWindow
  format: Format
  selected: boolean
  onSelect(channelId: string): void
}) {
  const { channel, format } = props
  const { t } = useTranslation('gateway')
  const stateWord = useStateWord()
  const now = useNow()
  const latest = useLatest(props.tail, channel.id, channel.latest)
  const age = latest === null ? null : now - latest.ts
  const stale = age !== null && age > STALE_AFTER
  const numeric = isNumeric(channel)
  const beyond = latest !== null && typeof latest.value === 'number' && crossed(channel, latest.value)
  const above = beyond && channel.highLimit !== null && Number(latest.value) > channel.highLimit
  const value =
    latest === null
      ? '–'
      : typeof latest.value === 'number' && numeric
        ? format.number(latest.value)
        : stateWord(stateName(channel.kind, latest.value))
  return (
    <button
      type="button"
      className={css.cell}
      aria-pressed={props.selected}
      onClick={() => props.onSelect(channel.id)}
    >
      <span className={css.name}>
        {stale && <StateMark mark="stale" size={14} />}
        <span
          className="ellipsis"
          title={channel.name === channel.key ? channel.key : `${channel.name} (${channel.key})`}
        >
          {channel.name}
        </span>
        {beyond && !stale && (
          <span className={css.beyond}>
            {above
              ? t('live.above', { limit: format.number(channel.highLimit ?? 0) })
              : t('live.below', { limit: format.number(channel.lowLimit ?? 0) })}
          </span>
        )}
        {stale && age !== null && (
          <span className={css.age} title={latest === null ? undefined : format.dateTime(latest.ts)}>
            {format.age(age)}
          </span>
        )}
      </span>
      <span
        className={stale ? `${css.value} ${css.stale}` : `${css.value} live-value`}
        title={latest === null ? undefined : `${format.dateTime(latest.ts)} (${format.utc(latest.ts)})`}
      >
        {value}
        {channel.unit !== null && latest !== null && <small>{channel.unit}</small>}
      </span>
      {numeric ? (
        <Sparkline rows={props.rows} window={props.window} crossed={beyond && !stale} />
      ) : (
        <StateSparkline rows={props.rows} kind={channel.kind} window={props.window} />
      )}
    </button>
  )
}
