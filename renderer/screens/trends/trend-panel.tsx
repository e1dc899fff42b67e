import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { chartChannel } from '#renderer/charts/chart-channel.ts'
import { ChartCover } from '#renderer/charts/chart-cover.tsx'
import { useReadingTail } from '#renderer/charts/reading-tail.ts'
import { TimeChart } from '#renderer/charts/time-chart.tsx'
import { rangeOf, type TimeRange } from '#renderer/charts/time-range.ts'
import { useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { useNow } from '#renderer/ui/now.ts'
import { TrendLegend } from './trend-legend.tsx'
import { assignColors } from './trend-search.ts'
import css from './trends.module.css'
import type { TrendChannel } from './use-trend-channels.ts'

/** The chart of the chosen channels and their figures: the part of the screen that is drawn anew with every reading. */
export function TrendPanel(props: {
  channels: readonly TrendChannel[]
  range: TimeRange
  onRange(range: TimeRange): void
  onRemove(channelId: string): void
}) {
  const { channels, range, onRange } = props
  const { t } = useTranslation('trends')
  const window = useWindow(range)
  const now = useNow()
  const ids = useMemo(() => channels.map((channel) => channel.id), [channels])
  const tail = useReadingTail(ids)
  const [points, setPoints] = useState(500)
  const chart = useChart(ids, window, points, tail)
  // Figures follow when a gesture leaves time for them.
  const restRows = useDeferredValue(chart.rows)
  const restWindow = useDeferredValue(window)
  const [chosen, setFocus] = useState<string | null>(null)
  const focus = chosen !== null && ids.includes(chosen) ? chosen : null
  const colors = useColors(ids)
  const shown = useMemo(
    () =>
      channels.map((channel) =>
        chartChannel(channel, colors.get(channel.id) ?? 0, nameIn(channels, channel)),
      ),
    [channels, colors],
  )
  return (
    <div className={css.card}>
      <div className={css.plot}>
        <TimeChart
          label={t('chartLabel', { count: shown.length })}
          channels={shown}
          rows={chart.rows}
          window={window}
          live={range.live}
          now={now}
          focus={focus}
          onWindow={(next) => onRange(rangeOf(next, now, range.live))}
          onLive={() => onRange({ live: true, span: window.to - window.from })}
          onPoints={setPoints}
          cover={<ChartCover chart={chart} empty={ids.every((id) => chart.rows.get(id)?.ts.length === 0)} />}
        />
      </div>
      <TrendLegend
        channels={channels}
        colors={colors}
        rows={restRows}
        window={restWindow}
        tail={tail}
        focus={focus}
        onFocus={setFocus}
        onRemove={props.onRemove}
      />
    </div>
  )
}

/** Two channels of one name are told apart by their gateways. */
function nameIn(channels: readonly TrendChannel[], channel: TrendChannel): string {
  const several = new Set(channels.map((other) => other.gatewayId)).size > 1
  return several ? `${channel.gatewayCode} ${channel.name}` : channel.name
}

function useColors(ids: readonly string[]): Map<string, number> {
  const before = useRef(new Map<string, number>())
  const colors = useMemo(() => assignColors(ids, before.current), [ids])
  useEffect(() => {
    before.current = colors
  }, [colors])
  return colors
}
