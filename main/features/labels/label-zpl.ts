import type { LabelResolution, LabelSize } from '#contract/model/label.ts'
import { type LabelDrawing, type LabelQr, type LabelText, QUIET } from './label-layout.ts'

const MM_PER_INCH = 25.4
/** A printer smears what is finer. */
const LEAST_DOTS = 2
/** ^BQ takes no larger ones. */
const MOST_DOTS = 10

/**
 * ZPL II for one label, printed `copies` times.
 * @returns null where the QR code's modules would be too fine for the printer
 */
export function labelZpl(
  drawing: LabelDrawing,
  size: Pick<LabelSize, 'width' | 'height'>,
  options: { resolution: LabelResolution; copies: number },
): string | null {
  const dots = (mm: number) => Math.max(0, Math.round((mm / MM_PER_INCH) * options.resolution))
  const magnification = Math.min(MOST_DOTS, Math.floor(exactDots(drawing.qr.module, options.resolution)))
  if (magnification < LEAST_DOTS) return null
  return [
    // ^CI28: what follows is UTF-8. ^LH0,0 and ^PQ undo what an earlier label left behind.
    '^XA^CI28^LH0,0',
    `^PW${dots(size.width)}^LL${dots(size.height)}`,
    qrField(drawing.qr, magnification, dots),
    ...drawing.texts.map((text) => textField(text, dots)),
    `^PQ${options.copies}`,
    '^XZ',
    '',
  ].join('\n')
}

function exactDots(mm: number, resolution: number): number {
  return (mm / MM_PER_INCH) * resolution
}

/** Whole dots a module: what is left of the room goes to both sides. */
function qrField(qr: LabelQr, magnification: number, dots: (mm: number) => number): string {
  const modules = qr.rows.length
  const room = dots((modules + 2 * QUIET) * qr.module)
  const inset = Math.floor((room - modules * magnification) / 2)
  const x = dots(qr.x - QUIET * qr.module) + inset
  const y = dots(qr.y - QUIET * qr.module) + inset
  // Model 2; M: repairs 15 %; A: the printer finds the characters' mode.
  return `^FO${x},${y}^BQN,2,${magnification}^FH_^FDMA,${escapeField(qr.text)}^FS`
}

function textField({ x, y, size, text }: LabelText, dots: (mm: number) => number): string {
  // ^FT: the origin is the baseline.
  return `^FT${dots(x)},${dots(y)}^A0N,${dots(size)}^FH_^FD${escapeField(text)}^FS`
}

/**
 * A text as data of ^FD under ^FH_: all but plain characters is written in hexadecimal, so that no name is ever taken
 * for a command.
 */
export function escapeField(text: string): string {
  let escaped = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte)
    escaped += /[A-Za-z0-9 .:/-]/.test(char) ? char : `_${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}
