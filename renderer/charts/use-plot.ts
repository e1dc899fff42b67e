import { type RefObject, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import uPlot from 'uplot'
import { siteNow } from '#renderer/api/site-clock.ts'
import { regionalLocale } from '#renderer/ui/format.ts'
import { isNumeric, NARROW } from './chart-channel.ts'
import type { ChartColors } from './chart-colors.ts'
import { type ChartData, plotColumns, sceneOf } from './chart-data.ts'
import { annotationAt } from './overlay-annotations.ts'
import { STRIP_HEIGHT } from './overlay-strips.ts'
import { attachGestures, type Gestures } from './plot-gestures.ts'
import { plotInk } from './plot-ink.ts'
import { type PlotScene, plotOptions } from './plot-options.ts'
import type { TimeChartProps } from './time-chart.tsx'
import type { TimeWindow } from './time-range.ts'
import type { AllChartWords } from './use-chart-words.ts'

const noScene: PlotScene = {
  rows: new Map(),
  noData: [],
  damaged: [],
  strips: [],
  annotations: [],
  latest: null,
}

/** Live ranges shorter than this move on by themselves between two ticks of the screen, ms. */
const SMOOTH = 10 * 60_000

export interface PlotUse {
  props: TimeChartProps
  host: RefObject<HTMLDivElement | null>
  size: { width: number; height: number }
  colors: ChartColors
  words: AllChartWords
  onCursor(ts: number | null, left: number, shown: TimeWindow): void
}

export interface PlotHandle {
  /** CSS pixels; the first move puts it into the middle. */
  moveCursor(by: number): void
}

/**
 * The uPlot behind a chart: made anew when its shape changes, while data and window flow into it. What a gesture
 * draws is ahead of the screen's window until the gesture rests.
 */
export function usePlot(use: PlotUse): PlotHandle {
  const { props, host, size, colors, words } = use
  const { channels, rows, window, focus = null, bands = false, compare = null } = props
  const { i18n, t } = useTranslation('charts')
  const plot = useRef<uPlot | null>(null)
  const gestures = useRef<Gestures | null>(null)
  const scene = useRef<PlotScene>(noScene)
  const laidOut = useRef<TimeWindow>({ from: 0, to: 0 })
  const latest = useRef(use)
  latest.current = use
  const compared = compare !== null

  const shapeKey = JSON.stringify([channels, focus, bands, compared, i18n.language, size.width < NARROW])
  const ready = size.width > 0 && size.height > 0
  useEffect(() => {
    const target = host.current
    if (target === null || !ready) return
    const hooks = {
      scene: () => scene.current,
      onCursor: (ts: number | null, left: number) => latest.current.onCursor(ts, left, shownBy(made)),
      onSelect: (from: number, to: number) => {
        const span = { from: Math.round(from), to: Math.round(to) }
        const { marking, onMark, onWindow } = latest.current.props
        if (marking === true && onMark !== undefined) onMark(span.from, span.to)
        else onWindow(span)
      },
      onReset: () => latest.current.props.onLive(),
    }
    const ink = plotInk(colors)
    const locale = regionalLocale(i18n.language)
    const shape = { channels, focus, bands, compared, ink, locale, limitLabels: words.limits }
    const made = new uPlot(plotOptions({ ...shape, ...plotSize(size) }, hooks), undefined, target)
    gestures.current = attachGestures(made, {
      draw: (next) => show(made, next),
      onWindow: (next) => latest.current.props.onWindow(next),
      onRest: () => show(made, latest.current.props.window),
      onClick(left, top) {
        const { annotations = [], marking, onMark, onAnnotation } = latest.current.props
        const at = Math.round(made.posToVal(left, 'x'))
        if (marking === true) return onMark?.(at, at)
        const hit = annotationAt(made, annotations, left, top)
        if (hit !== null) onAnnotation?.(hit.id)
      },
    })
    plot.current = made
    return () => {
      gestures.current?.detach()
      gestures.current = null
      made.destroy()
      plot.current = null
      latest.current.onCursor(null, 0, { from: 0, to: 1 })
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- shapeKey stands for channels, focus and language
  }, [shapeKey, colors, ready])

  useEffect(() => {
    if (plot.current !== null) fill(plot.current, gestures.current?.window() ?? window)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- new data or a new shape; the window has its own
  }, [
    rows,
    compare?.rows,
    props.annotations,
    props.damaged,
    shapeKey,
    colors,
    ready,
    props.live,
    props.offline,
    t,
  ])

  useEffect(() => {
    const current = plot.current
    // A gesture is ahead of what the screen knows: following it would throw the chart back.
    if (current === null || (gestures.current?.window() ?? null) !== null) return
    show(current, window)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only the window moves here
  }, [window.from, window.to])

  useEffect(() => {
    if (size.width > 0 && size.height > 0) plot.current?.setSize(plotSize(size))
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new shape takes its size when it is made
  }, [size])

  const span = window.to - window.from
  const smooth = props.live && span < SMOOTH && !matchMedia('(prefers-reduced-motion: reduce)').matches
  useEffect(() => {
    if (!smooth) return
    const timer = setInterval(
      () => {
        const current = plot.current
        if (current === null || (gestures.current?.window() ?? null) !== null || document.hidden) return
        const now = siteNow()
        show(current, { from: now - span, to: now })
      },
      Math.min(1_000, Math.max(50, span / 1_000)),
    )
    return () => clearInterval(timer)
  }, [smooth, span])

  /** Moves the scale; lays out anew what reaches beyond what was laid out, or is far more than is seen. */
  function show(current: uPlot, next: TimeWindow): void {
    const { from, to } = laidOut.current
    if (next.from < from || next.to > to || (to - from) / (next.to - next.from) > 8)
      return fill(current, next)
    const shown = shownBy(current)
    if (shown.from !== next.from || shown.to !== next.to)
      current.setScale('x', { min: next.from, max: next.to })
  }

  /** Lays out more than the window shows: a pan or a zoom then only moves the scale. */
  function fill(current: uPlot, shown: TimeWindow): void {
    const { props: now, colors: ink, words: of } = latest.current
    const reach = (shown.to - shown.from) * 0.75
    const wide = { from: shown.from - reach, to: shown.to + reach }
    const data: ChartData = { ...now, compared: now.compare?.rows }
    laidOut.current = wide
    scene.current = sceneOf(data, wide, ink, of.canvas)
    const columns = plotColumns(data, wide)
    current.batch(() => {
      current.setData(columns, false)
      current.setScale('x', { min: shown.from, max: shown.to })
    })
  }

  /** Strips alone need no more height than they have. */
  function plotSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
    const strips = channels.filter((channel) => !isNumeric(channel)).length
    return { width, height: strips < channels.length ? height : Math.min(height, strips * STRIP_HEIGHT + 56) }
  }

  return {
    moveCursor(by) {
      const current = plot.current
      if (current === null) return
      const width = current.bbox.width / devicePixelRatio
      const { left = -1 } = current.cursor
      const from = left < 0 ? width / 2 - by : left
      current.setCursor({ left: Math.min(width, Math.max(0, from + by)), top: 10 }, true)
    },
  }
}

function shownBy(plot: uPlot): TimeWindow {
  const { min, max } = plot.scales.x ?? {}
  return { from: min ?? 0, to: max ?? 1 }
}
