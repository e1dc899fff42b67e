import type { ReactNode } from 'react'

/** What a column is sorted by; null always comes last. */
export type SortKey = string | number | null

/** One column of a `DataTable`. */
export interface Column<Row> {
  id: string
  header: string
  /** A CSS grid track: `112px`, or `minmax(160px, 2fr)` for those that take the room left. */
  width: string
  align?: 'left' | 'right'
  /** Absent: the column cannot be sorted by. */
  sortKey?: (row: Row) => SortKey
  /** The direction of the first click; ages and rates are asked for from the top. */
  firstDirection?: Direction
  cell: (row: Row) => ReactNode
  /** As plain text, for TSV and CSV. */
  text: (row: Row) => string
}

export type Direction = 'ascending' | 'descending'

export interface Sort {
  column: string
  direction: Direction
}

/** `code`, or `-age` for descending, as it stands in the address. */
export function parseSort(text: unknown, columns: readonly string[], fallback: Sort): Sort {
  if (typeof text !== 'string') return fallback
  const column = text.replace(/^-/, '')
  if (!columns.includes(column)) return fallback
  return { column, direction: text.startsWith('-') ? 'descending' : 'ascending' }
}

export function sortText(sort: Sort): string {
  return sort.direction === 'descending' ? `-${sort.column}` : sort.column
}

/** The sort after a click on a column's header. */
export function nextSort<Row>(column: Column<Row>, before: Sort): Sort {
  if (before.column !== column.id)
    return { column: column.id, direction: column.firstDirection ?? 'ascending' }
  return { column: column.id, direction: before.direction === 'ascending' ? 'descending' : 'ascending' }
}
