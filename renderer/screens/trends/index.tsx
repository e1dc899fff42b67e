import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Annotation } from '#contract/api/annotations.ts'
import type { TrendChannelSetting } from '#contract/model/trend.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { useMay } from '#renderer/api/use-session.ts'
import type { ChartHandle } from '#renderer/charts/time-chart.tsx'
import { windowOf } from '#renderer/charts/time-range.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { AnnotationDialog, type AnnotationSubject } from './annotation-dialog.tsx'
import { CalculationDialog } from './calculation-dialog.tsx'
import { ChannelPicker } from './channel-picker.tsx'
import { ExportMenu } from './export-menu.tsx'
import type { Paper } from './paper.ts'
import { RangeScope, useRangeAccess } from './range-scope.tsx'
import { withChannels } from './trend-address.ts'
import { TrendPanel } from './trend-panel.tsx'
import { TrendToolbar } from './trend-toolbar.tsx'
import css from './trends.module.css'
import { isTyping, useFullScreen } from './use-full-screen.ts'
import { useOpenedView } from './use-opened-view.ts'
import { useTrend } from './use-trend.ts'
import { type TrendChannel, type TrendChannels, useTrendChannels } from './use-trend-channels.ts'
import { ViewMenu } from './view-menu.tsx'

/** Any channels of any gateways on one time axis, live and back in time. */
export function TrendsScreen() {
  // The fleet changes several times a second; what is below only with its channels.
  const known = useTrendChannels()
  return (
    <RangeScope>
      <Trends known={known} />
    </RangeScope>
  )
}

const Trends = memo(function Trends({ known }: { known: TrendChannels }) {
  const { t } = useTranslation(['trends', 'charts'])
  const trend = useTrend()
  const { settings, change } = trend
  const range = useRangeAccess()
  const view = useOpenedView(trend)
  const channels = useMemo(
    () => settings.channels.map(({ id }) => known.byId.get(id)).filter((channel) => channel !== undefined),
    [settings.channels, known.byId],
  )
  const mayWrite = useMay('dashboards:write')
  const { full, toggle } = useFullScreen()
  const chart = useRef<ChartHandle>(null)
  const paper = useRef<() => Paper | null>(() => null)
  const [error, setError] = useState<unknown>(null)
  const paperNow = useCallback(() => paper.current(), [])
  const takePaper = useCallback((next: () => Paper | null) => {
    paper.current = next
  }, [])
  const windowNow = useCallback(() => windowOf(range.get(), siteNow()), [range])
  const [isMarking, setMarking] = useState(false)
  const [subject, setSubject] = useState<AnnotationSubject | null>(null)
  const [calculation, setCalculation] = useState<TrendChannel | 'new' | null>(null)

  const latest = useRef(settings)
  latest.current = settings
  const choose = useCallback((ids: string[]) => change(withChannels(latest.current, ids)), [change])
  const remove = useCallback(
    (id: string) =>
      choose(latest.current.channels.flatMap((channel) => (channel.id === id ? [] : [channel.id]))),
    [choose],
  )
  const setUp = useCallback(
    (setting: TrendChannelSetting) =>
      change({
        ...latest.current,
        channels: latest.current.channels.map((one) => (one.id === setting.id ? setting : one)),
      }),
    [change],
  )
  const mark = useCallback((from: number, to: number) => {
    setMarking(false)
    setSubject({ annotation: null, from, to })
  }, [])
  const openAnnotation = useCallback(
    (annotation: Annotation) => {
      if (mayWrite) setSubject({ annotation, from: annotation.from, to: annotation.to })
    },
    [mayWrite],
  )
  const calculate = useCallback(() => setCalculation('new'), [])
  useMarkKey(mayWrite && settings.annotations && subject === null, chart, mark, () => setMarking(false))
  const chosen = useMemo(() => settings.channels.map(({ id }) => id), [settings.channels])
  const title = view?.name ?? t('title')
  return (
    <div className={full ? css.full : css.screen}>
      <Page
        title={t('title')}
        beside={
          <>
            <ViewMenu trend={trend} channels={channels} />
            <ChannelPicker
              all={known.all}
              chosen={chosen}
              onChange={choose}
              onCalculate={mayWrite ? calculate : undefined}
            />
          </>
        }
        actions={
          <div className={css.tools}>
            <ExportMenu channels={channels} window={windowNow} paper={paperNow} onError={setError} />
            <Tooltip label={full ? t('full.leave') : t('full.enter')}>
              <ActionIcon
                size="sm"
                aria-label={full ? t('full.leave') : t('full.enter')}
                aria-pressed={full}
                onClick={toggle}
              >
                <Icon name={full ? 'close' : 'screen'} size={16} />
              </ActionIcon>
            </Tooltip>
          </div>
        }
      >
        {known.error !== null && <ErrorNote error={known.error} onRetry={known.retry} />}
        {error !== null && <ErrorNote error={error} />}
        {channels.length > 0 ? (
          <>
            <TrendToolbar
              settings={settings}
              mayWrite={mayWrite}
              isMarking={isMarking}
              onChange={change}
              onMarking={setMarking}
            />
            <TrendPanel
              title={title}
              channels={channels}
              byId={known.byId}
              settings={settings}
              marking={isMarking}
              chart={chart}
              onPaper={takePaper}
              onRemove={remove}
              onSetting={setUp}
              onEdit={setCalculation}
              onMark={mark}
              onAnnotation={openAnnotation}
            />
          </>
        ) : (
          known.ready && <NoChannels all={known.all} missing={chosen.length} onChoose={choose} />
        )}
      </Page>
      {subject !== null && (
        <AnnotationDialog subject={subject} channels={channels} onClose={() => setSubject(null)} />
      )}
      {calculation !== null && (
        <CalculationDialog
          calculation={calculation === 'new' ? null : (calculation.calculation ?? null)}
          channels={known.all.filter((channel) => channel.calculation === undefined)}
          onClose={() => setCalculation(null)}
          onSaved={({ id }) => {
            if (!chosen.includes(id)) choose([...chosen, id])
          }}
          onDeleted={({ id }) => remove(id)}
        />
      )}
    </div>
  )
})

/** A writes about the time under the cursor; Escape ends marking. */
function useMarkKey(
  enabled: boolean,
  chart: { current: ChartHandle | null },
  mark: (from: number, to: number) => void,
  onEscape: () => void,
): void {
  const escape = useRef(onEscape)
  escape.current = onEscape
  useEffect(() => {
    if (!enabled) return
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === 'Escape') return escape.current()
      const at = chart.current?.cursor() ?? null
      if ((event.key !== 'a' && event.key !== 'A') || at === null) return
      event.preventDefault()
      mark(Math.round(at), Math.round(at))
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [enabled, chart, mark])
}

function NoChannels(props: { all: readonly TrendChannel[]; missing: number; onChoose(ids: string[]): void }) {
  const { t } = useTranslation('trends')
  const first = props.all.find((channel) => channel.calculation === undefined)
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
  const ofFirst = props.all.filter((channel) => channel.gatewayId === first.gatewayId).slice(0, 6)
  return (
    <Empty
      title={props.missing > 0 ? t('empty.missingTitle') : t('empty.title')}
      text={props.missing > 0 ? t('empty.missingText') : t('empty.text')}
      action={
        <Button onClick={() => props.onChoose(ofFirst.map((channel) => channel.id))}>
          {t('empty.suggest', { code: first.gatewayCode })}
        </Button>
      }
    />
  )
}
