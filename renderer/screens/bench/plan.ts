import { PLAN_MOST, type PlannedGateway } from '#contract/model/flash.ts'

/** A line of a plan that does not hold. */
export interface PlanFault {
  line: number
  problem: 'code_missing' | 'code_bad' | 'code_twice' | 'mac_bad' | 'mac_twice' | 'name_long' | 'too_long'
  value: string
}

export interface Plan {
  lines: PlannedGateway[]
  /** By line; empty: the plan holds. */
  faults: PlanFault[]
}

const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/
const NAME_MOST = 100
const COLUMNS = ['mac', 'code', 'name'] as const

/**
 * Reads `mac,code,name`, one board a line; comma, semicolon or tab. A first line of names may put the columns in another
 * order. An empty MAC: the next board that comes.
 */
export function readPlan(text: string): Plan {
  if (latest?.text !== text) latest = { text, plan: parsePlan(text) }
  return latest.plan
}

/** Five thousand lines are asked for by several fields with each key that is pressed. */
let latest: { text: string; plan: Plan } | null = null

function parsePlan(text: string): Plan {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((row, index) => ({ row, line: index + 1 }))
    .filter(({ row }) => row.trim() !== '')
  const separator = separatorOf(rows[0]?.row ?? '')
  const cells = rows.map(({ row, line }) => ({ line, cells: cellsOf(row, separator) }))
  const head = headOf(cells[0]?.cells ?? [])
  const plan: Plan = { lines: [], faults: [] }
  const seen = { codes: new Set<string>(), macs: new Set<string>() }
  for (const one of head === null ? cells : cells.slice(1)) {
    const columns = head ?? COLUMNS
    const at = (column: (typeof COLUMNS)[number]) => one.cells[columns.indexOf(column)]?.trim() ?? ''
    const read = { mac: at('mac'), code: at('code'), name: at('name') }
    const fault = faultOf(read, seen, plan.lines.length)
    if (fault === null)
      plan.lines.push({
        code: read.code,
        ...(read.mac !== '' && { mac: macOf(read.mac) ?? read.mac }),
        ...(read.name !== '' && { name: read.name }),
      })
    else plan.faults.push({ line: one.line, ...fault })
  }
  return plan
}

function faultOf(
  { mac, code, name }: { mac: string; code: string; name: string },
  seen: { codes: Set<string>; macs: Set<string> },
  count: number,
): Omit<PlanFault, 'line'> | null {
  if (count >= PLAN_MOST) return { problem: 'too_long', value: String(PLAN_MOST) }
  if (code === '') return { problem: 'code_missing', value: '' }
  if (!CODE.test(code)) return { problem: 'code_bad', value: code }
  if (seen.codes.has(code)) return { problem: 'code_twice', value: code }
  const known = mac === '' ? null : macOf(mac)
  if (mac !== '' && known === null) return { problem: 'mac_bad', value: mac }
  if (known !== null && seen.macs.has(known)) return { problem: 'mac_twice', value: mac }
  if (name.length > NAME_MOST) return { problem: 'name_long', value: name.slice(0, 20) }
  seen.codes.add(code)
  if (known !== null) seen.macs.add(known)
  return null
}

/** `aa:bb:cc:dd:ee:ff` of any common spelling; null: not a MAC. */
function macOf(text: string): string | null {
  if (!/^(?:[0-9a-f]{2}[:.-]?){6}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(text)) return null
  const digits = text.replace(/[^0-9a-f]/gi, '').toLowerCase()
  return digits.match(/../g)?.join(':') ?? null
}

function separatorOf(row: string): string {
  return ['\t', ';', ','].find((one) => row.includes(one)) ?? ','
}

/** The order of columns, where the row names them. */
function headOf(cells: readonly string[]): readonly string[] | null {
  const names = cells.map((cell) => cell.trim().toLowerCase().replace('mac_address', 'mac'))
  return names.includes('code') ? names : null
}

/** RFC 4180 2.5 to 2.7, without line ends inside of quotes. */
function cellsOf(row: string, separator: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < row.length; at++) {
    const char = row[at] ?? ''
    if (quoted) {
      if (char !== '"') cell += char
      else if (row[at + 1] === '"') {
        cell += '"'
        at += 1
      } else quoted = false
    } else if (char === '"' && cell.trim() === '') {
      quoted = true
      cell = ''
    } else if (char === separator) {
      cells.push(cell)
      cell = ''
    } else cell += char
  }
  return [...cells, cell]
}
