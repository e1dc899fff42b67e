import type { Direction, SortKey } from './column.ts'

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Rows in an order, and what it was made of, so that the next one can be had for nothing. */
export interface Ordered<Row> {
  rows: readonly Row[]
  /** Of the rows as given, not as ordered; so are `keys`. */
  ids: readonly string[]
  keys: readonly SortKey[]
  direction: Direction
  column: string
  /** `rows[i]` was given at `places[i]`. */
  places: readonly number[]
}

/**
 * Sorts live rows. When neither the rows' identities nor their keys changed since `before`, its order is taken over
 * and only the rows are replaced: sorting ten thousand names three times a second would cost a fifth of the time.
 * The sort is stable and puts nulls last in both directions.
 */
export function orderRows<Row extends { id: string }>(
  rows: readonly Row[],
  column: string,
  sortKey: (row: Row) => SortKey,
  direction: Direction,
  before?: Ordered<Row>,
): Ordered<Row> {
  const keys = rows.map(sortKey)
  const same =
    before !== undefined &&
    before.column === column &&
    before.direction === direction &&
    before.keys.length === keys.length &&
    keys.every((key, index) => key === before.keys[index] && rows[index]?.id === before.ids[index])
  const places = same ? before.places : sortedPlaces(keys, direction)
  return {
    rows: places.map((place) => rows[place] as Row),
    ids: rows.map((row) => row.id),
    keys,
    direction,
    column,
    places,
  }
}

function sortedPlaces(keys: readonly SortKey[], direction: Direction): number[] {
  const sign = direction === 'ascending' ? 1 : -1
  const places = keys.map((_, index) => index)
  return places.sort((a, b) => compareKeys(keys[a] ?? null, keys[b] ?? null, sign) || a - b)
}

function compareKeys(a: SortKey, b: SortKey, sign: number): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * sign
  return collator.compare(String(a), String(b)) * sign
}
