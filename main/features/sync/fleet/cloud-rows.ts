import type { CloudSql } from './cloud-sql.ts'
import type { CloudRow, ColumnValue, Entity, FleetNames } from './entity.ts'

const SCHEMA = 'millwright'

/** A row to be written: its columns, or some of them, and the stamps of its two-way fields. */
export interface WrittenRow {
  columns: Record<string, ColumnValue>
  stamps: Record<string, string>
}

/** The text by which a row of this key is found in a map. */
export function keyText(entity: Entity, row: CloudRow): string {
  return entity.key.map(({ column }) => String(row[column])).join('/')
}

/** Rows by their keys, held until the transaction ends where it is asked for. Those of others are as if they were not. */
export async function readRows(
  sql: CloudSql,
  entity: Entity,
  of: { keys: readonly Record<string, string>[]; hold: boolean },
): Promise<Map<string, CloudRow>> {
  const types = entity.key.map(({ column, type }) => `${column} ${type}`).join(', ')
  const { rows } = await sql.query<CloudRow>(
    `SELECT ${columnsOf(entity, 't.')} FROM ${SCHEMA}.${entity.table} AS t
     JOIN jsonb_to_recordset($1::jsonb) AS k(${types}) USING (${keyColumns(entity)})
     ORDER BY t.id${of.hold ? ' FOR UPDATE OF t' : ''}`,
    [JSON.stringify(of.keys)],
  )
  return new Map(rows.map((row) => [keyText(entity, row), row]))
}

/** Where a page ended: the id and the tenant of its last row. */
export interface PageEnd {
  id: string
  tenant: string
}

/** Those of these tenants that concern this site, in order of their ids. */
export async function readPage(
  sql: CloudSql,
  entity: Entity,
  of: { tenants: readonly string[]; names: FleetNames; after: PageEnd; limit: number },
): Promise<{ rows: CloudRow[]; end: PageEnd | null }> {
  const tenant = entity.table === 'tenants' ? 't.id' : 't.tenant_id'
  const own = entity.seen.includes('site_id') ? 't.site_id = $5::uuid' : '$5::uuid IS NOT NULL'
  const { rows } = await sql.query<CloudRow>(
    `SELECT ${columnsOf(entity, 't.')}, ${tenant} AS page_tenant FROM ${SCHEMA}.${entity.table} AS t
     WHERE ${tenant} = ANY ($1::uuid[]) AND (t.id, ${tenant}) > ($2::uuid, $3::uuid) AND ${own}
     ORDER BY t.id, ${tenant} LIMIT $4`,
    [of.tenants, of.after.id, of.after.tenant, of.limit, of.names.siteId],
  )
  const last = rows.at(-1)
  return { rows, end: last ? { id: String(last['id']), tenant: String(last['page_tenant']) } : null }
}

/** @returns the stamps that they have now, by key; without those that were there already, seen or not */
export function insertRows(sql: CloudSql, entity: Entity, rows: readonly WrittenRow[]) {
  const columns = [
    ...new Set([...keyNames(entity), ...entity.once, ...twoWayColumns(entity), ...entity.up]),
  ].join(', ')
  return written(sql, entity, {
    rows,
    statement: `INSERT INTO ${SCHEMA}.${entity.table} AS t (${columns}, field_versions)
      SELECT ${columns}, field_versions FROM jsonb_populate_recordset(NULL::${SCHEMA}.${entity.table}, $1::jsonb)
      ON CONFLICT (${keyColumns(entity)}) DO NOTHING`,
  })
}

/** @param ours whether also the columns are set that only this site writes @returns the stamps that they have now */
export function updateRows(
  sql: CloudSql,
  entity: Entity,
  { rows, ours }: { rows: readonly WrittenRow[]; ours: boolean },
) {
  const set = [...new Set([...twoWayColumns(entity), ...(ours ? entity.up : []), 'field_versions'])]
  return written(sql, entity, {
    rows,
    statement: `UPDATE ${SCHEMA}.${entity.table} AS t SET ${set.map((column) => `${column} = n.${column}`).join(', ')}
      FROM jsonb_populate_recordset(NULL::${SCHEMA}.${entity.table}, $1::jsonb) AS n
      WHERE ${keyNames(entity)
        .map((column) => `t.${column} = n.${column}`)
        .join(' AND ')}`,
  })
}

async function written(
  sql: CloudSql,
  entity: Entity,
  { rows, statement }: { rows: readonly WrittenRow[]; statement: string },
): Promise<Map<string, Record<string, string>>> {
  if (rows.length === 0) return new Map()
  const given = rows.map(({ columns, stamps }) => ({ ...columns, field_versions: stamps }))
  const keys = keyNames(entity).map((column) => `t.${column}`)
  const result = await sql.query<CloudRow>(`${statement} RETURNING ${keys.join(', ')}, t.field_versions`, [
    JSON.stringify(given),
  ])
  return new Map(result.rows.map((row) => [keyText(entity, row), stampsOf(row)]))
}

/** What of this site is gone. Of others' rows nothing changes. */
export async function endRows(
  sql: CloudSql,
  entity: Entity,
  of: { keys: readonly Record<string, string>[]; names: FleetNames },
): Promise<void> {
  if (entity.whenGone === undefined || of.keys.length === 0) return
  const types = entity.key.map(({ column, type }) => `${column} ${type}`).join(', ')
  await sql.query(
    `UPDATE ${SCHEMA}.${entity.table} AS t SET ${entity.whenGone} FROM jsonb_to_recordset($1::jsonb) AS k(${types})
     WHERE ${keyNames(entity)
       .map((column) => `t.${column} = k.${column}`)
       .join(' AND ')} AND t.site_id = $2::uuid AND t.deleted_at IS NULL`,
    [JSON.stringify(of.keys), of.names.siteId],
  )
}

export function stampsOf(row: CloudRow): Record<string, string> {
  return (row['field_versions'] ?? {}) as Record<string, string>
}

function keyNames(entity: Entity): string[] {
  return entity.key.map(({ column }) => column)
}

function keyColumns(entity: Entity): string {
  return keyNames(entity).join(', ')
}

function twoWayColumns(entity: Entity): string[] {
  return entity.twoWay.map(({ column }) => column)
}

function columnsOf(entity: Entity, prefix: string): string {
  const columns = [...keyNames(entity), ...twoWayColumns(entity), ...entity.seen, 'field_versions']
  return [...new Set(columns)].map((column) => `${prefix}${column}`).join(', ')
}
