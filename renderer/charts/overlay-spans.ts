import type uPlot from 'uplot'
import { clipped, type PlotInk } from './plot-ink.ts'
import type { TimeWindow } from './time-range.ts'

/** A span of time, and what to write into it. */
export interface LabelledSpan extends TimeWindow {
  label: string
}

/** Spans without data: sunken, with dotted edges and, where there is room, the reason written along them. */
export function drawNoData(plot: uPlot, spans: readonly LabelledSpan[], ink: PlotInk): void {
  const { colors, px } = ink
  drawSpans(plot, spans, ink, (ctx, left, width) => {
    const { bbox } = plot
    ctx.fillStyle = colors.canvas
    ctx.fillRect(left, bbox.top, width, bbox.height)
    ctx.strokeStyle = colors.mark
    ctx.lineWidth = px(1)
    ctx.setLineDash([px(2), px(3)])
    for (const x of [left, left + width]) {
      ctx.beginPath()
      ctx.moveTo(x + 0.5, bbox.top)
      ctx.lineTo(x + 0.5, bbox.top + bbox.height)
      ctx.stroke()
    }
    ctx.setLineDash([])
  })
}

/** Spans that the store could not read: hatched, for something may have been there. */
export function drawDamaged(plot: uPlot, spans: readonly LabelledSpan[], ink: PlotInk): void {
  const { colors, px } = ink
  drawSpans(plot, spans, ink, (ctx, left, width) => {
    const { top, height } = plot.bbox
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, top, width, height)
    ctx.clip()
    ctx.strokeStyle = colors.orange
    ctx.globalAlpha = 0.55
    ctx.lineWidth = px(1)
    ctx.beginPath()
    // On one grid for the whole plot, so that neighbours and pans keep their pattern.
    const step = px(8)
    for (let x = Math.floor((left - height) / step) * step; x < left + width; x += step) {
      ctx.moveTo(x, top + height)
      ctx.lineTo(x + height, top)
    }
    ctx.stroke()
    ctx.restore()
  })
}

function drawSpans(
  plot: uPlot,
  spans: readonly LabelledSpan[],
  { colors, px, font }: PlotInk,
  drawGround: (ctx: CanvasRenderingContext2D, left: number, width: number) => void,
): void {
  const { bbox } = plot
  clipped(plot, (ctx) => {
    for (const span of spans) {
      const left = Math.round(plot.valToPos(span.from, 'x', true))
      const right = Math.round(plot.valToPos(span.to, 'x', true))
      if (right < bbox.left || left > bbox.left + bbox.width || right - left < px(3)) continue
      const from = Math.max(left, bbox.left - px(4))
      const to = Math.min(right, bbox.left + bbox.width + px(4))
      drawGround(ctx, from, to - from)
      ctx.font = font()
      const length = ctx.measureText(span.label).width
      if (to - from < px(18) || length > bbox.height - px(8)) continue
      ctx.save()
      ctx.translate((from + to) / 2, bbox.top + bbox.height / 2)
      ctx.rotate(-Math.PI / 2)
      ctx.textAlign = 'center'
      ctx.textBaseline = 'middle'
      ctx.lineWidth = px(3)
      ctx.lineJoin = 'round'
      ctx.strokeStyle = colors.surface
      ctx.globalAlpha = 0.8
      ctx.strokeText(span.label, 0, 0)
      ctx.globalAlpha = 1
      ctx.fillStyle = colors.text3
      ctx.fillText(span.label, 0, 0)
      ctx.restore()
    }
  })
}
