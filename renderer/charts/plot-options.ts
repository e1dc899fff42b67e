import type uPlot from 'uplot'
import type { BucketRows } from './bucket-rows.ts'
import {
  AXES,
  AXES_NARROW,
  type ChartChannel,
  type ChartScale,
  crossed,
  isNumeric,
  NARROW,
  type PlacedScale,
  placedScales,
  scaleOf,
  scalesOf,
} from './chart-channel.ts'
import { type ChartAnnotation, drawAnnotations } from './overlay-annotations.ts'
import { drawLatest, drawUnits } from './overlay-ends.ts'
import { drawLimitBand, drawLimits, type LimitLines } from './overlay-limits.ts'
import { drawDamaged, drawNoData, type LabelledSpan } from './overlay-spans.ts'
import { drawStrips, STRIP_HEIGHT, type Strip } from './overlay-strips.ts'
import { fixedRange, timeLabels, valueLabels, valueRange } from './plot-format.ts'
import { colorOf, type PlotInk } from './plot-ink.ts'
import { columnOf, plotSeries } from './plot-series.ts'
import { areSingle } from './statistics.ts'

export { crossed } from './chart-channel.ts'

/** What is drawn around the lines; read anew at every draw. */
export interface PlotScene {
  rows: ReadonlyMap<string, BucketRows>
  noData: readonly LabelledSpan[]
  damaged: readonly LabelledSpan[]
  strips: readonly Strip[]
  annotations: readonly ChartAnnotation[]
  /** The last point of a single live channel. */
  latest: { x: number; value: number; label: string } | null
}

export interface PlotShape {
  channels: readonly ChartChannel[]
  /** The channel whose limits are drawn and whose axis comes first. */
  focus: string | null
  /** The limits of all channels are drawn. */
  bands: boolean
  /** There is a second, earlier line for each channel. */
  compared: boolean
  ink: PlotInk
  locale: string
  width: number
  height: number
  /** In words, with their values. */
  limitLabels(channel: ChartChannel, named: boolean): { low: string; high: string }
}

export interface PlotHooks {
  scene(): PlotScene
  /** Time under the cursor, ms, or null where it left. `left`: CSS pixels from the edge of the chart. */
  onCursor(ts: number | null, left: number): void
  onSelect(from: number, to: number): void
  onReset(): void
}

