import type { Column } from './column.ts'

/** Rows as tab-separated text with a heading line: what a spreadsheet takes from the clipboard. */
export function toTsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: string[]) => cells.map((cell) => inert(cell).replace(/[\t\r\n]+/g, ' ')).join('\t')
  return [
    line(columns.map(({ header }) => header)),
    ...rows.map((row) => line(columns.map(({ text }) => text(row)))),
  ].join('\n')
}

/** Rows as CSV, RFC 4180: CRLF, quotes only where needed. */
export function toCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: string[]) => `${cells.map((cell) => quoted(inert(cell))).join(',')}\r\n`
  return [
    line(columns.map(({ header }) => header)),
    ...rows.map((row) => line(columns.map(({ text }) => text(row)))),
  ].join('')
}

/**
 * security.md: text that a spreadsheet would run as a formula gets an apostrophe. A plain number stays one: it cannot
 * be anything else.
 */
function inert(text: string): string {
  if (/^-?\d+([.,]\d+)?$/.test(text)) return text
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
