import { fromField } from '../export/csv-text.ts'
import type { CsvRow } from './csv-rows.ts'
import type { FileFormat } from './import-format.ts'

/** One reading of a file, as text. */
export interface RowCell {
  /** As the file names it; empty where it has no such column. */
  gateway: string
  channel: string
  unit: string | null
  time: string
  value: string
  quality: string
  /** The column of a wide file. */
  column: string | null
}

/** Takes a row apart into its readings; null for a row that has too few columns. */
export function rowCells(format: FileFormat, raw: boolean): (row: CsvRow) => RowCell[] | null {
  if (format.layout === 'wide') {
    const least = Math.max(format.timeColumn, ...format.channels.map(({ column }) => column)) + 1
    return ({ cells }) =>
      // Spreadsheets leave out empty cells at the end of a line.
      cells.length > least || cells.length < 2
        ? null
        : format.channels.map(({ column, key, unit }) => ({
            gateway: '',
            channel: key,
            unit,
            time: cells[format.timeColumn] ?? '',
            value: fromField(cells[column] ?? '', raw),
            quality: '',
            column: key,
          }))
  }
  const { gateway, channel, unit, time, value, quality } = format.columns
  const least = Math.max(channel, time, value) + 1
  const cell = (cells: string[], column: number | undefined) =>
    column === undefined ? '' : (cells[column] ?? '')
  return ({ cells }) =>
    cells.length < least
      ? null
      : [
          {
            gateway: fromField(cell(cells, gateway), raw),
            channel: fromField(cell(cells, channel), raw),
            unit: fromField(cell(cells, unit), raw) || null,
            time: cell(cells, time),
            value: fromField(cell(cells, value), raw),
            quality: cell(cells, quality),
            column: null,
          },
        ]
}
