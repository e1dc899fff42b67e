import { createHash } from 'node:crypto'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { CloudSql } from './cloud-sql.ts'
import type { FieldValue, Stamped } from './merge-field.ts'

/** Two values of a field, changed on both sides. */
export interface FoundConflict {
  tenantId: string
  cloudTenantId: string
  entity: string
  /** Here. */
  entityId: string
  /** There. */
  cloudEntityId: string
  field: string
  kept: Stamped
  lost: Stamped
}

/** Node of the stamps of changes that were made in the cloud itself. */
const CLOUD_NODE = 'cccccccc'

/** Who made a change: `cloud`, or the node of a site. */
export function authorOf(stamp: string): string {
  const node = stamp.slice(-CLOUD_NODE.length)
  return node === CLOUD_NODE ? 'cloud' : node
}

/** The same for the same two changes, so that what is found again after a crash is not told twice. */
function idOf({ entity, cloudEntityId, field, kept, lost }: FoundConflict): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([entity, cloudEntityId, field, kept.stamp, lost.stamp]))
    .digest()
  // RFC 9562 5.8: a version 8 UUID is the maker's own.
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/** What somebody wrote into the store by hand can be of any length; there is room for less in a list of conflicts. */
const MOST = 1_000

function inShort(value: FieldValue): FieldValue {
  return typeof value === 'string' && value.length > MOST ? `${value.slice(0, MOST).toWellFormed()}…` : value
}

/** For everyone who has the tenant. */
export async function tellConflicts(
  sql: CloudSql,
  siteId: string,
  conflicts: readonly FoundConflict[],
): Promise<void> {
  if (conflicts.length === 0) return
  const rows = conflicts.map((conflict) => ({
    id: idOf(conflict),
    tenant_id: conflict.cloudTenantId,
    site_id: siteId,
    entity: conflict.entity,
    entity_id: conflict.cloudEntityId,
    field: conflict.field,
    kept: inShort(conflict.kept.value),
    kept_stamp: conflict.kept.stamp,
    kept_by: authorOf(conflict.kept.stamp),
    other: inShort(conflict.lost.value),
    other_stamp: conflict.lost.stamp,
    other_by: authorOf(conflict.lost.stamp),
  }))
  await sql.query(
    `INSERT INTO millwright.conflicts
       (id, tenant_id, site_id, entity, entity_id, field, kept, kept_stamp, kept_by, other, other_stamp, other_by)
     SELECT id, tenant_id, site_id, entity, entity_id, field, kept, kept_stamp, kept_by, other, other_stamp, other_by
     FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, tenant_id uuid, site_id uuid, entity text, entity_id uuid, field text,
       kept jsonb, kept_stamp text, kept_by text, other jsonb, other_stamp text, other_by text)
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(rows)],
  )
}

/** Found here alone: what lost is a change that could not be sent. */
export async function keepConflicts(
  db: SiteDb | SiteTrx,
  conflicts: readonly FoundConflict[],
  now: number,
): Promise<void> {
  for (const conflict of conflicts)
    await db
      .insertInto('cloudConflicts')
      .values({
        id: idOf(conflict),
        tenantId: conflict.tenantId,
        entity: conflict.entity,
        entityId: conflict.entityId,
        field: conflict.field,
        kept: JSON.stringify(conflict.kept.value),
        keptStamp: conflict.kept.stamp,
        keptBy: authorOf(conflict.kept.stamp),
        other: JSON.stringify(conflict.lost.value),
        otherStamp: conflict.lost.stamp,
        otherBy: authorOf(conflict.lost.stamp),
        at: now,
      })
      .onConflict((clash) => clash.column('id').doNothing())
      .execute()
}

export function readValue(json: string): FieldValue {
  return JSON.parse(json) as FieldValue
}
