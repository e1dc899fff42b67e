import { sql } from 'kysely'
import type { SiteDb } from '#platform/db/site-db.ts'

/** How many objects of a tenant would be sent, about: its gateways and what hangs on them, groups, people. */
export async function objectsOf(db: SiteDb, tenantId: string): Promise<number> {
  const { rows } = await sql<{ objects: number }>`
    SELECT (SELECT count(*) FROM gateways WHERE tenantId = ${tenantId})
      + (SELECT count(*) FROM channels WHERE tenantId = ${tenantId})
      + (SELECT count(*) FROM "groups" WHERE tenantId = ${tenantId})
      + (SELECT count(*) FROM memberships WHERE tenantId = ${tenantId})
      + (SELECT count(*) FROM assignments WHERE tenantId = ${tenantId}) + 1 AS objects
  `.execute(db)
  return rows[0]?.objects ?? 0
}
