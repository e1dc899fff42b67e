import 'uplot/dist/uPlot.min.css'
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import uPlot from 'uplot'
import { regionalLocale, useFormat } from '#renderer/ui/format.ts'
import { type BucketRows, emptyRows, gapsOf, silenceThreshold } from './bucket-rows.ts'
import { type ChartChannel, isNumeric, NARROW } from './chart-channel.ts'
import { useChartColors } from './chart-colors.ts'
import { columnsOf, middleOf } from './columns.ts'
import { attachGestures, keyGesture } from './plot-gestures.ts'
import { type PlotScene, plotOptions } from './plot-options.ts'
import { type NoDataSpan, STRIP_HEIGHT } from './plot-overlays.ts'
import { Readout } from './readout.tsx'
import { stateSpans } from './state-strip.ts'
import { SummaryTable } from './summary-table.tsx'
import css from './time-chart.module.css'
import type { TimeWindow } from './time-range.ts'
import { useSize } from './use-size.ts'
import { useStateWord } from './use-state-word.ts'

export interface TimeChartProps {
  /** What the chart shows, for screen readers. */
  label: string
  channels: readonly ChartChannel[]
  rows: ReadonlyMap<string, BucketRows>
  window: TimeWindow
  live: boolean
  /** The site's time, ms: after the last reading there is a gap until now. */
  now: number
  /** The channel whose limits are drawn; of a single channel they always are. */
  focus?: string | null
  /** When the gateway was not connected: a gap inside says so. */
  offline?: readonly TimeWindow[]
  onWindow(window: TimeWindow): void
  onLive(): void
  /** Told the width of the plot in buckets worth asking for. */
  onPoints?(points: number): void
  /** Over the plot, where there is nothing to draw. */
  cover?: ReactNode
}

const noScene: PlotScene = { noData: [], strips: [], latest: null }