/** uPlot's options for a shape: one scale a unit, a band and a line a channel, strips above. */
export function plotOptions(shape: PlotShape, hooks: PlotHooks): uPlot.Options {
  const { channels, focus, ink, bands: withLimits, compared } = shape
  const { colors, zoom } = ink
  const numeric = channels.filter(isNumeric)
  const stripCount = channels.length - numeric.length
  const scales = scalesOf(numeric, focus)
  const focused = numeric.find(
    (channel) => channel.id === (focus ?? (numeric.length === 1 ? numeric[0]?.id : null)),
  )
  const drawn = placedScales(scales, shape.width / zoom < NARROW ? AXES_NARROW : AXES).map((scale) => ({
    scale,
    color: scale.only === null || numeric.length === 1 ? colors.text3 : colorOf(colors, scale.only),
  }))
  const rightAxes = drawn.filter(({ scale }) => scale.side === 'right').length
  const isRaw = (channelId: string, from: number, to: number) => {
    const rows = hooks.scene().rows.get(channelId)
    return rows !== undefined && areSingle(rows, { from, to }, shape.width / zoom / 8)
  }
  const { series, bands } = plotSeries({
    numeric,
    focus,
    focused,
    compared,
    ink,
    isRaw,
  })
  const limited = withLimits ? numeric.filter((channel) => channel !== focused && hasLimits(channel)) : []

  return {
    width: shape.width,
    height: shape.height,
    ms: 1,
    padding: [
      (8 + stripCount * STRIP_HEIGHT + (drawn.some(({ scale }) => scale.unit !== null) ? 14 : 0)) * zoom,
      rightAxes > 0 ? 0 : 16 * zoom,
      0,
      drawn.length > rightAxes ? 0 : 16 * zoom,
    ],
    legend: { show: false },
    focus: { alpha: 1 },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: {
        show: (plot, index) => cursorPoint(plot, index, columnOf(index, numeric).role !== 'edge'),
        size: (_, index) => ({ average: 7, compared: 5, edge: 0 })[columnOf(index, numeric).role],
        fill: (_, index) => pointColor(index, numeric, ink),
        stroke: () => colors.surface,
        width: 1.5,
      },
      dataIdx: (plot, index, nearest, at) => {
        const { channel } = columnOf(index, numeric)
        const { min, max } = plot.scales.x ?? {}
        const holds = channel !== undefined && isRaw(channel.id, min ?? 0, max ?? 0)
        return pointAt(plot, index, nearest, holds ? at : Number.POSITIVE_INFINITY)
      },
      bind: {
        dblclick: () => () => {
          hooks.onReset()
          return null
        },
      },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: true, auto: false },
      none: { range: [0, 1] },
      ...Object.fromEntries(
        scales.map((scale) => [
          scale.key,
          { range: rangeOf(scale, focused === undefined ? limited : [focused, ...limited]) },
        ]),
      ),
    },
    axes: axesOf(shape, drawn),
    series,
    bands,
    hooks: {
      drawClear: [
        (plot) => {
          if (focused !== undefined && hasLimits(focused))
            drawLimits(plot, limitLines(shape, focused, withLimits && numeric.length > 1), ink)
          for (const channel of limited)
            drawLimitBand(plot, limitLines(shape, channel, true), colorOf(colors, channel), ink)
        },
      ],
      // Over the grid, below the lines.
      drawAxes: [
        (plot) => {
          drawNoData(plot, hooks.scene().noData, ink)
          drawDamaged(plot, hooks.scene().damaged, ink)
        },
      ],
      draw: [
        (plot) => {
          const { strips, latest, annotations } = hooks.scene()
          drawStrips(plot, strips, ink)
          drawAnnotations(plot, annotations, ink)
          const units = drawn.map((axis, index) => ({ ...axis, offset: offsetOf(plot, drawn, index) / zoom }))
          drawUnits(
            plot,
            units.filter(({ scale }) => scale.unit !== null),
            ink,
          )
          const only = numeric.length === 1 ? numeric[0] : undefined
          if (latest === null || only === undefined) return
          const color = crossed(only, latest.value) ? colors.orange : colorOf(colors, only)
          drawLatest(plot, { ...latest, scale: scaleOf(only), color }, ink)
        },
      ],
      setCursor: [
        (plot) => {
          const { left } = plot.cursor
          hooks.onCursor(
            left === undefined || left === null || left < 0 ? null : plot.posToVal(left, 'x'),
            (left ?? 0) + plot.bbox.left / devicePixelRatio,
          )
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width < 4) return
          hooks.onSelect(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

function axesOf(
  { ink, locale }: PlotShape,
  drawn: readonly { scale: PlacedScale; color: string }[],
): uPlot.Axis[] {
  const { colors, zoom } = ink
  const font = `${11 * zoom}px ${colors.font}`
  const axes: uPlot.Axis[] = [
    {
      scale: 'x',
      font,
      stroke: colors.text3,
      size: 28 * zoom,
      gap: 6 * zoom,
      space: 84 * zoom,
      grid: { show: false },
      ticks: { stroke: colors.lineStrong, width: zoom, size: 4 * zoom },
      values: (_, ticks, __, ___, step) => timeLabels(ticks, step, locale),
    },
  ]
  drawn.forEach(({ scale, color }, index) => {
    axes.push({
      scale: scale.key,
      side: scale.side === 'left' ? 3 : 1,
      font,
      stroke: color,
      gap: 6 * zoom,
      space: 40 * zoom,
      size: (_, labels) =>
        Math.max(36, Math.max(0, ...(labels ?? []).map((label) => label.length)) * 6.5 + 16) * zoom,
      // One grid is enough: that of the first scale.
      grid: { show: index === 0, stroke: colors.line, width: zoom },
      ticks: { show: false },
      values: (_, ticks, __, ___, step) => valueLabels(ticks, step, locale),
    })
  })
  return axes
}

function hasLimits({ lowLimit, highLimit }: ChartChannel): boolean {
  return lowLimit !== null || highLimit !== null
}

function limitLines(shape: PlotShape, channel: ChartChannel, named: boolean): LimitLines {
  const { low, high } = shape.limitLabels(channel, named)
  return {
    scale: scaleOf(channel),
    low: channel.lowLimit,
    high: channel.highLimit,
    lowLabel: low,
    highLabel: high,
  }
}

/** As uPlot makes them itself; one that is never seen is not laid out, for each is a layer of the page. */
function cursorPoint(plot: uPlot, index: number, isShown: boolean): HTMLElement {
  const point = document.createElement('div')
  const { size } = plot.cursor.points ?? {}
  const across = typeof size === 'function' ? size(plot, index) : 0
  Object.assign(point.style, {
    display: isShown ? '' : 'none',
    width: `${across}px`,
    height: `${across}px`,
    margin: `${-across / 2}px`,
    borderWidth: '1.5px',
  })
  return point
}

function pointColor(index: number, numeric: readonly ChartChannel[], { colors }: PlotInk): string {
  const { channel } = columnOf(index, numeric)
  return channel === undefined ? 'transparent' : colorOf(colors, channel)
}

function rangeOf(scale: ChartScale, limited: readonly ChartChannel[]): uPlot.Range.Function {
  const limits = limited
    .filter((channel) => scaleOf(channel) === scale.key)
    .flatMap(({ lowLimit, highLimit }) => [lowLimit, highLimit])
    .filter((limit) => limit !== null)
  return (_, min, max) =>
    fixedRange(
      min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)
        ? null
        : valueRange(min, max, limits),
      scale,
    )
}

/** The index nearest to `from` where this series has a value, within reach of what the eye joins. */
function nearestFilled(data: uPlot.AlignedData[number] | undefined, from: number): number {
  if (data === undefined) return from
  for (let away = 0; away <= 40; away++) {
    const before = data[from - away]
    if (before !== undefined && before !== null) return from - away
    const after = data[from + away]
    if (after !== undefined && after !== null) return from + away
    if (before === null || after === null) return from
  }
  return from
}

/** The same, and where readings hold the last one that is not after `at`. */
function pointAt(plot: uPlot, index: number, nearest: number, at: number): number {
  const data = plot.data[index]
  const found = nearestFilled(data, nearest)
  if ((plot.data[0][found] ?? 0) <= at) return found
  for (let before = found - 1; before >= 0; before--) {
    const value = data?.[before]
    if (value === null) break
    if (value !== undefined) return before
  }
  return found
}

/** An outer axis stands further out by the sizes of those within. CSS pixels of the plot. */
function offsetOf(plot: uPlot, drawn: readonly { scale: PlacedScale }[], index: number): number {
  const side = drawn[index]?.scale.side
  let offset = 0
  for (let inner = 0; inner < index; inner++) {
    if (drawn[inner]?.scale.side !== side) continue
    // `_size` is how wide uPlot laid the inner axis out; it is not in its types.
    offset += (plot.axes[inner + 1] as { _size?: number } | undefined)?._size ?? 48
  }
  return offset
}
