import { CsvError, type Info, parse } from 'csv-parse/sync'
import { ExpectedError } from '#contract/errors.ts'
import { checkKey, checkNamespaceCount, checkValue } from './check-contents.ts'
import { integerRange, integerValue, isIntegerType, type NvsContents, type NvsValue } from './nvs-value.ts'

const columns = ['key', 'type', 'encoding', 'value'] as const
type Row = Record<(typeof columns)[number], string>

/**
 * Reads the CSV form of Espressif's NVS partition generator ("NVS Partition Generator Utility" of the ESP-IDF
 * programming guide): a header `key,type,encoding,value`, then rows of type `namespace`, `data` or `file`. Rows that
 * begin with `#` are remarks.
 *
 * @param readFile gets the path that a `file` row names, as it stands there; its error is told with the line
 * @throws ExpectedError `nvs_csv_invalid` with the line, counted from 1
 */
export function parseNvsCsv(text: string, readFile: (path: string) => Uint8Array): NvsContents {
  // Keys come from outside: an object without a prototype takes "__proto__" as any other.
  const contents: NvsContents = Object.create(null)
  let namespace: Record<string, NvsValue> | null = null
  for (const { line, row } of readRows(text)) {
    atLine(line, () => {
      checkKey(row.key)
      if (row.type === 'namespace') {
        namespace = contents[row.key] ??= Object.create(null) as Record<string, NvsValue>
        checkNamespaceCount(Object.keys(contents).length)
        return
      }
      if (namespace === null) throw new RowProblem(`${row.key} stands before the first namespace`)
      if (Object.hasOwn(namespace, row.key))
        throw new RowProblem(`${row.key} is there already in this namespace`)
      const value = valueOf(row, readFile)
      checkValue(row.key, value)
      namespace[row.key] = value
    })
  }
  return contents
}

/** What is wrong with a row, before it is known which one. */
class RowProblem extends Error {}

function atLine(line: number, run: () => void): void {
  try {
    run()
  } catch (error) {
    if (error instanceof RowProblem || error instanceof ExpectedError)
      throw invalid(line, error.message, error)
    throw error
  }
}

function readRows(text: string): { line: number; row: Row }[] {
  const [head, ...records] = parseCsv(text)
  if (head === undefined) throw invalid(1, 'the file is empty; its first line is key,type,encoding,value')
  const places = columns.map((name) => head.record.findIndex((cell) => cell.trim() === name))
  if (places.includes(-1)) throw invalid(head.line, 'the columns are key, type, encoding and value')
  return records
    .filter(({ record }) => !record[0]?.startsWith('#'))
    .map(({ line, record }) => {
      if (record.length !== head.record.length)
        throw invalid(line, `there are ${record.length} columns, the header has ${head.record.length}`)
      const [key = '', type = '', encoding = '', value = ''] = places.map((place) => record[place] ?? '')
      return { line, row: { key: key.trim(), type: type.trim(), encoding: encoding.trim(), value } }
    })
}

interface CsvRecord {
  record: string[]
  /** Where it begins. */
  line: number
}

function parseCsv(text: string): CsvRecord[] {
  try {
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true } as const
    const records = parse(text, options) as unknown as { record: string[]; info: Info }[]
    return records.map(({ record, info }) => ({ record, line: info.lines - breaksIn(record) }))
  } catch (error) {
    if (error instanceof CsvError)
      throw invalid(Number(error['lines'] ?? 1), 'the quotes are not closed', error)
    throw error
  }
}

/** A quoted field goes on over line breaks. */
function breaksIn(record: readonly string[]): number {
  return record.join('').split('\n').length - 1
}

function valueOf({ key, type, encoding, value }: Row, readFile: (path: string) => Uint8Array): NvsValue {
  if (type === 'data') return dataOf(key, encoding, value, Buffer.from(value))
  if (type !== 'file') throw new RowProblem(`the type ${type} is none of namespace, data, file`)
  if (value === '') throw new RowProblem(`${key} names no file`)
  if (isIntegerType(encoding)) throw new RowProblem(`a file cannot be ${encoding}`)
  const bytes = fileOf(value, readFile)
  return dataOf(key, encoding, textOf(encoding, key, bytes), bytes)
}

function fileOf(path: string, readFile: (path: string) => Uint8Array): Uint8Array {
  try {
    return readFile(path)
  } catch (error) {
    throw new RowProblem(error instanceof Error ? error.message : String(error))
  }
}

function textOf(encoding: string, key: string, bytes: Uint8Array): string {
  if (encoding === 'binary') return ''
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new RowProblem(`the file of ${key} is not UTF-8; use the encoding binary`)
  }
}

function dataOf(key: string, encoding: string, text: string, bytes: Uint8Array): NvsValue {
  if (isIntegerType(encoding)) return integerValue(encoding, integerOf(key, encoding, text.trim()))
  switch (encoding) {
    case 'string':
      return { type: 'string', value: text }
    case 'binary':
      return { type: 'blob', value: new Uint8Array(bytes) }
    case 'hex2bin':
      return { type: 'blob', value: fromHex(key, text.replace(/\s/g, '')) }
    case 'base64':
      return { type: 'blob', value: fromBase64(key, text.replace(/\s/g, '')) }
    default:
      throw new RowProblem(
        `the encoding ${encoding} is none of u8, i8, u16, i16, u32, i32, u64, i64, string, hex2bin, base64, binary`,
      )
  }
}

function integerOf(key: string, type: Parameters<typeof integerRange>[0], text: string): bigint {
  const [, sign = '', digits = ''] = /^([+-]?)(\d{1,40}|0[xX][0-9a-fA-F]{1,32})$/.exec(text) ?? []
  if (digits === '') throw new RowProblem(`${key} is not a whole number`)
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits)
  const { least, most } = integerRange(type)
  if (value < least || value > most)
    throw new RowProblem(`${key} is ${value}, a ${type} goes from ${least} to ${most}`)
  return value
}

function fromHex(key: string, text: string): Uint8Array {
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw new RowProblem(`${key} is not pairs of hexadecimal digits`)
  return new Uint8Array(Buffer.from(text, 'hex'))
}

function fromBase64(key: string, text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new RowProblem(`${key} is not Base64`)
  return new Uint8Array(Buffer.from(text, 'base64'))
}

function invalid(line: number, problem: string, cause?: unknown): ExpectedError {
  return new ExpectedError('nvs_csv_invalid', { line, problem }, { cause })
}
