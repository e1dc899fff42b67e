import type { LabelSize } from '#contract/model/label.ts'
import { withFont } from './label-font.ts'
import type { LabelDrawing } from './label-layout.ts'
import { darkRuns } from './qr-runs.ts'
import type { SheetPlace } from './sheet-places.ts'
import type { Turns } from './turns.ts'

/** Points (1/72 inch), PDF's unit, in a mm. */
const POINTS = 72 / 25.4

/** A page a sheet, or a label of a roll. */
export async function labelsPdf(
  document: PDFKit.PDFDocument,
  size: LabelSize,
  pages: AsyncIterable<readonly SheetPlace<LabelDrawing>[]>,
  turns: Turns,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    document.once('end', resolve)
    document.once('error', reject)
  })
  for await (const places of pages) {
    document.addPage({ size: [size.paperWidth * POINTS, size.paperHeight * POINTS], margin: 0 })
    for (const { item, x, y } of places) {
      drawLabel(document, item, x, y)
      await turns.give()
    }
  }
  document.end()
  await ended
  return new Uint8Array(Buffer.concat(chunks))
}

function drawLabel(document: PDFKit.PDFDocument, { qr, texts }: LabelDrawing, x: number, y: number): void {
  const at = (mm: number) => mm * POINTS
  // One path, filled once: between rectangles that are filled one by one, screens and printers leave hairlines.
  for (const run of darkRuns(qr)) document.rect(at(x + run.x), at(y + run.y), at(run.width), at(qr.module))
  document.fill('#000000')
  for (const { text, isBold, size, ...from } of texts)
    withFont(document, isBold)
      .fontSize(at(size))
      .text(text, at(x + from.x), at(y + from.y), { lineBreak: false, baseline: 'alphabetic' })
}
