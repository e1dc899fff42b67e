import { encode } from 'uqr'
import type { LabelSize } from '#contract/model/label.ts'
import { type LabelledGateway, oneLine } from './label-text.ts'

/** Modules of white around a QR code (ISO/IEC 18004 5.3.8). */
export const QUIET = 4

/** Phones read modules of this size from a hand's distance, in mm: two dots of a printer with 203 dots an inch. */
const LEAST_MODULE = 0.25

export interface LabelText {
  /** Of the baseline's begin, mm from the label's corner. */
  x: number
  y: number
  /** Height of the em, mm. */
  size: number
  /** mm */
  width: number
  isBold: boolean
  text: string
}

export interface LabelQr {
  /** Of the first dark module, mm: the white around it is left out. */
  x: number
  y: number
  /** Size of a module, mm. */
  module: number
  rows: boolean[][]
  text: string
}

/** A label as it will be, in mm from its upper left corner. */
export interface LabelDrawing {
  qr: LabelQr
  texts: LabelText[]
}

/** Width of a text in ems. */
export type Measure = (text: string, isBold: boolean) => number

/** A line of text: its size beside the others. */
const lines = [
  { of: 'code', factor: 1.4, isBold: true },
  { of: 'name', factor: 1, isBold: false },
  { of: 'label', factor: 1, isBold: true },
  { of: 'mac', factor: 0.85, isBold: false },
] as const

const LEADING = 1.25
/** Of the em, above the baseline. */
const ASCENT = 0.78
const LARGEST_EM = 5
/** What is longer is made smaller down to this share, then cut. */
const LEAST_SHARE = 0.6
/** Of the em, where a name takes two lines in place of one. */
const HALF_SHARE = 0.55

/**
 * The QR code at the left, as large as the label is high; code, name, label and MAC beside it.
 * @returns null where the code's modules would be too fine to read
 */
export function layOut(
  gateway: LabelledGateway,
  text: string,
  size: Pick<LabelSize, 'width' | 'height'>,
  measure: Measure,
): LabelDrawing | null {
  const margin = size.height <= 12 ? 0.5 : 1
  const side = Math.min(size.height - 2 * margin, size.width * 0.45, 45)
  const qr = qrOf(text, side, { x: margin, y: (size.height - side) / 2 })
  if (qr === null) return null
  const left = margin + side + (margin > 0.5 ? 0.5 : 0)
  const room = { left, width: size.width - left - margin, height: size.height - 2 * margin }
  return { qr, texts: textsOf(gateway, room, size.height, measure) }
}

/** With what repairs 15 % of it (M), or 7 % (L) where that alone fits. */
function qrOf(text: string, side: number, at: { x: number; y: number }): LabelQr | null {
  for (const ecc of ['M', 'L'] as const) {
    const { data, size } = encode(text, { ecc, border: 0 })
    const module = side / (size + 2 * QUIET)
    if (module >= LEAST_MODULE)
      return { x: at.x + QUIET * module, y: at.y + QUIET * module, module, rows: data, text }
  }
  return null
}

function textsOf(
  gateway: LabelledGateway,
  room: { left: number; width: number; height: number },
  height: number,
  measure: Measure,
): LabelText[] {
  const shown = lines.flatMap((line) => {
    const text = oneLine(gateway[line.of] ?? '')
    return text === '' ? [] : [{ ...line, text }]
  })
  const sum = shown.reduce((all, { factor }) => all + factor, 0)
  const em = Math.min(LARGEST_EM, room.height / (sum * LEADING))
  let top = (height - em * sum * LEADING) / 2
  return shown.flatMap(({ of, factor, isBold, text }) => {
    const full = em * factor
    const from = top
    top += full * LEADING
    const widthOf = (part: string) => measure(part, isBold)
    const parts =
      of === 'name' && widthOf(text) * full * LEAST_SHARE > room.width
        ? inTwo(text, full * HALF_SHARE, room.width, widthOf)
        : [fit(text, full, room.width, widthOf)]
    const height = (full * LEADING) / parts.length
    return parts.map((part, index) => {
      const middle = from + height * (index + 0.5)
      return { x: room.left, y: middle + part.size * (ASCENT - 0.5), isBold, ...part }
    })
  })
}

/** A name that is too long for a line, in two of half the height. */
function inTwo(text: string, size: number, room: number, measure: (text: string) => number): Fitted[] {
  const letters = [...text]
  let count = longest(letters.length, (most) => measure(letters.slice(0, most).join('')) * size <= room)
  const space = letters.lastIndexOf(' ', count)
  // Between words, where the first line is not left half empty by it.
  if (count < letters.length && space > count / 2) count = space
  const first = letters.slice(0, count).join('').trim()
  const rest = letters.slice(count).join('').trim()
  return [first, rest].filter((line) => line !== '').map((line) => fit(line, size, room, measure, size))
}

interface Fitted {
  text: string
  size: number
  width: number
}

/** A text in a line: made smaller where it is too long, down to `least`, then cut. */
function fit(
  text: string,
  full: number,
  room: number,
  measure: (text: string) => number,
  least = full * LEAST_SHARE,
): Fitted {
  const width = measure(text) * full
  if (width <= room) return { text, size: full, width }
  if (width * (least / full) <= room) return { text, size: full * (room / width), width: room }
  const letters = [...text]
  const cut = (count: number) => `${letters.slice(0, count).join('').trimEnd()}…`
  const shown = cut(longest(letters.length - 1, (count) => measure(cut(count)) * least <= room))
  return { text: shown, size: least, width: Math.min(room, measure(shown) * least) }
}

/** The largest count that fits, by halves: names may be 100 letters long, and labels thousands. */
function longest(most: number, fits: (count: number) => boolean): number {
  let from = 0
  let to = most
  while (from < to) {
    const middle = Math.ceil((from + to) / 2)
    if (fits(middle)) from = middle
    else to = middle - 1
  }
  return from
}
