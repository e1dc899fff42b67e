import { createRequire } from 'node:module'
import type PDFDocument from 'pdfkit'
import type { Measure } from './label-layout.ts'

const { resolve } = createRequire(import.meta.url)

/**
 * Latin, Greek, Cyrillic, Arabic, Hebrew and more, narrow enough for small labels; free to embed. Given to the library
 * by their paths: a registered name that is the default font's as well is opened anew with each use.
 */
const files = {
  regular: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
}
const paths = new Map<keyof typeof files, string>()

/** Looked up when it is first needed: a program that was packed without them makes no labels, but runs. */
function pathOf(font: keyof typeof files): string {
  const path = paths.get(font) ?? resolve(files[font])
  paths.set(font, path)
  return path
}

/** A document without pages. The library is loaded when it is first needed. */
export async function openDocument(title: string): Promise<PDFKit.PDFDocument> {
  const { default: Document }: { default: typeof PDFDocument } = await import('pdfkit')
  return new Document({
    autoFirstPage: false,
    margin: 0,
    font: pathOf('regular'),
    info: { Title: title, Producer: 'Millwright', Creator: 'Millwright' },
  })
}

/** From here on the document writes and measures in this font. */
export function withFont(document: PDFKit.PDFDocument, isBold: boolean): PDFKit.PDFDocument {
  return document.font(pathOf(isBold ? 'bold' : 'regular'))
}

/** Widths of texts in ems, as the document's fonts have them. */
export function measureWith(document: PDFKit.PDFDocument): Measure {
  return (text, isBold) => withFont(document, isBold).fontSize(1_000).widthOfString(text) / 1_000
}
