import 'uplot/dist/uPlot.min.css'
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import type { BucketRows } from './bucket-rows.ts'
import { type ChartChannel, isNumeric } from './chart-channel.ts'
import { useChartColors } from './chart-colors.ts'
import type { ChartAnnotation } from './overlay-annotations.ts'
import { annotationsNear } from './overlay-annotations.ts'
import { STRIP_HEIGHT } from './overlay-strips.ts'
import { keyGesture } from './plot-gestures.ts'
import { readoutLines } from './readout-lines.ts'
import { ReadoutView } from './readout-view.ts'
import { SummaryTable } from './summary-table.tsx'
import css from './time-chart.module.css'
import type { TimeWindow } from './time-range.ts'
import { useChartWords } from './use-chart-words.ts'
import { usePlot } from './use-plot.ts'
import { useSettled } from './use-settled.ts'
import { useSize } from './use-size.ts'

/** The same channels at an earlier time, to compare with. */
export interface Comparison {
  /** ms that they lie back. */
  offset: number
  /** Laid onto the chart's own axis: `shiftedRows`. */
  rows: ReadonlyMap<string, BucketRows>
}

export interface ChartHandle {
  /** The time under the cursor, ms, or null where there is none. */
  cursor(): number | null
}

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
  /** The limits of all channels are drawn. */
  bands?: boolean
  compare?: Comparison | null
  annotations?: readonly ChartAnnotation[]
  /** Spans that the store could not read, by channel. */
  damaged?: ReadonlyMap<string, readonly TimeWindow[]>
  /** When the gateway was not connected: a gap inside says so. */
  offline?: readonly TimeWindow[]
  /** A drag or a click says a time to the screen instead of zooming. */
  marking?: boolean
  /** A time (both the same) or a span was marked, ms. */
  onMark?(from: number, to: number): void
  onAnnotation?(id: string): void
  onWindow(window: TimeWindow): void
  onLive(): void
  /** Told the width of the plot in buckets worth asking for. */
  onPoints?(points: number): void
  /** Over the plot, where there is nothing to draw. */
  cover?: ReactNode
  handle?: Ref<ChartHandle>
}

/** ms that the table for screen readers may lag behind. */
const SETTLED = 1_500

/** CSS pixels that one press of a key moves the cursor. */
const CURSOR_STEP = 8

/** Lines with their minimum-to-maximum band, strips of states, limits and gaps; zoomed and panned without a wait. */
export function TimeChart(props: TimeChartProps) {
  const { channels, rows, window } = props
  const { t } = useTranslation('charts')
  const words = useChartWords()
  const colors = useChartColors()
  const box = useRef<HTMLDivElement>(null)
  const host = useRef<HTMLDivElement>(null)
  const readout = useRef<ReadoutView | null>(null)
  const cursor = useRef<number | null>(null)
  const size = useSize(box)
  const [said, setSaid] = useState('')
  const latest = useRef(props)
  latest.current = props

  // What is read rather than seen follows after a while.
  const settled = useSettled(
    useMemo(() => ({ rows, window }), [rows, window]),
    SETTLED,
  )
  const stripCount = useMemo(() => channels.filter((channel) => !isNumeric(channel)).length, [channels])
  const points = Math.round(Math.min(1_500, Math.max(100, size.width)) / 2)
  const onPoints = props.onPoints
  useEffect(() => {
    if (size.width > 0) onPoints?.(points)
  }, [points, size.width, onPoints])

  useEffect(() => {
    if (box.current === null) return
    const view = new ReadoutView(box.current)
    readout.current = view
    return () => {
      view.remove()
      readout.current = null
    }
  }, [])

  const linesAt = (ts: number, shown: TimeWindow) => {
    const { channels: of, rows: data, compare } = latest.current
    return readoutLines(ts, of, data, shown, compare?.rows)
  }

  const plot = usePlot({
    props,
    host,
    size,
    colors,
    words,
    onCursor(ts, left, shown) {
      cursor.current = ts
      if (ts === null) return readout.current?.hide()
      const { annotations = [], compare } = latest.current
      const reach = ((shown.to - shown.from) / Math.max(1, size.width)) * 6
      readout.current?.show(
        {
          ts,
          left,
          width: size.width,
          lines: linesAt(ts, shown),
          offset: compare?.offset ?? null,
          notes: annotationsNear(annotations, ts, reach).map(({ text }) => text),
        },
        words.readout,
      )
    },
  })

  useImperativeHandle(props.handle, () => ({ cursor: () => cursor.current }), [])

  /** Moves the cursor by keys and says the values there. */
  const moveCursor = (by: number) => {
    plot.moveCursor(by)
    const ts = cursor.current
    if (ts === null) return
    const { format, none, state } = words.readout
    const values = linesAt(ts, window).map((line) => {
      const value =
        line.state !== undefined
          ? state(line.state)
          : line.value === null
            ? none
            : words.canvas.value(line.value, line.channel.unit)
      return `${line.channel.name} ${value}`
    })
    setSaid(`${format.dateTime(Math.round(ts))}: ${values.join('; ')}`)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return
    if (event.shiftKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      event.preventDefault()
      return moveCursor(event.key === 'ArrowLeft' ? -CURSOR_STEP : CURSOR_STEP)
    }
    if (keyGesture(event.key, window, props)) event.preventDefault()
  }

  return (
    <div
      ref={box}
      className={css.chart}
      data-marking={props.marking || undefined}
      style={{ '--strips': stripCount * STRIP_HEIGHT } as CSSProperties}
    >
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
      <div className={css.said} aria-live="polite">
        {said}
      </div>
      {props.cover !== undefined && <div className={css.cover}>{props.cover}</div>}
      <SummaryTable
        label={props.label}
        channels={channels}
        rows={settled.rows}
        window={settled.window}
        {...(props.damaged !== undefined && { damaged: props.damaged })}
      />
    </div>
  )
}
