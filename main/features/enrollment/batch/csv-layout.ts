import { parse } from 'csv-parse/sync'
import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'

export const batchColumns = ['mac_address', 'code', 'name', 'group', 'profile'] as const
export type BatchColumn = (typeof batchColumns)[number]

export const separators = [',', ';', '\t', '|'] as const
export type Separator = (typeof separators)[number]

export interface CsvLayout {
  separator: Separator
  header: boolean
  /** Where each column stands. */
  places: Partial<Record<BatchColumn, number>>
  /** Headings that mean nothing here. */
  ignored: string[]
  /** Lines before the first record: `sep=;` of a spreadsheet. */
  skipped: number
}

/** Headings as people write them: in any case, with spaces or dashes, in the words of 001 too. */
const names: Record<string, BatchColumn> = {
  mac_address: 'mac_address',
  mac: 'mac_address',
  macaddress: 'mac_address',
  endereco_mac: 'mac_address',
  code: 'code',
  codigo: 'code',
  name: 'name',
  nome: 'name',
  group: 'group',
  grupo: 'group',
  profile: 'profile',
  perfil: 'profile',
}

/** Characters that the layout is found out from. */
const LOOKED_AT = 64 * 1024

/**
 * How a file is written: the separator by which its first line has the most headings that are known; without headings, the
 * one by which it begins with a MAC address and has three to five cells.
 *
 * @throws ExpectedError `csv_columns_missing`, `csv_invalid`
 */
export function findLayout(text: string): CsvLayout {
  const [hint, given] = /^"?sep=(.)"?\r?\n/i.exec(text) ?? []
  const rest = hint === undefined ? text : text.slice(hint.length)
  const start = { skipped: hint === undefined ? 0 : 1 }
  const candidates = separators.filter((one) => given === undefined || one === given)
  const firsts = candidates.map((separator) => ({ separator, cells: firstRecord(rest, separator) }))
  const headed = firsts
    .map(({ separator, cells }) => ({ separator, ...readHeader(cells) }))
    .filter(({ places }) => places.code !== undefined || places.name !== undefined)
    .toSorted((a, b) => Object.keys(b.places).length - Object.keys(a.places).length)[0]
  if (headed) {
    const missing = (['code', 'name'] as const).filter((column) => headed.places[column] === undefined)
    if (missing.length > 0) throw new ExpectedError('csv_columns_missing', { columns: missing.join(', ') })
    if (headed.twice !== null)
      throw new ExpectedError('csv_invalid', { line: 1, cause: `the column ${headed.twice} is there twice` })
    const { separator, places, ignored } = headed
    return { separator, header: true, places, ignored, ...start }
  }
  const bare = firsts.find(
    ({ cells }) => cells.length >= 3 && cells.length <= 5 && normalizeMac(cells[0] ?? '') !== null,
  )
  if (!bare) throw new ExpectedError('csv_columns_missing', { columns: 'code, name' })
  const places = Object.fromEntries(
    batchColumns.slice(0, bare.cells.length).map((column, at) => [column, at]),
  )
  return { separator: bare.separator, header: false, places, ignored: [], ...start }
}

function firstRecord(text: string, separator: string): string[] {
  try {
    const records = parse(text.slice(0, LOOKED_AT), {
      delimiter: separator,
      to: 1,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    })
    return records[0] ?? []
  } catch {
    // A quote that never ends: with this separator it is no record.
    return []
  }
}

function readHeader(cells: readonly string[]) {
  const places: Partial<Record<BatchColumn, number>> = {}
  const ignored: string[] = []
  let twice: string | null = null
  for (const [at, cell] of cells.entries()) {
    const column = Object.hasOwn(names, plain(cell)) ? names[plain(cell)] : undefined
    if (column === undefined) {
      if (cell.trim() !== '') ignored.push(cell.trim().slice(0, 60))
    } else if (places[column] === undefined) places[column] = at
    else twice ??= column
  }
  return { places, ignored: ignored.slice(0, 20), twice }
}

function plain(heading: string): string {
  return heading
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
}
