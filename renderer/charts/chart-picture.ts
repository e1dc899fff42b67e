import uPlot from 'uplot'
import { isNumeric } from './chart-channel.ts'
import { paperColors } from './chart-colors.ts'
import { type ChartData, plotColumns, sceneOf } from './chart-data.ts'
import { STRIP_HEIGHT } from './overlay-strips.ts'
import { plotInk } from './plot-ink.ts'
import { plotOptions } from './plot-options.ts'
import type { TimeWindow } from './time-range.ts'
import type { AllChartWords } from './use-chart-words.ts'

export interface PictureShape {
  window: TimeWindow
  focus: string | null
  bands: boolean
  locale: string
  words: AllChartWords
  /** As on the screen, CSS pixels. */
  width: number
  height: number
  /** Pixels of the picture to one of these. */
  zoom: number
}

/** The chart on a canvas of its own, on paper: in light colours and as fine as `zoom` says. Drawn before it returns. */
export function chartPicture(data: ChartData, shape: PictureShape): HTMLCanvasElement {
  const ratio = globalThis.devicePixelRatio || 1
  // Sizes are in CSS pixels of a plot that many times larger; uPlot itself multiplies by the screen's ratio.
  const zoom = shape.zoom / ratio
  const colors = paperColors()
  const ink = plotInk(colors, zoom)
  const strips = data.channels.length - data.channels.filter(isNumeric).length
  const height =
    strips === data.channels.length ? Math.min(shape.height, strips * STRIP_HEIGHT + 56) : shape.height
  const scene = sceneOf({ ...data, live: false }, shape.window, colors, shape.words.canvas)
  const plot = new uPlot(
    plotOptions(
      {
        channels: data.channels,
        focus: shape.focus,
        bands: shape.bands,
        compared: data.compared !== undefined,
        ink,
        locale: shape.locale,
        width: Math.round(shape.width * zoom),
        height: Math.round(height * zoom),
        limitLabels: shape.words.limits,
      },
      { scene: () => scene, onCursor: () => undefined, onSelect: () => undefined, onReset: () => undefined },
    ),
    undefined,
    // Made without a place on the page.
    (_, init) => init(),
  )
  plot.batch(() => {
    plot.setData(plotColumns(data, shape.window), false)
    plot.setScale('x', { min: shape.window.from, max: shape.window.to })
  })
  const { canvas } = plot.ctx
  const copy = document.createElement('canvas')
  copy.width = canvas.width
  copy.height = canvas.height
  const ctx = copy.getContext('2d')
  if (ctx !== null) {
    ctx.fillStyle = '#ffffff'
    ctx.fillRect(0, 0, copy.width, copy.height)
    ctx.drawImage(canvas, 0, 0)
  }
  plot.destroy()
  return copy
}
