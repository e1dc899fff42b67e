import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { type ErrorCode, type ErrorData, ExpectedError } from '#contract/errors.ts'
import { GATEWAY_IMPORT_ROWS } from '#contract/model/gateway-import.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import { fromField } from '#platform/csv/csv-field.ts'
import { type BatchColumn, type CsvLayout, findLayout } from './csv-layout.ts'
import { readText } from './csv-text.ts'

/** Why a row is not taken. */
export interface RowProblem {
  code: ErrorCode
  data: ErrorData
}

/** A line of the file. What is wrong with it by itself is known; whether its gateway can be made is not. */
export interface BatchRow {
  line: number
  /** Canonical; as it was written where it is none; null where there is none. */
  mac: string | null
  code: string
  name: string
  group: string | null
  profile: string | null
  problem: RowProblem | null
}

export interface BatchFile {
  encoding: string
  layout: CsvLayout
  rows: BatchRow[]
}

const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/
/** Cells of any column are cut to this for whoever reads the report; none that is taken is as long. */
const SHOWN = 1_000
/** Bytes of one line. */
const MOST_RECORD = 64 * 1024
/** Characters that are parsed in one turn of the event loop. */
const TURN = 64 * 1024

/**
 * Reads a CSV of gateways (RFC 4180; any common separator and encoding).
 *
 * @throws ExpectedError `csv_invalid`, `csv_columns_missing`, `csv_too_many_rows`
 */
export async function readBatch(bytes: Uint8Array): Promise<BatchFile> {
  const { text, encoding } = readText(bytes)
  const layout = findLayout(text)
  const rows: BatchRow[] = []
  const seen = new Map<string, number>()
  for await (const { line, cells } of records(text, layout)) {
    if (rows.length === GATEWAY_IMPORT_ROWS) throw tooMany(text, layout)
    const row = readRow(line, (column) => cells[layout.places[column] ?? -1]?.trim() ?? '')
    row.problem ??= duplicateOf(row, seen)
    rows.push(row)
  }
  return { encoding, layout, rows }
}

async function* records(text: string, { separator, header, skipped }: CsvLayout) {
  const parser = Readable.from(slices(text)).pipe(
    parse({
      delimiter: separator,
      info: true,
      bom: true,
      from_line: skipped + 1,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: MOST_RECORD,
    }),
  )
  let isFirst = header
  try {
    for await (const { info, record } of parser as AsyncIterable<{
      info: { lines: number }
      record: string[]
    }>) {
      const isHeader = isFirst
      isFirst = false
      if (isHeader || record.every((cell) => cell.trim() === '')) continue
      yield { line: info.lines, cells: record }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1
    throw new ExpectedError('csv_invalid', { line, cause: error.message }, { cause: error })
  }
}

function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += TURN) yield text.slice(at, at + TURN)
}

function tooMany(text: string, { header, skipped }: CsvLayout): ExpectedError {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '').length
  const count = lines - skipped - (header ? 1 : 0)
  return new ExpectedError('csv_too_many_rows', { count, limit: GATEWAY_IMPORT_ROWS })
}

function readRow(line: number, cell: (column: BatchColumn) => string): BatchRow {
  const given = cell('mac_address')
  const mac = given === '' ? null : normalizeMac(given)
  const shown = (text: string) => text.slice(0, SHOWN)
  return {
    line,
    mac: given === '' ? null : (mac ?? shown(given)),
    code: shown(cell('code')),
    // What this site wrote itself has an apostrophe before it.
    name: shown(fromField(cell('name'), false).normalize('NFC')),
    group: shown(cell('group')) || null,
    profile: shown(cell('profile')) || null,
    problem:
      given !== '' && mac === null ? { code: 'mac_invalid', data: { mac: shown(given) } } : wrong(cell),
  }
}

function wrong(cell: (column: BatchColumn) => string): RowProblem | null {
  for (const column of ['code', 'group', 'profile'] as const)
    if (/^[=+\-@]/.test(cell(column)))
      return { code: 'csv_formula', data: { column, text: cell(column).slice(0, 60) } }
  const code = cell('code')
  if (!CODE.test(code)) return { code: 'csv_code_invalid', data: { code: code.slice(0, 60) } }
  const name = cell('name')
  if (name === '' || name.length > 100 || /\p{Cc}/u.test(name)) return { code: 'csv_name_invalid', data: {} }
  if (cell('profile').length > 100 || cell('group').length > SHOWN)
    return { code: 'input_invalid', data: { issues: 'group or profile: too long' } }
  return null
}

/** A MAC or code that an earlier line has; that one counts, even where something else is wrong with it. */
function duplicateOf({ mac, code, line }: BatchRow, seen: Map<string, number>): RowProblem | null {
  let problem: RowProblem | null = null
  for (const [column, text] of [
    ['code', code],
    ['mac_address', mac],
  ] as const) {
    if (text === null || text === '') continue
    const key = `${column} ${text}`
    const before = seen.get(key)
    if (before === undefined) seen.set(key, line)
    else problem = { code: 'csv_duplicate', data: { column, text: text.slice(0, 60), line: before } }
  }
  return problem
}
