import type uPlot from 'uplot'
import type { ChartScale } from './chart-channel.ts'
import type { ChartColors } from './chart-colors.ts'
import type { StateSpan } from './state-strip.ts'
import type { TimeWindow } from './time-range.ts'

/** Pixels above the plot that one strip of states takes: its name, its bar, some air. */
export const STRIP_HEIGHT = 34
const STRIP_BAR = 14

/** A span in which nothing was stored, and what to write into it. */
export interface NoDataSpan extends TimeWindow {
  label: string
}

export interface LimitBands {
  scale: string
  low: number | null
  high: number | null
  lowLabel: string
  highLabel: string
}

export interface Strip {
  name: string
  color: string
  spans: StateSpan[]
  word(state: string | null): string
}

function px(size: number): number {
  return Math.round(size * (globalThis.devicePixelRatio || 1))
}

function fontOf(colors: ChartColors, size = 11): string {
  return `${px(size)}px ${colors.font}`
}

/** The ground beyond the limits, and the line that they are. */
export function drawLimits(plot: uPlot, limits: LimitBands, colors: ChartColors): void {
  const { ctx, bbox } = plot
  const bottom = bbox.top + bbox.height
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  const edge = (limit: number, above: boolean, label: string) => {
    const y = Math.round(plot.valToPos(limit, limits.scale, true))
    ctx.fillStyle = colors.orangeTint
    ctx.globalAlpha = 0.6
    if (above) ctx.fillRect(bbox.left, bbox.top, bbox.width, Math.max(0, y - bbox.top))
    else ctx.fillRect(bbox.left, y, bbox.width, Math.max(0, bottom - y))
    ctx.globalAlpha = 1
    if (y < bbox.top - 1 || y > bottom + 1) return
    ctx.strokeStyle = colors.orange
    ctx.lineWidth = px(1.25)
    ctx.setLineDash([px(5), px(3)])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.setLineDash([])
    ctx.fillStyle = colors.orangeText
    ctx.font = fontOf(colors)
    ctx.textAlign = 'left'
    ctx.textBaseline = above ? 'bottom' : 'top'
    ctx.fillText(label, bbox.left + px(8), y + (above ? -px(3) : px(4)))
  }
  if (limits.high !== null) edge(limits.high, true, limits.highLabel)
  if (limits.low !== null) edge(limits.low, false, limits.lowLabel)
  ctx.restore()
}

/** Spans without data: sunken, with dotted edges and, where there is room, the reason written along them. */
export function drawNoData(plot: uPlot, spans: readonly NoDataSpan[], colors: ChartColors): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (const span of spans) {
    const left = Math.round(plot.valToPos(span.from, 'x', true))
    const right = Math.round(plot.valToPos(span.to, 'x', true))
    if (right < bbox.left || left > bbox.left + bbox.width || right - left < px(3)) continue
    ctx.fillStyle = colors.canvas
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.strokeStyle = colors.mark
    ctx.lineWidth = px(1)
    ctx.setLineDash([px(2), px(3)])
    for (const x of [left, right]) {
      ctx.beginPath()
      ctx.moveTo(x + 0.5, bbox.top)
      ctx.lineTo(x + 0.5, bbox.top + bbox.height)
      ctx.stroke()
    }
    ctx.setLineDash([])
    const from = Math.max(left, bbox.left)
    const to = Math.min(right, bbox.left + bbox.width)
    ctx.font = fontOf(colors)
    if (to - from < px(18) || ctx.measureText(span.label).width > bbox.height - px(8)) continue
    ctx.fillStyle = colors.text3
    ctx.textAlign = 'center'
    ctx.textBaseline = 'middle'
    ctx.translate((from + to) / 2, bbox.top + bbox.height / 2)
    ctx.rotate(-Math.PI / 2)
    ctx.fillText(span.label, 0, 0)
    ctx.rotate(Math.PI / 2)
    ctx.translate(-(from + to) / 2, -(bbox.top + bbox.height / 2))
  }
  ctx.restore()
}

