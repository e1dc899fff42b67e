import type uPlot from 'uplot'
import type { PlacedScale } from './chart-channel.ts'
import type { PlotInk } from './plot-ink.ts'

/** Units stand above their axes. */
export function drawUnits(
  plot: uPlot,
  axes: readonly { scale: PlacedScale; offset: number; color: string }[],
  { px, font }: PlotInk,
): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.font = font()
  ctx.textBaseline = 'bottom'
  for (const { scale, offset, color } of axes) {
    const text = scale.unit ?? ''
    ctx.fillStyle = color
    ctx.textAlign = scale.side === 'left' ? 'right' : 'left'
    const x = scale.side === 'left' ? bbox.left - px(offset + 6) : bbox.left + bbox.width + px(offset + 6)
    ctx.fillText(text.length > 8 ? `${text.slice(0, 7)}…` : text, x, bbox.top - px(6))
  }
  ctx.restore()
}

/** The value of a single live channel stands beside its last point. */
export function drawLatest(
  plot: uPlot,
  at: { x: number; value: number; scale: string; label: string; color: string },
  { colors, px, font }: PlotInk,
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
  ctx.font = `600 ${font()}`
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
