import { parse } from 'csv-parse/sync'
import { PLAN_MOST, type PlannedGateway } from '#contract/model/flash.ts'
import { GATEWAY_CODE, normalizeMac } from '#contract/model/ids.ts'
import { CliError } from '../cli-error.ts'

/** Bytes of a plan of the most lines, with long names. */
export const PLAN_BYTES = 2 * 1024 ** 2

const columns = ['mac', 'code', 'name'] as const
type Column = (typeof columns)[number]

/** Headings as people write them, in any case. */
const headings: Record<string, Column> = {
  mac: 'mac',
  mac_address: 'mac',
  code: 'code',
  codigo: 'code',
  gateway: 'code',
  name: 'name',
  nome: 'name',
}

/**
 * Which board becomes what: `mac,code,name`, one a line, with comma, semicolon or tab between. A first line of headings may
 * put the columns in another order. Without a MAC: the next board that comes.
 *
 * @throws CliError `usage`, naming the line of what does not hold
 */
export function readPlanCsv(bytes: Uint8Array, file: string): PlannedGateway[] {
  const text = decode(bytes).replace(/^\u{feff}/u, '')
  const rows = readRows(text, file)
  const [first] = rows
  const head = first && headOf(first.record)
  const places: readonly (Column | null)[] = head ?? columns
  const plan = (head ? rows.slice(1) : rows).map(({ record, line }) => {
    const cell = (column: Column) => record[places.indexOf(column)]?.trim() ?? ''
    return {
      line,
      ...plannedOf({ mac: cell('mac'), code: cell('code'), name: cell('name') }, refusal(file, line)),
    }
  })
  if (plan.length === 0)
    throw new CliError('usage', `${file} has no boards: write mac,code,name, one a line`, { file })
  if (plan.length > PLAN_MOST)
    throw new CliError('usage', `${file} has ${plan.length} boards, the most is ${PLAN_MOST}: split it`, {
      file,
    })
  requireOnce(plan, file)
  return plan.map(({ line: _, ...planned }) => planned)
}

interface Row {
  record: string[]
  line: number
}

function readRows(text: string, file: string): Row[] {
  const [first = ''] = text.split(/\r?\n/, 1)
  const delimiter = [';', '\t', ','].find((one) => first.includes(one)) ?? ','
  try {
    const read = parse(text, {
      delimiter,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as { record: string[]; info: { lines: number } }[]
    return read
      .map(({ record, info }) => ({ record, line: info.lines }))
      .filter(({ record }) => record.some((cell) => cell.trim() !== ''))
  } catch (error) {
    const { lines } = error as { lines?: number }
    const cause = error instanceof Error ? error.message : String(error)
    throw new CliError('usage', `${file}${lines === undefined ? '' : `, line ${lines}`}: ${cause}`, { file })
  }
}

function headOf(record: string[]): (Column | null)[] | null {
  const found = record.map((cell) => headings[cell.trim().toLowerCase().replaceAll(/[ -]/g, '_')] ?? null)
  return found.includes('code') ? found : null
}

function plannedOf(
  { mac, code, name }: Record<Column, string>,
  refuse: (problem: string) => never,
): PlannedGateway {
  if (code === '') refuse('the code is missing')
  if (!GATEWAY_CODE.test(code))
    refuse(`"${code.slice(0, 40)}" is no code: use 1 to 30 letters, digits, . - _`)
  if (name.length > 200) refuse('the name has more than 200 characters')
  const read = mac === '' ? '' : (normalizeMac(mac) ?? refuse(`"${mac}" is no MAC address`))
  return { code, ...(read !== '' && { mac: read }), ...(name !== '' && { name }) }
}

function refusal(file: string, line: number): (problem: string) => never {
  return (problem) => {
    throw new CliError('usage', `${file}, line ${line}: ${problem}`, { file, line })
  }
}

function requireOnce(plan: readonly (PlannedGateway & { line: number })[], file: string): void {
  const seen = new Map<string, number>()
  for (const { line, code, mac } of plan)
    for (const key of [`code ${code}`, ...(mac === undefined ? [] : [`MAC ${mac}`])]) {
      const before = seen.get(key)
      if (before !== undefined) refusal(file, line)(`the ${key} is in line ${before} already`)
      seen.set(key, line)
    }
}

/** UTF-8, or what Windows programs write where it is none. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
