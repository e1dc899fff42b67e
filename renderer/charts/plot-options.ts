import type uPlot from 'uplot'
import {
  AXES,
  AXES_NARROW,
  type ChartChannel,
  type ChartScale,
  isNumeric,
  NARROW,
  scaleOf,
  scalesOf,
} from './chart-channel.ts'
import { CHANNEL_COLORS, type ChartColors } from './chart-colors.ts'
import { timeLabels, valueLabels, valueRange } from './plot-format.ts'
import {
  drawLatest,
  drawLimits,
  drawNoData,
  drawStrips,
  drawUnits,
  type NoDataSpan,
  STRIP_HEIGHT,
  type Strip,
} from './plot-overlays.ts'

/** Columns of uPlot data that one channel takes: average, minimum, maximum. */
export const COLUMNS_A_CHANNEL = 3

/** Of more channels than this only the averages are drawn: bands over bands hide each other. */
const MOST_BANDS = 6

/** What is drawn around the lines; read anew at every draw. */
export interface PlotScene {
  noData: readonly NoDataSpan[]
  strips: readonly Strip[]
  /** The last point of a single live channel. */
  latest: { x: number; value: number; label: string } | null
}

export interface PlotShape {
  channels: readonly ChartChannel[]
  /** The channel whose limits are drawn and whose axis comes first. */
  focus: string | null
  colors: ChartColors
  locale: string
  width: number
  height: number
  limitLabels: { low: string; high: string }
}

export interface PlotHooks {
  scene(): PlotScene
  /** Time under the cursor, ms, or null where it left. */
  onCursor(ts: number | null, left: number): void
  onSelect(from: number, to: number): void
  onReset(): void
}

