import type uPlot from 'uplot'
import { clipped, type PlotInk, withAlpha } from './plot-ink.ts'
import type { TimeWindow } from './time-range.ts'

/** Words of a person about a time (`from` and `to` the same) or a span of it. */
export interface ChartAnnotation extends TimeWindow {
  id: string
  text: string
}

/** CSS pixels: the flag at the head of a mark. */
const FLAG = 16
/** CSS pixels of words beside a flag, at the most. */
const WORDS = 150

/** Marks with their words along the top of the plot, spans shaded. */
export function drawAnnotations(plot: uPlot, annotations: readonly ChartAnnotation[], ink: PlotInk): void {
  const { colors, px, font } = ink
  const { bbox } = plot
  const right = bbox.left + bbox.width
  clipped(plot, (ctx) => {
    ctx.font = font()
    ctx.textBaseline = 'middle'
    ctx.textAlign = 'left'
    // Words end where the next flag begins.
    let wordsEnd = Number.NEGATIVE_INFINITY
    const shown = annotations
      .map((one) => ({
        ...one,
        x: plot.valToPos(one.from, 'x', true),
        end: plot.valToPos(one.to, 'x', true),
      }))
      .filter(({ x, end }) => end >= bbox.left - px(FLAG) && x <= right)
      .toSorted((a, b) => a.x - b.x)
    shown.forEach(({ x, end, text }, index) => {
      if (end - x > 1) {
        ctx.fillStyle = withAlpha(colors.mark, 0.16)
        ctx.fillRect(x, bbox.top, end - x, bbox.height)
      }
      ctx.strokeStyle = colors.text2
      ctx.lineWidth = px(1)
      ctx.beginPath()
      for (const edge of end - x > 1 ? [x, end] : [x]) {
        ctx.moveTo(Math.round(edge) + 0.5, bbox.top)
        ctx.lineTo(Math.round(edge) + 0.5, bbox.top + bbox.height)
      }
      ctx.stroke()
      const head = Math.max(x, bbox.left)
      const next = shown[index + 1]?.x ?? right
      const room = Math.min(px(WORDS), next - head, right - head) - px(10)
      const words = head < wordsEnd ? '' : fitting(ctx, text, room)
      const width = words === '' ? px(6) : ctx.measureText(words).width + px(10)
      ctx.fillStyle = colors.text2
      ctx.fillRect(head, bbox.top, width, px(FLAG))
      if (words !== '') {
        ctx.fillStyle = colors.surface
        ctx.fillText(words, head + px(5), bbox.top + px(FLAG / 2) + 1)
      }
      wordsEnd = words === '' ? head : head + width
    })
  })
}

/** The beginning of a text that fits, or nothing where not even a few letters do. */
function fitting(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  const line = text.replaceAll(/\s+/g, ' ')
  if (ctx.measureText(line).width <= room) return line
  // Cut by the usual width of a letter, then letter by letter: this runs on every frame.
  let length = Math.floor((room / Math.max(1, ctx.measureText(line).width)) * line.length)
  while (length > 3 && ctx.measureText(`${line.slice(0, length)}…`).width > room) length--
  return length > 3 ? `${line.slice(0, length)}…` : ''
}

/** The annotation under a point of the plot, in CSS pixels from its upper left corner; null where there is none. */
export function annotationAt(
  plot: uPlot,
  annotations: readonly ChartAnnotation[],
  left: number,
  top: number,
): ChartAnnotation | null {
  if (top < 0 || top > FLAG + 4) return null
  let best: ChartAnnotation | null = null
  let distance = Number.POSITIVE_INFINITY
  for (const one of annotations) {
    const from = Math.max(0, plot.valToPos(one.from, 'x'))
    const to = plot.valToPos(one.to, 'x')
    // Its flag, its words, and its whole span belong to it.
    const away =
      left < from - 4 ? Number.POSITIVE_INFINITY : left <= Math.max(to, from + WORDS) ? left - from : Infinity
    if (away < distance) {
      best = one
      distance = away
    }
  }
  return best
}

/** Those that a time falls into, within `reach` ms of a point. */
export function annotationsNear(
  annotations: readonly ChartAnnotation[],
  ts: number,
  reach: number,
): ChartAnnotation[] {
  return annotations.filter(({ from, to }) => ts >= from - reach && ts <= to + reach)
}
