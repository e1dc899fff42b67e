import type { LabelSize } from '#contract/model/label.ts'
import type { LabelDrawing } from './label-layout.ts'
import { darkRuns } from './qr-runs.ts'
import type { SheetPlace } from './sheet-places.ts'

/** A picture of one sheet, or of one label of a roll, with the edges of each label; a unit is a mm. */
export function sheetSvg(size: LabelSize, places: readonly SheetPlace<LabelDrawing>[]): string {
  const { paperWidth: width, paperHeight: height } = size
  const edge = (x: number, y: number) =>
    `<rect x="${n(x)}" y="${n(y)}" width="${n(size.width)}" height="${n(size.height)}" rx="1" fill="none" stroke="#c3c9cf" stroke-width="0.2"/>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width)}mm" height="${n(height)}mm" viewBox="0 0 ${n(width)} ${n(height)}" font-family="DejaVu Sans Condensed, DejaVu Sans, Verdana, sans-serif">`,
    `<rect width="${n(width)}" height="${n(height)}" fill="#ffffff"/>`,
    ...(size.kind === 'sheet' ? allPlaces(size).map(([x, y]) => edge(x, y)) : []),
    ...places.map(({ item, x, y }) => `<g transform="translate(${n(x)} ${n(y)})">${labelSvg(item)}</g>`),
    '</svg>',
    '',
  ].join('\n')
}

function labelSvg({ qr, texts }: LabelDrawing): string {
  const path = darkRuns(qr)
    .map(({ x, y, width }) => `M${n(x)} ${n(y)}h${n(width)}v${n(qr.module)}h${n(-width)}z`)
    .join('')
  const words = texts.map(
    ({ x, y, size, width, isBold, text }) =>
      `<text x="${n(x)}" y="${n(y)}" font-size="${n(size)}" textLength="${n(width)}" lengthAdjust="spacingAndGlyphs"${isBold ? ' font-weight="bold"' : ''}>${escapeXml(text)}</text>`,
  )
  return `<path d="${path}" shape-rendering="crispEdges"/>${words.join('')}`
}

function allPlaces({ columns, rows, left, top, pitchX, pitchY }: LabelSize): [number, number][] {
  return Array.from({ length: columns * rows }, (_, place) => [
    left + (place % columns) * pitchX,
    top + Math.floor(place / columns) * pitchY,
  ])
}

/** XML 1.0 2.4. Control characters, which it does not know, are gone from one-line texts already. */
function escapeXml(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (char) => names[char] ?? char)
}

/** Thousandths of a mm are enough. */
function n(value: number): string {
  return String(Math.round(value * 1000) / 1000)
}