/** Lines with their minimum-to-maximum band, strips of states, limits and gaps; zoomed and panned without a wait. */
export function TimeChart(props: TimeChartProps) {
  const { channels, rows, window, focus = null } = props
  const { t, i18n } = useTranslation('charts')
  const format = useFormat()
  const stateWord = useStateWord()
  const colors = useChartColors()
  const box = useRef<HTMLDivElement>(null)
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const scene = useRef<PlotScene>(noScene)
  const size = useSize(box)
  const laidOut = useRef<TimeWindow>({ from: 0, to: 0 })
  const [cursor, setCursor] = useState<{ ts: number; left: number } | null>(null)
  const latestProps = useRef(props)
  latestProps.current = props

  // What is read rather than seen follows when the gesture leaves time for it.
  const restRows = useDeferredValue(rows)
  const restWindow = useDeferredValue(window)
  const numeric = useMemo(() => channels.filter(isNumeric), [channels])
  const stripCount = channels.length - numeric.length
  const points = Math.round(Math.min(1_500, Math.max(100, size.width)) / 2)
  const onPoints = props.onPoints
  useEffect(() => {
    if (size.width > 0) onPoints?.(points)
  }, [points, size.width, onPoints])

  const sole = numeric.length === 1 ? numeric[0] : undefined
  const limited = sole ?? numeric.find((channel) => channel.id === focus)
  const limitLabels = useMemo(() => {
    const value = (limit: number | null | undefined) =>
      limit === null || limit === undefined ? '' : `${format.number(limit)} ${limited?.unit ?? ''}`.trim()
    return {
      high: t('limit.high', { value: value(limited?.highLimit) }),
      low: t('limit.low', { value: value(limited?.lowLimit) }),
    }
  }, [limited, t, format])

  // The plot is made anew when its shape changes; data and window flow into it.
  const shapeKey = JSON.stringify([channels, focus, i18n.language, size.width < NARROW])
  const ready = size.width > 0 && size.height > 0
  useEffect(() => {
    const target = host.current
    if (target === null || !ready) return
    const made = new uPlot(
      plotOptions(
        { channels, focus, colors, locale: regionalLocale(i18n.language), ...plotSize(size), limitLabels },
        {
          scene: () => scene.current,
          onCursor: (ts, left) => setCursor(ts === null ? null : { ts, left }),
          onSelect: (from, to) =>
            latestProps.current.onWindow({ from: Math.round(from), to: Math.round(to) }),
          onReset: () => latestProps.current.onLive(),
        },
      ),
      undefined,
      target,
    )
    const detach = attachGestures(made, (next) => latestProps.current.onWindow(next))
    plot.current = made
    return () => {
      detach()
      made.destroy()
      plot.current = null
      setCursor(null)
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- shapeKey stands for channels, focus and language
  }, [shapeKey, colors, ready])

  /** Lays out what is loaded, more than the window shows: a pan or a zoom then only moves the scale. */
  function fill(current: uPlot): void {
    const reach = (window.to - window.from) * 0.75
    const wide = { from: window.from - reach, to: window.to + reach }
    laidOut.current = wide
    scene.current = sceneOf(wide)
    const columns = columnsOf(
      numeric.map((channel) => rows.get(channel.id) ?? emptyRows()),
      wide,
      props.now,
    )
    if (numeric.length === 0) columns.push([])
    current.batch(() => {
      current.setData(columns, false)
      current.setScale('x', { min: window.from, max: window.to })
    })
  }

  useEffect(() => {
    if (plot.current !== null) fill(plot.current)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- new data or a new shape; the window has its own
  }, [rows, shapeKey, colors, ready, props.live, props.offline, t])

  useEffect(() => {
    const current = plot.current
    if (current === null) return
    const { from, to } = laidOut.current
    const far = window.from < from || window.to > to || (to - from) / (window.to - window.from) > 8
    if (far) return fill(current)
    const { min, max } = current.scales.x ?? {}
    // A gesture has drawn it already.
    if (min !== window.from || max !== window.to) current.setScale('x', { min: window.from, max: window.to })
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only the window moves here
  }, [window.from, window.to])

  useEffect(() => {
    if (size.width > 0 && size.height > 0) plot.current?.setSize(plotSize(size))
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new shape takes its size when it is made
  }, [size])

  /** Strips alone need no more height than they have. */
  function plotSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
    return { width, height: numeric.length > 0 ? height : Math.min(height, stripCount * STRIP_HEIGHT + 56) }
  }

  function sceneOf(wide: TimeWindow): PlotScene {
    const noData =
      sole === undefined ? [] : noDataSpans(rows.get(sole.id), wide, props.now, props.offline ?? [])
    const strips = channels.filter((channel) => !isNumeric(channel))
    return {
      noData: noData.map((gap) => ({ ...gap, label: gapLabel(gap) })),
      strips: strips.map((channel) => ({
        name: channel.name,
        color: colors.channel[channel.color % colors.channel.length] ?? colors.mark,
        spans: stateSpans(rows.get(channel.id) ?? emptyRows(), channel.kind, {
          from: wide.from,
          to: Math.min(wide.to, props.now),
        }),
        word: stateWord,
      })),
      latest: props.live && sole !== undefined ? latestPoint(rows.get(sole.id), sole.unit) : null,
    }
  }

  function gapLabel(gap: TimeWindow): string {
    const duration = format.span(gap.to - gap.from)
    const offline = (props.offline ?? []).some((span) => span.from < gap.to && span.to > gap.from)
    return offline ? t('gap.offline', { duration }) : t('gap.noData', { duration })
  }

  function latestPoint(of: BucketRows | undefined, unit: string | null): PlotScene['latest'] {
    const last = of === undefined ? -1 : of.ts.length - 1
    if (of === undefined || last < 0) return null
    const value = of.last[last]
    if (typeof value !== 'number') return null
    const average = (of.sum[last] ?? 0) / Math.max(1, of.count[last] ?? 1)
    return {
      x: middleOf(of, last, props.now),
      value: average,
      label: `${format.number(value)} ${unit ?? ''}`.trim(),
    }
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return
    if (keyGesture(event.key, window, props)) event.preventDefault()
  }

  return (
    <div ref={box} className={css.chart} style={{ '--strips': stripCount * STRIP_HEIGHT } as CSSProperties}>
      <div
        className={css.area}
        role="application"
        aria-roledescription={t('chart.role')}
        aria-label={`${props.label}. ${t('chart.keys')}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div ref={host} className={css.plot} aria-hidden="true" />
      </div>
      {cursor !== null && (
        <Readout
          ts={cursor.ts}
          left={cursor.left}
          width={size.width}
          channels={channels}
          rows={rows}
          window={window}
        />
      )}
      {props.cover !== undefined && <div className={css.cover}>{props.cover}</div>}
      <SummaryTable label={props.label} channels={channels} rows={restRows} window={restWindow} />
    </div>
  )
}

/** The gaps of a channel, and the one from its last reading until now. */
function noDataSpans(
  rows: BucketRows | undefined,
  window: TimeWindow,
  now: number,
  offline: readonly TimeWindow[],
): Omit<NoDataSpan, 'label'>[] {
  if (rows === undefined || rows.ts.length === 0) return []
  const spans = gapsOf(rows)
  const last = rows.ts.length - 1
  const width = rows.width[last] as number
  const end = (rows.ts[last] as number) + width
  // Of a gateway that is away nothing is on its way: even one reading alone is followed by a gap.
  const away = offline.some((span) => span.from < now && span.to >= now)
  if (now - end > (away ? width * 2.5 : silenceThreshold(rows))) spans.push({ from: end, to: now })
  return spans.filter((span) => span.to > window.from && span.from < window.to)
}
