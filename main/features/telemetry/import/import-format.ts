import { ExpectedError } from '#contract/errors.ts'
import type { ImportOptions, ImportReport } from '#contract/model/telemetry-file.ts'
import { fromHead } from '../export/csv-text.ts'
import { timeKindOf } from './cell-time.ts'

/** Names that the columns of a long file have, in whatever order. */
const longNames = {
  gateway: ['gateway'],
  channel: ['channel'],
  unit: ['unit'],
  time: ['time', 'timestamp', 'datetime', 'date', 'ts'],
  value: ['value'],
  quality: ['quality'],
} as const
export type LongField = keyof typeof longNames

export type FileFormat = Omit<ImportReport['format'], 'layout'> & {
  /** Lines before the data. */
  headLines: number
} & (
    | {
        layout: 'long'
        columns: Partial<Record<LongField, number>> & { channel: number; time: number; value: number }
      }
    | { layout: 'wide'; timeColumn: number; channels: { column: number; key: string; unit: string | null }[] }
  )

const separators = [',', ';', '\t'] as const

/**
 * How a file is to be read, by its first bytes and by what the person said.
 * @throws ExpectedError `import_file_invalid`
 */
export function importFormat(start: Uint8Array, options: ImportOptions): FileFormat {
  const text = decode(start)
  const { head, rows, headLines, separator } = headOf(text, options)
  const names = head.map((name) => name.trim().toLowerCase())
  const find = (field: LongField): number =>
    names.findIndex((name) => longNames[field].some((one) => one === name))
  const isLong = find('channel') >= 0 && find('time') >= 0 && find('value') >= 0
  const layout = options.layout ?? (isLong ? 'long' : 'wide')
  if (layout === 'long' && !isLong)
    throw invalid('the first line has to name the columns channel, time and value')
  const time = Math.max(0, find('time'))
  const cells = rows.flatMap((row) => row.filter((_, index) => index !== time))
  const common = {
    separator,
    headLines,
    decimal: options.decimal ?? (separator !== ',' && hasDecimalCommas(cells) ? ',' : '.'),
    time: options.time ?? timeKindOf(rows[0]?.[time] ?? ''),
    timeZone: options.timeZone ?? 'UTC',
  }
  if (layout === 'long') {
    const columns: Partial<Record<LongField, number>> = {}
    for (const field of Object.keys(longNames) as LongField[])
      if (find(field) >= 0) columns[field] = find(field)
    return {
      ...common,
      layout,
      columns: { ...columns, channel: find('channel'), time, value: find('value') },
    }
  }
  const channels = head.flatMap((name, column) =>
    column === time || name.trim() === '' ? [] : [{ column, ...fromHead(name.trim()) }],
  )
  if (channels.length === 0) throw invalid('beside the column of the times there is none')
  const twice = channels.find(({ key }, index) => channels.findIndex((other) => other.key === key) !== index)
  if (twice) throw invalid(`two columns are named ${twice.key}`)
  return { ...common, layout, timeColumn: time, channels }
}

function decode(start: Uint8Array): string {
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff))
    throw invalid('it is UTF-16: save it as UTF-8')
  if (start.includes(0)) throw invalid('it is a binary file')
  // The last character may be cut in two.
  return new TextDecoder('utf-8').decode(start)
}

function headOf(text: string, options: ImportOptions) {
  const lines = text.split(/\r\n|\n|\r/)
  // Spreadsheets write and read such a line before the others.
  const declared = /^sep=(.)$/i.exec(lines[0] ?? '')
  const headLines = declared ? 2 : 1
  const first = lines[headLines - 1] ?? ''
  if (first.trim() === '') throw invalid('its first line is empty')
  const given = options.separator === 'tab' ? '\t' : options.separator
  const separator =
    given ??
    declared?.[1] ??
    separators.toSorted((a, b) => fields(first, b).length - fields(first, a).length)[0] ??
    ','
  // The last line may be cut.
  const rows = lines
    .slice(headLines, Math.max(headLines + 1, Math.min(lines.length - 1, headLines + 100)))
    .filter((line) => line.trim() !== '')
    .map((line) => fields(line, separator))
  const head = fields(first, separator)
  if (head.length < 2) throw invalid('its first line has one column only')
  return { head, rows, headLines, separator }
}

/** A line taken apart, well enough for a look at the first ones. */
function fields(line: string, separator: string): string[] {
  const found: string[] = []
  let field = ''
  let isQuoted = false
  for (const char of line) {
    if (char === '"') isQuoted = !isQuoted
    else if (char === separator && !isQuoted) {
      found.push(field)
      field = ''
    } else field += char
  }
  return [...found, field]
}

function hasDecimalCommas(cells: string[]): boolean {
  return cells.some((cell) => /^\s*[+-]?\d+,\d+\s*$/.test(cell))
}

function invalid(cause: string): ExpectedError {
  return new ExpectedError('import_file_invalid', { cause })
}
