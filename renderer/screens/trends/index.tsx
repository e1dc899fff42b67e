import { Button } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { memo, useCallback, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { siteNow } from '#renderer/api/site-clock.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { exportFileName, useExportCsv } from '#renderer/charts/export-csv.ts'
import { windowOf } from '#renderer/charts/time-range.ts'
import { TimeRangeControl } from '#renderer/charts/time-range-control.tsx'
import { useAddressRange } from '#renderer/charts/use-address-range.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { ChannelPicker } from './channel-picker.tsx'
import { TrendPanel } from './trend-panel.tsx'
import { formatChannels, parseChannels } from './trend-search.ts'
import css from './trends.module.css'
import { type TrendChannel, type TrendChannels, useTrendChannels } from './use-trend-channels.ts'

/** Any channels of any gateways on one time axis, live and back in time. */
export function TrendsScreen() {
  // The fleet changes several times a second; what is below only with its channels.
  return <Trends known={useTrendChannels()} />
}

const Trends = memo(function Trends({ known }: { known: TrendChannels }) {
  const { t } = useTranslation(['trends', 'charts'])
  const search: { channels?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const ids = useMemo(() => parseChannels(search.channels), [search.channels])
  const channels = useMemo(
    () => ids.map((id) => known.byId.get(id)).filter((channel) => channel !== undefined),
    [ids, known.byId],
  )
  const [range, setRange] = useAddressRange()
  const saving = useExportCsv()
  const mayExport = useMay('telemetry:export')

  const choose = useCallback(
    (next: string[]) =>
      void navigate({
        to: '.',
        search: (previous: Record<string, unknown>) => ({ ...previous, channels: formatChannels(next) }),
        replace: true,
      }),
    [navigate],
  )
  const remove = useCallback((id: string) => choose(ids.filter((other) => other !== id)), [choose, ids])
  const download = () => {
    const window = windowOf(range, siteNow())
    const question = {
      channelIds: channels.map((channel) => channel.id),
      from: Math.round(window.from),
      to: Math.round(window.to),
    }
    saving.start(question, exportFileName(t('exportName'), window.from, window.to))
  }
  return (
    <Page
      title={t('title')}
      beside={<ChannelPicker all={known.all} chosen={ids} onChange={choose} />}
      actions={
        <div className={css.tools}>
          <TimeRangeControl range={range} onChange={setRange} />
          {mayExport && (
            <Button
              leftSection={<Icon name="download" size={14} />}
              disabled={channels.length === 0}
              loading={saving.busy}
              onClick={download}
            >
              {t('charts:export.button')}
            </Button>
          )}
        </div>
      }
    >
      {known.error !== null && <ErrorNote error={known.error} onRetry={known.retry} />}
      {saving.error !== null && <ErrorNote error={saving.error} />}
      {channels.length > 0 ? (
        <TrendPanel channels={channels} range={range} onRange={setRange} onRemove={remove} />
      ) : (
        known.ready && <NoChannels all={known.all} missing={ids.length} onChoose={choose} />
      )}
    </Page>
  )
})

function NoChannels({
  all,
  missing,
  onChoose,
}: {
  all: readonly TrendChannel[]
  missing: number
  onChoose(ids: string[]): void
}) {
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
      action={
        <Button onClick={() => onChoose(ofFirst.map((channel) => channel.id))}>
          {t('empty.suggest', { code: first.gatewayCode })}
        </Button>
      }
    />
  )
}
