import type { ChartColors } from './chart-colors.ts'

/** What a plot is drawn with: colours, and sizes in the pixels of its canvas. */
export interface PlotInk {
  colors: ChartColors
  /** Times the sizes of the screen: 1 there, more in pictures. */
  zoom: number
  /** CSS pixels of the screen to whole pixels of the canvas. */
  px(size: number): number
  font(size?: number): string
}

export function plotInk(colors: ChartColors, zoom = 1): PlotInk {
  const px = (size: number) => Math.round(size * zoom * (globalThis.devicePixelRatio || 1))
  return { colors, zoom, px, font: (size = 11) => `${px(size)}px ${colors.font}` }
}

/** Tokens are six-digit hex colours. */
export function withAlpha(color: string, alpha: number): string {
  return `${color}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`
}

export function colorOf(colors: ChartColors, channel: { color: number }): string {
  return colors.channel[channel.color % colors.channel.length] ?? colors.mark
}

/** Runs `draw` with the canvas clipped to the plot and put back afterwards. */
export function clipped(
  plot: { ctx: CanvasRenderingContext2D; bbox: { left: number; top: number; width: number; height: number } },
  draw: (ctx: CanvasRenderingContext2D) => void,
): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  draw(ctx)
  ctx.restore()
}