/** uPlot's options for a shape: one scale a unit, a band and a line a channel, strips above. */
export function plotOptions(shape: PlotShape, hooks: PlotHooks): uPlot.Options {
  const { channels, colors, focus, locale } = shape
  const numeric = channels.filter(isNumeric)
  const stripCount = channels.length - numeric.length
  const scales = scalesOf(numeric, focus)
  const focused = numeric.find(
    (channel) => channel.id === (focus ?? (numeric.length === 1 ? numeric[0]?.id : null)),
  )
  const drawn = scales.slice(0, shape.width < NARROW ? AXES_NARROW : AXES).map((scale, index) => ({
    scale,
    side: index % 2 === 0 ? ('left' as const) : ('right' as const),
    color: scale.only === null || numeric.length === 1 ? colors.text3 : colorOf(colors, scale.only),
  }))
  const font = `11px ${colors.font}`

  const axes: uPlot.Axis[] = [
    {
      scale: 'x',
      font,
      stroke: colors.text3,
      size: 28,
      gap: 6,
      space: 84,
      grid: { show: false },
      ticks: { stroke: colors.lineStrong, width: 1, size: 4 },
      values: (_, ticks, __, ___, step) => timeLabels(ticks, step, locale),
    },
  ]
  drawn.forEach(({ scale, side, color }, index) => {
    axes.push({
      scale: scale.key,
      side: side === 'left' ? 3 : 1,
      font,
      stroke: color,
      gap: 6,
      space: 40,
      size: (_, labels) =>
        Math.max(36, Math.max(0, ...(labels ?? []).map((label) => label.length)) * 6.5 + 16),
      // One grid is enough: that of the first scale.
      grid: { show: index === 0, stroke: colors.line, width: 1 },
      ticks: { show: false },
      values: (_, ticks, __, ___, step) => valueLabels(ticks, step, locale),
    })
  })

  const series: uPlot.Series[] = [{}]
  const bands: uPlot.Band[] = []
  const withBands = numeric.length <= MOST_BANDS
  const bandAlpha = numeric.length > 3 ? 0.12 : 0.22
  numeric.forEach((channel, index) => {
    const scale = scaleOf(channel)
    const color = colorOf(colors, channel)
    const first = 1 + index * COLUMNS_A_CHANNEL
    const dimmed = focus !== null && channel.id !== focus
    const edge: uPlot.Series = {
      scale,
      width: 0,
      stroke: 'transparent',
      points: { show: false },
      show: withBands,
    }
    series.push(
      {
        scale,
        width: channel === focused ? 1.75 : 1.5,
        alpha: dimmed ? 0.45 : 1,
        ...(channel.color >= CHANNEL_COLORS ? { dash: [7, 4] } : {}),
        stroke: channel === focused ? (plot) => limitedStroke(plot, channel, color, colors) : color,
        points: { show: true, size: 4, fill: color, stroke: color, width: 0, filter: lonely },
      },
      edge,
      edge,
    )
    if (withBands)
      bands.push({
        series: [first + 2, first + 1],
        fill: withAlpha(color, dimmed ? bandAlpha / 2 : bandAlpha),
      })
  })
  if (numeric.length === 0) series.push({ scale: 'none', show: false })

  return {
    width: shape.width,
    height: shape.height,
    ms: 1,
    padding: [
      8 + stripCount * STRIP_HEIGHT + (drawn.some(({ scale }) => scale.unit !== null) ? 14 : 0),
      drawn.length > 1 ? 0 : 16,
      0,
      drawn.length === 0 ? 16 : 0,
    ],
    legend: { show: false },
    focus: { alpha: 1 },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: {
        size: (_, index) => ((index - 1) % COLUMNS_A_CHANNEL === 0 ? 7 : 0),
        fill: (plot, index) => cursorColor(plot, index, numeric, colors),
        stroke: () => colors.surface,
        width: 1.5,
      },
      dataIdx: (plot, index, nearest) => nearestFilled(plot.data[index], nearest),
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
      ...Object.fromEntries(scales.map((scale) => [scale.key, { range: rangeOf(scale, focused) }])),
    },
    axes,
    series,
    bands,
    hooks: {
      drawClear: [
        (plot) => {
          if (focused !== undefined && (focused.lowLimit !== null || focused.highLimit !== null)) {
            drawLimits(
              plot,
              {
                scale: scaleOf(focused),
                low: focused.lowLimit,
                high: focused.highLimit,
                lowLabel: shape.limitLabels.low,
                highLabel: shape.limitLabels.high,
              },
              colors,
            )
          }
        },
      ],
      // Over the grid, below the lines.
      drawAxes: [(plot) => drawNoData(plot, hooks.scene().noData, colors)],
      draw: [
        (plot) => {
          const { strips, latest } = hooks.scene()
          drawStrips(plot, strips, colors)
          drawUnits(
            plot,
            drawn
              .map((axis, index) => ({ ...axis, offset: axisOffset(plot, index) }))
              .filter(({ scale }) => scale.unit !== null),
            colors,
          )
          const only = numeric.length === 1 ? numeric[0] : undefined
          if (latest !== null && only !== undefined) {
            drawLatest(
              plot,
              {
                ...latest,
                scale: scaleOf(only),
                color: crossed(only, latest.value) ? colors.orange : colorOf(colors, only),
              },
              colors,
            )
          }
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

export function crossed(
  channel: { lowLimit: number | null; highLimit: number | null },
  value: number,
): boolean {
  return (
    (channel.highLimit !== null && value > channel.highLimit) ||
    (channel.lowLimit !== null && value < channel.lowLimit)
  )
}

function colorOf(colors: ChartColors, channel: ChartChannel): string {
  return colors.channel[channel.color % colors.channel.length] ?? colors.mark
}

function cursorColor(_: uPlot, index: number, numeric: readonly ChartChannel[], colors: ChartColors): string {
  const channel = numeric[Math.floor((index - 1) / COLUMNS_A_CHANNEL)]
  return channel === undefined ? 'transparent' : colorOf(colors, channel)
}

/** Tokens are six-digit hex colours. */
function withAlpha(color: string, alpha: number): string {
  return `${color}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`
}

/** The line in its colour, orange beyond the limits: a gradient with hard steps where they stand. */
function limitedStroke(
  plot: uPlot,
  channel: ChartChannel,
  color: string,
  colors: ChartColors,
): string | CanvasGradient {
  const { lowLimit, highLimit } = channel
  const { top, height } = plot.bbox
  if ((lowLimit === null && highLimit === null) || !(height > 0) || !Number.isFinite(top)) return color
  const share = (limit: number) =>
    Math.min(1, Math.max(0, (plot.valToPos(limit, scaleOf(channel), true) - top) / height))
  const high = highLimit === null ? 0 : share(highLimit)
  const low = lowLimit === null ? 1 : share(lowLimit)
  if (!Number.isFinite(high) || !Number.isFinite(low)) return color
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height)
  if (highLimit !== null) {
    gradient.addColorStop(0, colors.orange)
    gradient.addColorStop(high, colors.orange)
  }
  gradient.addColorStop(high, color)
  gradient.addColorStop(Math.max(high, low), color)
  if (lowLimit !== null) {
    gradient.addColorStop(Math.max(high, low), colors.orange)
    gradient.addColorStop(1, colors.orange)
  }
  return gradient
}

function rangeOf(scale: ChartScale, focused: ChartChannel | undefined): uPlot.Range.Function {
  const limits =
    focused !== undefined && scaleOf(focused) === scale.key
      ? [focused.lowLimit, focused.highLimit].filter((limit) => limit !== null)
      : []
  return (_, min, max) =>
    min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)
      ? [0, 1]
      : valueRange(min, max, limits)
}

/** Points are drawn only where a line cannot be: alone between two gaps, or where they are few. */
function lonely(plot: uPlot, index: number): number[] | null {
  const data = plot.data[index]
  if (data === undefined) return null
  const [start, end] = plot.series[0]?.idxs ?? [0, data.length - 1]
  const filled: number[] = []
  const alone: number[] = []
  let before: number | null = null
  let pending: number | null = null
  for (let at = start; at <= end; at++) {
    const value = data[at]
    if (value === undefined) continue
    if (value === null) {
      if (pending !== null && before === null) alone.push(pending)
      pending = null
      before = null
      continue
    }
    filled.push(at)
    before = pending
    if (pending === null) {
      pending = at
      continue
    }
    pending = at
  }
  if (pending !== null && before === null) alone.push(pending)
  return filled.length * 24 < plot.bbox.width / devicePixelRatio ? filled : alone
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

/** The outer of two axes on one side stands further out by the size of the inner one. */
function axisOffset(plot: uPlot, index: number): number {
  if (index < 2) return 0
  // `_size` is how wide uPlot laid the inner axis out; it is not in its types.
  const inner = plot.axes[index - 1] as { _size?: number } | undefined
  return inner?._size ?? 48
}
