import type { SiteDb } from '#platform/db/site-db.ts'
import type { FieldValue } from './merge-field.ts'

export type EntityName = 'tenant' | 'group' | 'user' | 'gateway' | 'assignment' | 'channel' | 'certificate'

/** A column's value as JSON, as `jsonb_populate_recordset` takes it. */
export type ColumnValue = string | number | boolean | null | ColumnValue[] | { [key: string]: ColumnValue }

/** An object of this site as its row in the cloud. */
export interface LocalObject {
  /** Of this site. */
  tenantId: string
  columns: Record<string, ColumnValue>
}

/** Tenants here and there, and what of people may be sent. */
export interface FleetNames {
  siteId: string
  /** Tenants here that share their fleet, and that the cloud takes from this site. */
  taken: readonly string[]
  /** Null: nothing of it is sent. */
  cloudTenantOf(tenantId: string): string | null
  localTenantOf(cloudTenantId: string): string | null
  sendsPasswordHashes: boolean
}

/** A row of the cloud: the columns that were asked for, as node-postgres reads them. */
export type CloudRow = Record<string, unknown>

/**
 * A kind of object that is in both stores.
 * To add one: its table in `cloud/`, its triggers in a migration of the site's store, a descriptor beside these, and its
 * place in `entities/index.ts`.
 */
export interface Entity {
  name: EntityName
  /** In schema `millwright`. */
  table: string
  /** Columns that name a row, with their types. */
  key: readonly { column: string; type: 'uuid' }[]
  /** Fields that both sides change: column there, and the name under which the triggers here stamp it. */
  twoWay: readonly { column: string; field: string }[]
  /** Columns that only this site writes. */
  up: readonly string[]
  /** Columns that are written with the row and never again. */
  once: readonly string[]
  /** Columns of the row there that are looked at beside the key and the two-way ones. */
  seen: readonly string[]
  /** SQL of what is set where the object is gone here, of constants only. */
  whenGone?: string
  /** The row there of an object here; null where nothing of its tenant is sent. */
  keyOf(id: string, names: FleetNames): Record<string, string> | null
  /** The object here of a row there; null where nothing of its tenant comes here. */
  idOf(row: CloudRow, names: FleetNames): string | null
  /** Objects that are here, and whose tenants are sent, by their ids. */
  read(db: SiteDb, ids: readonly string[], names: FleetNames): Promise<Map<string, LocalObject>>
  /** Whether this site writes the row's `up` columns. */
  isOurs(row: CloudRow, names: FleetNames): boolean
}

/** A field's value in the form that is compared: of a deletion only whether it is. */
export function fieldValue(column: string, value: unknown): FieldValue {
  if (column === DELETED) return value !== null && value !== undefined && value !== false
  return typeof value === 'string' ? value : null
}

export const DELETED = 'deleted_at'
