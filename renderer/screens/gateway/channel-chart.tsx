import { ActionIcon, Tooltip } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Channel } from '#contract/model/channel.ts'
import type { Gateway } from '#contract/model/gateway.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { chartChannel, isNumeric } from '#renderer/charts/chart-channel.ts'
import { channelColor } from '#renderer/charts/chart-colors.ts'
import { ChartCover } from '#renderer/charts/chart-cover.tsx'
import { exportFileName, useExportCsv } from '#renderer/charts/export-csv.ts'
import type { ReadingTail } from '#renderer/charts/reading-tail.ts'
import { TimeChart } from '#renderer/charts/time-chart.tsx'
import { rangeOf, type TimeWindow } from '#renderer/charts/time-range.ts'
import { TimeRangeControl } from '#renderer/charts/time-range-control.tsx'
import { useAddressRange } from '#renderer/charts/use-address-range.ts'
import { useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import css from './channel-chart.module.css'
import { timelineOf } from './state-timeline.ts'
import { useWeekOfStates } from './use-gateway.ts'

/** The chosen channel over time: average, minimum to maximum, limits, and why there are gaps. */
export function ChannelChart({
  gateway,
  channel,
  tail,
}: {
  gateway: Gateway
  channel: Channel
  tail: ReadingTail
}) {
  const { t } = useTranslation(['gateway', 'charts'])
  const format = useFormat()
  const now = useNow()
  const [range, setRange] = useAddressRange()
  const window = useWindow(range)
  const [points, setPoints] = useState(400)
  const chart = useChart([channel.id], window, points, tail)
  const mayExport = useMay('telemetry:export')
  const saving = useExportCsv()
  const shown = useMemo(() => [chartChannel(channel, 0)], [channel])
  const offline = useOffline(gateway, window.from, now)
  const title = channel.unit === null ? channel.name : `${channel.name}, ${channel.unit}`
  const empty = chart.rows.get(channel.id)?.ts.length === 0
  const download = () =>
    saving.start(
      {
        source: { gateway: gateway.code, tenant: gateway.tenant.slug, channel: channel.key },
        channelIds: [channel.id],
        from: Math.round(window.from),
        to: Math.round(window.to),
      },
      exportFileName(`${gateway.code}_${channel.key}`, window.from, window.to),
    )
  return (
    <section className={css.card} aria-label={title}>
      <div className={css.cap}>
        <h2>{title}</h2>
        {isNumeric(channel) && (
          <span className={css.legend}>
            <span>
              <i className={css.line} style={{ background: channelColor(0) }} />
              {t('charts:legend.average', { span: format.span(chart.width) })}
            </span>
            <span>
              <i className={css.band} style={{ background: channelColor(0) }} />
              {t('charts:legend.band')}
            </span>
          </span>
        )}
        <span className={css.tools}>
          <TimeRangeControl range={range} onChange={setRange} />
          {mayExport && (
            <Tooltip label={t('charts:export.hint')}>
              <ActionIcon
                size="xs"
                aria-label={t('charts:export.button')}
                loading={saving.busy}
                onClick={download}
              >
                <Icon name="download" size={14} />
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      </div>
      {saving.error !== null && <ErrorNote error={saving.error} />}
      <div className={css.plot}>
        <TimeChart
          label={t('chart.label', { channel: title, gateway: gateway.code })}
          channels={shown}
          rows={chart.rows}
          window={window}
          live={range.live}
          now={now}
          offline={offline}
          damaged={chart.damaged}
          onWindow={(next: TimeWindow) => setRange(rangeOf(next, now, range.live))}
          onLive={() => setRange({ live: true, span: window.to - window.from })}
          onPoints={setPoints}
          cover={<ChartCover chart={chart} empty={empty} />}
        />
      </div>
    </section>
  )
}

/** When the gateway was not connected between `from` and now, for the words in gaps. */
function useOffline(gateway: Gateway, from: number, now: number): TimeWindow[] {
  const history = useWeekOfStates(gateway.id).data
  const { state, online, createdAt } = gateway
  // By the minute: a window that moves on by seconds has the same gaps.
  const start = Math.floor(from / 60_000) * 60_000
  const end = Math.ceil(now / 60_000) * 60_000
  return useMemo(
    () =>
      timelineOf(
        history?.events ?? [],
        [],
        { state, online, createdAt: createdAt.getTime() },
        start,
        end,
      ).spans.filter((span) => span.state !== 'online'),
    [history, state, online, createdAt, start, end],
  )
}
