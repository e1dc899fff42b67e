import { Button } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { ChartCover } from '#renderer/charts/chart-cover.tsx'
import { chartChannel } from '#renderer/charts/chart-channel.ts'
import { exportFileName, useExportCsv } from '#renderer/charts/export-csv.ts'
import { useReadingTail } from '#renderer/charts/reading-tail.ts'
import { TimeChart } from '#renderer/charts/time-chart.tsx'
import { TimeRangeControl } from '#renderer/charts/time-range-control.tsx'
import { rangeOf } from '#renderer/charts/time-range.ts'
import { useAddressRange } from '#renderer/charts/use-address-range.ts'
import { useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { ChannelPicker } from './channel-picker.tsx'
import { TrendLegend } from './trend-legend.tsx'
import { assignColors, formatChannels, parseChannels } from './trend-search.ts'
import css from './trends.module.css'
import { type TrendChannel, useTrendChannels } from './use-trend-channels.ts'

/** Any channels of any gateways on one time axis, live and back in time. */
export function TrendsScreen() {
  const { t } = useTranslation(['trends', 'charts'])
  const search: { channels?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const known = useTrendChannels()
  const ids = useMemo(() => parseChannels(search.channels), [search.channels])
  const channels = useMemo(() => ids.map((id) => known.byId.get(id)).filter((channel) => channel !== undefined), [ids, known.byId])
  const [range, setRange] = useAddressRange()
  const window = useWindow(range)
  const now = useNow()
  const shownIds = useMemo(() => channels.map((channel) => channel.id), [channels])
  const tail = useReadingTail(shownIds)
  const [points, setPoints] = useState(500)
  const chart = useChart(shownIds, window, points, tail)
  const [focus, setFocus] = useState<string | null>(null)
  const colors = useColors(ids)
  const shown = useMemo(() => channels.map((channel) => chartChannel(channel, colors.get(channel.id) ?? 0, nameIn(channels, channel))), [channels, colors])
  const saving = useExportCsv()
  const mayExport = useMay('telemetry:export')

  const choose = (next: string[]) =>
    void navigate({ to: '.', search: (previous: Record<string, unknown>) => ({ ...previous, channels: formatChannels(next) }) as never, replace: true })
  const download = () =>
    saving.start(
      { channelIds: shownIds, from: Math.round(window.from), to: Math.round(window.to) },
      exportFileName(t('exportName'), window.from, window.to),
    )
  const focused = focus !== null && shownIds.includes(focus) ? focus : null

  return (
    <Page
      title={t('title')}
      beside={<ChannelPicker all={known.all} chosen={ids} onChange={choose} />}
      actions={
        <>
          <TimeRangeControl range={range} now={now} onChange={setRange} />
          {mayExport && (
            <Button leftSection={<Icon name="download" size={14} />} disabled={shownIds.length === 0} loading={saving.busy} onClick={download}>
              {t('charts:export.button')}
            </Button>
          )}
        </>
      }
    >
      {known.error !== null && <ErrorNote error={known.error} onRetry={known.retry} />}
      {saving.error !== null && <ErrorNote error={saving.error} />}
      {shown.length > 0 ? (
        <div className={css.card}>
          <div className={css.plot}>
            <TimeChart
              label={t('chartLabel', { count: shown.length })}
              channels={shown}
              rows={chart.rows}
              window={window}
              live={range.live}
              now={now}
              focus={focused}
              onWindow={(next) => setRange(rangeOf(next, now, range.live))}
              onLive={() => setRange({ live: true, span: window.to - window.from })}
              onPoints={setPoints}
              cover={<ChartCover chart={chart} empty={shownIds.every((id) => chart.rows.get(id)?.ts.length === 0)} />}
            />
          </div>
          <TrendLegend
            channels={channels}
            colors={colors}
            rows={chart.rows}
            window={window}
            tail={tail}
            focus={focused}
            onFocus={setFocus}
            onRemove={(id) => choose(ids.filter((other) => other !== id))}
          />
        </div>
      ) : (
        known.ready && <NoChannels all={known.all} missing={ids.length} onChoose={choose} />
      )}
    </Page>
  )
}

function NoChannels({ all, missing, onChoose }: { all: readonly TrendChannel[]; missing: number; onChoose(ids: string[]): void }) {
  const { t } = useTranslation('trends')
  const first = all[0]
  if (first === undefined) {
    return (
      <Empty
        title={t('empty.noneTitle')}
        text={t('empty.noneText')}
        action={
          <Button component={Link} to="/fleet/add" variant="filled">
            {t('empty.add')}
          </Button>
        }
      />
    )
  }
  const ofFirst = all.filter((channel) => channel.gatewayId === first.gatewayId).slice(0, 6)
  return (
    <Empty
      title={missing > 0 ? t('empty.missingTitle') : t('empty.title')}
      text={missing > 0 ? t('empty.missingText') : t('empty.text')}
      action={<Button onClick={() => onChoose(ofFirst.map((channel) => channel.id))}>{t('empty.suggest', { code: first.gatewayCode })}</Button>}
    />
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
