import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import type { BucketRows } from './bucket-rows.ts'
import { type ChartChannel, isNumeric } from './chart-channel.ts'
import { channelStroke } from './chart-colors.ts'
import { stateName } from './state-strip.ts'
import { rowAt } from './statistics.ts'
import css from './time-chart.module.css'
import type { TimeWindow } from './time-range.ts'
import { useStateWord } from './use-state-word.ts'

/** What every channel was at the time under the cursor. */
export function Readout(props: {
  ts: number
  /** Pixels from the left edge of the chart. */
  left: number
  width: number
  channels: readonly ChartChannel[]
  rows: ReadonlyMap<string, BucketRows>
  window: TimeWindow
}) {
  const { t } = useTranslation('charts')
  const format = useFormat()
  const stateWord = useStateWord()
  const reach = (props.window.to - props.window.from) / 40
  const onRight = props.left < props.width / 2
  return (
    <div
      className={css.readout}
      style={onRight ? { left: props.left + 16 } : { right: props.width - props.left + 16 }}
      aria-hidden="true"
    >
      <time>{format.dateTime(props.ts)}</time>
      <time>{format.utc(Math.round(props.ts / 1_000) * 1_000)}</time>
      <div className={css.values}>
        {props.channels.map((channel) => {
          const rows = props.rows.get(channel.id)
          const numeric = isNumeric(channel)
          const row =
            rows === undefined ? -1 : numeric ? rowAt(rows, props.ts, reach) : lastBefore(rows, props.ts)
          return (
            <Value
              key={channel.id}
              channel={channel}
              value={
                rows === undefined || row < 0
                  ? t('readout.none')
                  : numeric
                    ? `${format.number((rows.sum[row] ?? 0) / Math.max(1, rows.count[row] ?? 1))} ${channel.unit ?? ''}`
                    : stateWord(stateName(channel.kind, rows.last[row] ?? ''))
              }
              range={
                numeric && rows !== undefined && row >= 0 && rows.min[row] !== rows.max[row]
                  ? t('readout.range', {
                      min: format.number(rows.min[row] ?? 0),
                      max: format.number(rows.max[row] ?? 0),
                    })
                  : null
              }
            />
          )
        })}
      </div>
    </div>
  )
}

function Value({ channel, value, range }: { channel: ChartChannel; value: string; range: string | null }) {
  return (
    <>
      <span className={css.swatch} style={{ background: channelStroke(channel.color) }} />
      <span className={css.name}>{channel.name}</span>
      <span className={css.value}>{value}</span>
      {range !== null && <span className={css.range}>{range}</span>}
    </>
  )
}

/** A state holds until the next one. */
function lastBefore(rows: BucketRows, ts: number): number {
  let row = rows.ts.length - 1
  while (row >= 0 && (rows.ts[row] as number) > ts) row--
  return row
}
