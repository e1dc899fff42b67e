import uPlot from 'uplot'
import { type ChartChannel, scaleOf } from './chart-channel.ts'
import { CHANNEL_COLORS, type ChartColors } from './chart-colors.ts'
import { colorOf, type PlotInk, withAlpha } from './plot-ink.ts'

/** Columns of uPlot data that one channel takes: average, minimum, maximum. */
export const COLUMNS_A_CHANNEL = 3

/** Of more channels than this only the averages are drawn: bands over bands hide each other. */
const MOST_BANDS = 6

export interface SeriesShape {
  /** Those drawn as lines. */
  numeric: readonly ChartChannel[]
  focus: string | null
  /** The channel whose line turns orange beyond its limits. */
  focused: ChartChannel | undefined
  /** A second, earlier line for each channel. */
  compared: boolean
  ink: PlotInk
  /** Whether single readings are seen between these times (ms): then they are steps and points. */
  isRaw(channelId: string, from: number, to: number): boolean
}

/** A line and a band a channel, then the lines that they are compared with. */
export function plotSeries(shape: SeriesShape): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const { numeric, focus, focused, ink } = shape
  const { colors, zoom } = ink
  const series: uPlot.Series[] = [{}]
  const bands: uPlot.Band[] = []
  const withBands = numeric.length <= MOST_BANDS
  const bandAlpha = numeric.length > 3 ? 0.12 : 0.22
  numeric.forEach((channel, index) => {
    const scale = scaleOf(channel)
    const color = colorOf(colors, channel)
    const first = 1 + index * COLUMNS_A_CHANNEL
    const dimmed = focus !== null && channel.id !== focus
    const isRaw = (plot: uPlot) => {
      const { min, max } = plot.scales.x ?? {}
      return typeof min === 'number' && typeof max === 'number' && shape.isRaw(channel.id, min, max)
    }
    // A reading holds until the next one: where single ones are seen, that is drawn.
    const paths: uPlot.Series.PathBuilder = (plot, ...rest) =>
      (isRaw(plot) ? stepped : straight)(plot, ...rest)
    const edge: uPlot.Series = {
      scale,
      width: 0,
      paths,
      stroke: 'transparent',
      points: { show: false },
      show: withBands,
    }
    series.push(
      {
        scale,
        width: (channel === focused ? 1.75 : 1.5) * zoom,
        alpha: dimmed ? 0.45 : 1,
        ...(channel.color >= CHANNEL_COLORS ? { dash: [7 * zoom, 4 * zoom] } : {}),
        stroke: channel === focused ? (plot) => limitedStroke(plot, channel, color, colors) : color,
        paths,
        points: {
          show: true,
          size: 4 * zoom,
          fill: color,
          stroke: color,
          width: 0,
          filter: (plot, at) => pointsShown(plot, at, isRaw(plot)),
        },
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
  for (const channel of shape.compared ? numeric : []) {
    const dimmed = focus !== null && channel.id !== focus
    series.push({
      scale: scaleOf(channel),
      width: 1.25 * zoom,
      alpha: dimmed ? 0.25 : 0.55,
      dash: [3 * zoom, 3 * zoom],
      stroke: colorOf(colors, channel),
      points: { show: false },
    })
  }
  if (numeric.length === 0) series.push({ scale: 'none', show: false })
  return { series, bands }
}

const straight = uPlot.paths.linear?.() as uPlot.Series.PathBuilder
const stepped = uPlot.paths.stepped?.({ align: 1 }) as uPlot.Series.PathBuilder

/** The channel that a column of uPlot's data is of, and whether it is its average or what that is compared with. */
export function columnOf(
  index: number,
  numeric: readonly ChartChannel[],
): { channel: ChartChannel | undefined; role: 'average' | 'edge' | 'compared' } {
  const column = index - 1
  if (column >= numeric.length * COLUMNS_A_CHANNEL)
    return { channel: numeric[column - numeric.length * COLUMNS_A_CHANNEL], role: 'compared' }
  return {
    channel: numeric[Math.floor(column / COLUMNS_A_CHANNEL)],
    role: column % COLUMNS_A_CHANNEL === 0 ? 'average' : 'edge',
  }
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

/** Points are drawn where a line cannot be: alone between two gaps; and all of them where they are few or single readings. */
function pointsShown(plot: uPlot, index: number, isRaw: boolean): number[] | null {
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
    pending = at
  }
  if (pending !== null && before === null) alone.push(pending)
  return isRaw || filled.length * 24 < plot.bbox.width / devicePixelRatio ? filled : alone
}
