import type uPlot from 'uplot'
import { clipped, type PlotInk, withAlpha } from './plot-ink.ts'

export interface LimitLines {
  scale: string
  low: number | null
  high: number | null
  lowLabel: string
  highLabel: string
}

/** CSS pixels that the band beyond a limit reaches out before it is gone. */
const BAND = 36

/** The ground beyond the limits of one channel, and the lines that they are. */
export function drawLimits(plot: uPlot, limits: LimitLines, ink: PlotInk): void {
  const { bbox } = plot
  const { colors } = ink
  const bottom = bbox.top + bbox.height
  clipped(plot, (ctx) => {
    const edge = (limit: number, above: boolean, label: string) => {
      const y = Math.round(plot.valToPos(limit, limits.scale, true))
      ctx.fillStyle = colors.orangeTint
      ctx.globalAlpha = 0.6
      if (above) ctx.fillRect(bbox.left, bbox.top, bbox.width, Math.max(0, y - bbox.top))
      else ctx.fillRect(bbox.left, y, bbox.width, Math.max(0, bottom - y))
      ctx.globalAlpha = 1
      if (y < bbox.top - 1 || y > bottom + 1) return
      drawLine(plot, y, colors.orange, ink)
      drawLabel(plot, { y, above, label, color: colors.orangeText }, ink)
    }
    if (limits.high !== null) edge(limits.high, true, limits.highLabel)
    if (limits.low !== null) edge(limits.low, false, limits.lowLabel)
  })
}

/**
 * The limits of one channel among others: a line in its colour and a band that fades out on the side that must not
 * be reached, so that the bands of several scales do not hide each other.
 */
export function drawLimitBand(plot: uPlot, limits: LimitLines, color: string, ink: PlotInk): void {
  const { bbox } = plot
  clipped(plot, (ctx) => {
    const edge = (limit: number, above: boolean, label: string) => {
      const y = Math.round(plot.valToPos(limit, limits.scale, true))
      if (!Number.isFinite(y) || y < bbox.top - 1 || y > bbox.top + bbox.height + 1) return
      const reach = above ? -ink.px(BAND) : ink.px(BAND)
      const fade = ctx.createLinearGradient(0, y, 0, y + reach)
      fade.addColorStop(0, withAlpha(color, 0.2))
      fade.addColorStop(1, withAlpha(color, 0))
      ctx.fillStyle = fade
      ctx.fillRect(bbox.left, Math.min(y, y + reach), bbox.width, Math.abs(reach))
      drawLine(plot, y, color, ink)
      drawLabel(plot, { y, above, label, color }, ink)
    }
    if (limits.high !== null) edge(limits.high, true, limits.highLabel)
    if (limits.low !== null) edge(limits.low, false, limits.lowLabel)
  })
}

function drawLine({ ctx, bbox }: uPlot, y: number, color: string, ink: PlotInk): void {
  ctx.strokeStyle = color
  ctx.lineWidth = ink.px(1.25)
  ctx.setLineDash([ink.px(5), ink.px(3)])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.setLineDash([])
}

function drawLabel(
  { ctx, bbox }: uPlot,
  at: { y: number; above: boolean; label: string; color: string },
  ink: PlotInk,
): void {
  const y = at.y + (at.above ? -ink.px(3) : ink.px(4))
  ctx.font = ink.font()
  ctx.textAlign = 'left'
  ctx.textBaseline = at.above ? 'bottom' : 'top'
  // A rim, so that it is read where a grid line passes behind it.
  ctx.lineWidth = ink.px(3)
  ctx.lineJoin = 'round'
  ctx.strokeStyle = ink.colors.surface
  ctx.strokeText(at.label, bbox.left + ink.px(8), y)
  ctx.fillStyle = at.color
  ctx.fillText(at.label, bbox.left + ink.px(8), y)
}
