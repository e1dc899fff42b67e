import type { Knock } from '#contract/api/claims.ts'
import { parseSort, type Sort, sortText } from '#renderer/ui/table/column.ts'

export const shownStates = ['waiting', 'claimed', 'delivered', 'dismissed'] as const

/** What is shown, as it stands in the address. What is at its default is left out. */
export interface ClaimsSearch {
  state: Knock['state']
  text: string
  sort: Sort
  /** The box in the side panel. */
  box: string | null
}

export const columnIds = [
  'label',
  'mac',
  'marks',
  'manufacturer',
  'chip',
  'firmware',
  'way',
  'address',
  'count',
  'first',
  'age',
] as const
export type ColumnId = (typeof columnIds)[number]

/** Boxes stay where they are while they knock on: the newest first. */
const byFirst: Sort = { column: 'first', direction: 'descending' }

/** Reads the address; anything odd in it is as if it were not there. */
export function readClaimsSearch(search: Record<string, unknown>): ClaimsSearch {
  return {
    state: shownStates.find((one) => one === search['state']) ?? 'waiting',
    text: textOf(search['q']),
    sort: parseSort(search['sort'], columnIds, byFirst),
    box: typeof search['box'] === 'string' ? search['box'] : null,
  }
}

export function writeClaimsSearch(search: ClaimsSearch): Record<string, string | undefined> {
  const sort = sortText(search.sort)
  return {
    state: search.state === 'waiting' ? undefined : search.state,
    q: search.text === '' ? undefined : search.text,
    sort: sort === '-first' ? undefined : sort,
    box: search.box ?? undefined,
  }
}

/** The router reads `?q=12` as a number. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100) : ''
}
