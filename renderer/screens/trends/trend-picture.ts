import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { paperColors } from '#renderer/charts/chart-colors.ts'
import { chartPicture } from '#renderer/charts/chart-picture.ts'
import { colorOf } from '#renderer/charts/plot-ink.ts'
import { figureWords, type Paper, windowWords } from './paper.ts'

/** CSS pixels of the picture; its file has `ZOOM` times as many. */
const WIDTH = 1_500
const CHART = 640
const MARGIN = 32
const ROW = 26
const HEAD = 84
const ZOOM = 2

/** The trend as a PNG: title, range, chart, legend with its figures, site and time. */
export async function trendPicture(paper: Paper): Promise<Blob> {
  const { rows, offset, annotations } = paper
  const table = (rows.length * (offset === null ? 1 : 2) + 1) * ROW
  const notes = annotations.length === 0 ? 0 : (Math.min(annotations.length, NOTES) + 1) * ROW
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH * ZOOM
  canvas.height = (HEAD + CHART + table + notes + MARGIN * 2) * ZOOM
  const ctx = canvas.getContext('2d')
  if (ctx === null) throw new Error('The browser gives no canvas to draw on')
  ctx.scale(ZOOM, ZOOM)
  ctx.fillStyle = '#ffffff'
  ctx.fillRect(0, 0, canvas.width, canvas.height)
  drawHead(ctx, paper)
  const width = WIDTH - MARGIN * 2
  const { data, window, focus, bands, locale, words } = paper
  const shape = { window, focus, bands, locale, words }
  const chart = chartPicture(data, { ...shape, width, height: CHART, zoom: ZOOM })
  ctx.drawImage(chart, MARGIN, HEAD, chart.width / ZOOM, chart.height / ZOOM)
  let y = HEAD + chart.height / ZOOM + 12
  y = drawTable(ctx, paper, y)
  drawNotes(ctx, paper, y)
  return await new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) =>
        blob === null ? reject(new Error('The picture is too large for the browser')) : resolve(blob),
      'image/png',
    )
  })
}

const NOTES = 20

function drawHead(ctx: CanvasRenderingContext2D, { title, site, window, format, text }: Paper): void {
  const { font, text: ink, text2 } = paperColors()
  ctx.textBaseline = 'alphabetic'
  ctx.fillStyle = ink
  ctx.font = `600 22px ${font}`
  ctx.textAlign = 'left'
  ctx.fillText(title, MARGIN, 44, WIDTH - 400)
  ctx.font = `13px ${font}`
  ctx.fillStyle = text2
  ctx.fillText(windowWords(window, format), MARGIN, 66)
  ctx.textAlign = 'right'
  ctx.fillText(site, WIDTH - MARGIN, 44)
  ctx.fillText(text.made, WIDTH - MARGIN, 66)
}

/** Where the columns end, from the right edge. */
const COLUMN = 105

function drawTable(ctx: CanvasRenderingContext2D, paper: Paper, top: number): number {
  const colors = paperColors()
  const { rows, text, format, offset } = paper
  const right = WIDTH - MARGIN
  const firstColumn = right - COLUMN * 6
  ctx.textBaseline = 'middle'
  let y = top
  const line = (cells: readonly string[], ink: string, weight = 400) => {
    ctx.font = `${weight} 13px ${colors.font}`
    ctx.fillStyle = ink
    ctx.textAlign = 'right'
    cells.forEach((cell, index) => ctx.fillText(cell, firstColumn + index * COLUMN, y + ROW / 2, COLUMN - 8))
    ctx.textAlign = 'left'
    ctx.strokeStyle = colors.line
    ctx.lineWidth = 1
    ctx.beginPath()
    ctx.moveTo(MARGIN, Math.round(y + ROW) + 0.5)
    ctx.lineTo(right, Math.round(y + ROW) + 0.5)
    ctx.stroke()
  }
  const [channelWord = '', gatewayWord = '', ...figures] = text.columns
  line(figures, colors.text2, 600)
  ctx.fillText(channelWord, MARGIN + 28, y + ROW / 2)
  ctx.fillText(gatewayWord, MARGIN + 360, y + ROW / 2)
  y += ROW
  for (const { channel, gateway, figures: now, earlier } of rows) {
    const isNumber = isNumeric(channel)
    line(figureWords(now, isNumber, format), colors.text)
    swatch(ctx, y, colorOf(colors, channel), channel.color >= 8 ? [7, 4] : [])
    ctx.fillText(
      `${channel.name}${channel.unit === null ? '' : ` (${channel.unit})`}`,
      MARGIN + 28,
      y + ROW / 2,
      325,
    )
    ctx.fillText(gateway, MARGIN + 360, y + ROW / 2, firstColumn - COLUMN - MARGIN - 370)
    y += ROW
    if (offset === null) continue
    if (isNumber) {
      line(figureWords(earlier, true, format), colors.text2)
      swatch(ctx, y, colorOf(colors, channel), [3, 3])
      ctx.fillText(text.earlier, MARGIN + 28, y + ROW / 2)
    }
    y += ROW
  }
  return y + 12
}

function swatch(ctx: CanvasRenderingContext2D, y: number, color: string, dash: number[]): void {
  ctx.save()
  ctx.strokeStyle = color
  ctx.lineWidth = 3
  ctx.setLineDash(dash)
  ctx.beginPath()
  ctx.moveTo(MARGIN, y + ROW / 2)
  ctx.lineTo(MARGIN + 18, y + ROW / 2)
  ctx.stroke()
  ctx.restore()
}

function drawNotes(ctx: CanvasRenderingContext2D, { annotations, text, format }: Paper, top: number): void {
  if (annotations.length === 0) return
  const colors = paperColors()
  ctx.textAlign = 'left'
  ctx.fillStyle = colors.text2
  ctx.font = `600 13px ${colors.font}`
  ctx.fillText(text.annotations, MARGIN, top + ROW / 2)
  ctx.font = `13px ${colors.font}`
  ctx.fillStyle = colors.text
  annotations.slice(0, NOTES).forEach((one, index) => {
    const y = top + (index + 1) * ROW + ROW / 2
    ctx.fillText(format.dateTime(one.from), MARGIN, y)
    ctx.fillText(one.text.replaceAll(/\s+/g, ' '), MARGIN + 190, y, WIDTH - MARGIN * 2 - 190)
  })
}