const widths = new Map<string, number>()

/** Measured once a word and font: a strip has hundreds of spans of few states. */
function widthOf(ctx: CanvasRenderingContext2D, word: string): number {
  const key = `${ctx.font} ${word}`
  const known = widths.get(key)
  if (known !== undefined) return known
  if (widths.size > 1_000) widths.clear()
  const { width } = ctx.measureText(word)
  widths.set(key, width)
  return width
}

/** One bar a text or boolean channel, above the plot and on its time axis. */
export function drawStrips(plot: uPlot, strips: readonly Strip[], colors: ChartColors): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.textBaseline = 'middle'
  strips.forEach((strip, index) => {
    const top = px(4 + index * STRIP_HEIGHT)
    const barTop = top + px(15)
    ctx.font = fontOf(colors)
    ctx.textAlign = 'left'
    ctx.fillStyle = colors.text2
    ctx.fillText(strip.name, bbox.left, top + px(7))
    ctx.fillStyle = colors.canvas
    ctx.fillRect(bbox.left, barTop, bbox.width, px(STRIP_BAR))
    for (const span of strip.spans) {
      const left = Math.max(bbox.left, plot.valToPos(span.from, 'x', true))
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(span.to, 'x', true))
      if (right <= left) continue
      const width = Math.max(1, right - left)
      const quiet = span.state === 'false'
      ctx.globalAlpha = quiet || span.state === null ? 1 : 0.45
      ctx.fillStyle = quiet ? colors.fill : span.state === null ? colors.mark : strip.color
      ctx.fillRect(left, barTop, width, px(STRIP_BAR))
      ctx.globalAlpha = 1
      // A hairline of ground between states, for texts all have the channel's colour.
      ctx.fillStyle = colors.surface
      ctx.fillRect(left, barTop, px(1), px(STRIP_BAR))
      const word = strip.word(span.state)
      if (widthOf(ctx, word) + px(8) > width) continue
      ctx.fillStyle = colors.text
      ctx.fillText(word, left + px(4), barTop + px(STRIP_BAR / 2) + 1)
    }
  })
  ctx.restore()
}

/** Units stand above their axes; the value of a single live channel beside its last point. */
export function drawUnits(
  plot: uPlot,
  axes: readonly { scale: ChartScale; side: 'left' | 'right'; offset: number; color: string }[],
  colors: ChartColors,
): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.font = fontOf(colors)
  ctx.textBaseline = 'bottom'
  for (const { scale, side, offset, color } of axes) {
    const text = scale.unit ?? ''
    ctx.fillStyle = color
    ctx.textAlign = side === 'left' ? 'right' : 'left'
    const x = side === 'left' ? bbox.left - px(offset + 6) : bbox.left + bbox.width + px(offset + 6)
    ctx.fillText(text.length > 8 ? `${text.slice(0, 7)}…` : text, x, bbox.top - px(6))
  }
  ctx.restore()
}

export function drawLatest(
  plot: uPlot,
  at: { x: number; value: number; scale: string; label: string; color: string },
  colors: ChartColors,
): void {
  const { ctx, bbox } = plot
  const x = plot.valToPos(at.x, 'x', true)
  const y = plot.valToPos(at.value, at.scale, true)
  if (x < bbox.left || x > bbox.left + bbox.width + 1) return
  ctx.save()
  ctx.fillStyle = at.color
  ctx.beginPath()
  ctx.arc(x, y, px(3), 0, 2 * Math.PI)
  ctx.fill()
  ctx.font = `600 ${fontOf(colors)}`
  ctx.textAlign = 'right'
  ctx.textBaseline = 'bottom'
  ctx.lineWidth = px(3)
  ctx.strokeStyle = colors.surface
  ctx.lineJoin = 'round'
  const textY = Math.max(bbox.top + px(14), y - px(8))
  ctx.strokeText(at.label, x - px(4), textY)
  ctx.fillStyle = colors.text
  ctx.fillText(at.label, x - px(4), textY)
  ctx.restore()
}
