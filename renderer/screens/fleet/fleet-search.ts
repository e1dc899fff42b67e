import { type DialectName, dialects } from '#contract/model/gateway.ts'
import { parseSort, type Sort, sortText } from '#renderer/ui/table/column.ts'
import { type FleetView, fleetViews } from './fleet-filter.ts'

/** Filters and sort, as they stand in the address. What is at its default is left out. */
export interface FleetSearch {
  view: FleetView
  text: string
  /** A group's id. */
  group: string | null
  firmware: string | null
  dialect: DialectName | null
  sort: Sort
  /** The gateway in the side panel. */
  look: string | null
}

export const columnIds = [
  'state',
  'code',
  'name',
  'tenant',
  'group',
  'reading',
  'value',
  'age',
  'rate',
  'firmware',
  'certificate',
] as const
export type ColumnId = (typeof columnIds)[number]

const byCode: Sort = { column: 'code', direction: 'ascending' }

/** Reads the address; anything odd in it is as if it were not there. */
export function readFleetSearch(search: Record<string, unknown>): FleetSearch {
  const view = fleetViews.find((one) => one === search.view) ?? 'all'
  const dialect = dialects.find((one) => one === search.dialect) ?? null
  return {
    view,
    text: textOf(search.q),
    group: typeof search.group === 'string' && search.group !== '' ? search.group : null,
    firmware: textOf(search.firmware) === '' ? null : textOf(search.firmware),
    dialect,
    sort: parseSort(search.sort, columnIds, byCode),
    look: typeof search.look === 'string' ? search.look : null,
  }
}

/** The address of these filters. */
export function writeFleetSearch(search: FleetSearch): Record<string, string | undefined> {
  const sort = sortText(search.sort)
  return {
    view: search.view === 'all' ? undefined : search.view,
    q: search.text === '' ? undefined : search.text,
    group: search.group ?? undefined,
    firmware: search.firmware ?? undefined,
    dialect: search.dialect ?? undefined,
    sort: sort === 'code' ? undefined : sort,
    look: search.look ?? undefined,
  }
}

/** The router reads `?q=12` as a number. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100) : ''
}
