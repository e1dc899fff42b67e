import type uPlot from 'uplot'
import type { PlotInk } from './plot-ink.ts'
import type { StateSpan } from './state-strip.ts'

/** Pixels above the plot that one strip of states takes: its name, its bar, some air. */
export const STRIP_HEIGHT = 34
const STRIP_BAR = 14

export interface Strip {
  name: string
  color: string
  spans: StateSpan[]
  word(state: string | null): string
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
export function drawStrips(plot: uPlot, strips: readonly Strip[], { colors, px, font }: PlotInk): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.textBaseline = 'middle'
  strips.forEach((strip, index) => {
    const top = px(4 + index * STRIP_HEIGHT)
    const barTop = top + px(15)
    ctx.font = font()
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
