import type { ColumnType, Generated } from 'kysely'

/** How long readings are kept. Its id is in the names of the store's files. */
export interface RetentionClassTable {
  id: string
  name: string
  /** Null: for ever. */
  days: number | null
  evictable: 0 | 1
  createdAt: number
}

/** One row. */
export interface StoragePolicyTable {
  id: ColumnType<1, 1, never>
  defaultClass: string
  budgetBytes: number | null
}

/** What folding and retention did, found or could not do; the newest few hundred. */
export interface StorageEventTable {
  id: Generated<number>
  at: number
  kind: string
  /** What it is about: a month, a file. */
  subject: string
  /** How often within the hour, or how many readings. */
  count: number
  cause: string | null
}
