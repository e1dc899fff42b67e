import { Tabs } from '@mantine/core'
import {
  memo,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import type { Annotation } from '#contract/api/annotations.ts'
import type { TrendChannelSetting } from '#contract/model/trend.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { useMay, useSite } from '#renderer/api/use-session.ts'
import { shiftedRows } from '#renderer/charts/bucket-rows.ts'
import { type ChartChannel, chartChannel } from '#renderer/charts/chart-channel.ts'
import { ChartCover } from '#renderer/charts/chart-cover.tsx'
import { ReadingTail, useReadingTail } from '#renderer/charts/reading-tail.ts'
import { type ChartHandle, TimeChart } from '#renderer/charts/time-chart.tsx'
import { rangeOf, windowOf } from '#renderer/charts/time-range.ts'
import { useChart, useWindow } from '#renderer/charts/use-chart.ts'
import { useNow } from '#renderer/ui/now.ts'
import { AnnotationList } from './annotation-list.tsx'
import type { Paper } from './paper.ts'
import { useRange, useRangeAccess } from './range-scope.tsx'
import type { TrendSettings } from './trend-address.ts'
import { TrendLegend } from './trend-legend.tsx'
import { TrendReport } from './trend-report.tsx'
import { assignColors } from './trend-search.ts'
import css from './trends.module.css'
import { type Annotations, useAnnotations } from './use-annotations.ts'
import { usePaper } from './use-paper.ts'
import type { TrendChannel } from './use-trend-channels.ts'
import { useWindowFigures } from './use-window-figures.ts'

export interface TrendPanelProps {
  title: string
  channels: readonly TrendChannel[]
  byId: ReadonlyMap<string, TrendChannel>
  settings: TrendSettings
  marking: boolean
  chart: RefObject<ChartHandle | null>
  /** Told how to put what is shown on paper. */
  onPaper(paper: () => Paper | null): void
  onRemove(channelId: string): void
  onSetting(setting: TrendChannelSetting): void
  onEdit(channel: TrendChannel): void
  /** A time or a span was marked to be written about, ms. */
  onMark(from: number, to: number): void
  onAnnotation(annotation: Annotation): void
}

/** Nothing arrives live at an earlier time. */
const noTail = new ReadingTail()
const nothing: readonly string[] = []

/** The chart of the chosen channels, their figures and annotations: the part that is drawn anew with every reading. */
export const TrendPanel = memo(function TrendPanel(props: TrendPanelProps) {
  const { channels, settings } = props
  const range = useRange()
  const access = useRangeAccess()
  const { t } = useTranslation('trends')
  const window = useWindow(range)
  const now = useNow()
  const ids = useMemo(() => channels.map((channel) => channel.id), [channels])
  const tail = useReadingTail(ids)
  const [points, setPoints] = useState(500)
  const chart = useChart(ids, window, points, tail)
  const [chosen, setFocus] = useState<string | null>(null)
  const focus = chosen !== null && ids.includes(chosen) ? chosen : null
  const colors = useColors(ids)
  const settingOf = useMemo(() => new Map(settings.channels.map((one) => [one.id, one])), [settings.channels])
  const shown = useMemo(
    () =>
      channels.map(
        (channel): ChartChannel =>
          chartChannel(
            channel,
            colors.get(channel.id) ?? 0,
            nameIn(channels, channel),
            settingOf.get(channel.id),
          ),
      ),
    [channels, colors, settingOf],
  )

  const offset = settings.compare
  const earlierWindow = useMemo(
    () => ({ from: window.from - (offset ?? 0), to: window.to - (offset ?? 0) }),
    [window, offset],
  )
  const earlier = useChart(offset === null ? nothing : ids, earlierWindow, points, noTail)
  const compare = useMemo(
    () =>
      offset === null
        ? null
        : {
            offset,
            rows: new Map([...earlier.rows].map(([id, rows]) => [id, shiftedRows(rows, offset)])),
          },
    [offset, earlier.rows],
  )

  const figures = useWindowFigures(ids, range)
  const earlierFigures = useWindowFigures(ids, range, offset ?? 0, offset !== null)
  const compared = useMemo(
    () => (offset === null ? null : { offset, figures: earlierFigures }),
    [offset, earlierFigures],
  )

  const measured = useMemo(
    () => channels.filter(({ calculation }) => calculation === undefined).map(({ id }) => id),
    [channels],
  )
  const annotations = useAnnotations(measured, window, settings.annotations)
  const visible = useSame(
    useMemo(
      () => annotations.all.filter(({ from, to }) => to >= window.from && from <= window.to),
      [annotations.all, window],
    ),
  )

  const { onRemove, onSetting, onEdit } = props
  // One element for as long as nothing in it changes: the panel renders with every tick, its table does not.
  const legend = useMemo(
    () => (
      <TrendLegend
        channels={channels}
        settings={settingOf}
        colors={colors}
        figures={figures}
        compared={compared}
        tail={tail}
        focus={focus}
        onFocus={setFocus}
        onRemove={onRemove}
        onSetting={onSetting}
        onEdit={onEdit}
      />
    ),
    [channels, settingOf, colors, figures, compared, tail, focus, onRemove, onSetting, onEdit],
  )

  const site = useSite()?.name ?? ''
  const paper = usePaper({
    title: props.title,
    site,
    window,
    data: {
      channels: shown,
      rows: chart.rows,
      compared: compare?.rows,
      live: false,
      now,
      damaged: chart.damaged,
      annotations: annotations.all,
    },
    channels,
    focus,
    bands: settings.bands,
    figures,
    earlier: earlierFigures,
    offset,
    annotations: visible,
  })
  const { onPaper } = props
  useEffect(() => onPaper(paper), [onPaper, paper])

  return (
    <div className={css.card}>
      <div className={css.plot}>
        <TimeChart
          label={t('chartLabel', { count: shown.length })}
          channels={shown}
          rows={chart.rows}
          damaged={chart.damaged}
          compare={compare}
          bands={settings.bands}
          annotations={annotations.all}
          window={window}
          live={range.live}
          now={now}
          focus={focus}
          marking={props.marking}
          handle={props.chart}
          onMark={props.onMark}
          onAnnotation={(id) => {
            const found = annotations.all.find((one) => one.id === id)
            if (found !== undefined) props.onAnnotation(found)
          }}
          onWindow={(next) => access.set(rangeOf(next, now, range.live))}
          onLive={() => access.set({ live: true, span: Math.round(window.to - window.from) })}
          onPoints={setPoints}
          cover={<ChartCover chart={chart} empty={ids.every((id) => chart.rows.get(id)?.ts.length === 0)} />}
        />
      </div>
      <Below
        hasAnnotations={settings.annotations}
        annotations={annotations}
        visible={visible}
        byId={props.byId}
        chart={props.chart}
        onMark={props.onMark}
        onAnnotation={props.onAnnotation}
      >
        {legend}
      </Below>
      <TrendReport paper={paper} />
    </div>
  )
})

/** Figures and annotations, one behind the other; without annotations the figures alone. */
const Below = memo(function Below(props: {
  hasAnnotations: boolean
  annotations: Annotations
  visible: readonly Annotation[]
  byId: ReadonlyMap<string, TrendChannel>
  chart: RefObject<ChartHandle | null>
  onMark(from: number, to: number): void
  onAnnotation(annotation: Annotation): void
  children: ReactNode
}) {
  const { t } = useTranslation('trends')
  const mayWrite = useMay('dashboards:write')
  const range = useRangeAccess()
  const [tab, setTab] = useState<string | null>('figures')
  const { visible, chart, onMark } = props
  const show = useCallback(
    ({ from, to }: Annotation) => {
      // In the middle of a window of the present width, or of three times its span.
      const shown = windowOf(range.get(), siteNow())
      const half = Math.max(shown.to - shown.from, (to - from) * 3) / 2
      const middle = (from + to) / 2
      range.set({ live: false, from: Math.round(middle - half), to: Math.round(middle + half) })
    },
    [range],
  )
  const write = useCallback(() => {
    const shown = windowOf(range.get(), siteNow())
    const at = Math.round(chart.current?.cursor() ?? (shown.from + shown.to) / 2)
    onMark(at, at)
  }, [range, chart, onMark])
  if (!props.hasAnnotations) return props.children
  return (
    <Tabs value={tab} onChange={setTab} className={css.below ?? ''} keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="figures">{t('tabs.figures')}</Tabs.Tab>
        <Tabs.Tab value="annotations">{t('tabs.annotations', { count: visible.length })}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="figures" className={css.tab ?? ''}>
        {props.children}
      </Tabs.Panel>
      <Tabs.Panel value="annotations" className={css.tab ?? ''}>
        <AnnotationList
          annotations={props.annotations}
          visible={visible}
          byId={props.byId}
          mayWrite={mayWrite}
          onShow={show}
          onEdit={props.onAnnotation}
          onNew={write}
        />
      </Tabs.Panel>
    </Tabs>
  )
})

/** The list as it was while its entries are the same. */
function useSame<T>(list: readonly T[]): readonly T[] {
  const before = useRef(list)
  const isSame =
    before.current.length === list.length && before.current.every((entry, index) => entry === list[index])
  if (!isSame) before.current = list
  return before.current
}

/** Two channels of one name are told apart by their gateways. */
function nameIn(channels: readonly TrendChannel[], channel: TrendChannel): string {
  const several = new Set(channels.map((other) => other.gatewayId)).size > 1
  return several ? `${channel.gatewayCode} ${channel.name}`.trim() : channel.name
}

function useColors(ids: readonly string[]): Map<string, number> {
  const before = useRef(new Map<string, number>())
  const colors = useMemo(() => assignColors(ids, before.current), [ids])
  useEffect(() => {
    before.current = colors
  }, [colors])
  return colors
}
