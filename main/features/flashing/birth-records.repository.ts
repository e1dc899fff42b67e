import type { Selectable } from 'kysely'
import type { BirthRecordTable } from '#platform/db/flashing-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type BirthRecordRow = Selectable<BirthRecordTable>

/** One a job: what is done again replaces nothing that was signed. */
export function insertRecord(trx: SiteTrx, row: BirthRecordRow) {
  return trx
    .insertInto('birthRecords')
    .values(row)
    .onConflict((conflict) => conflict.column('jobId').doNothing())
    .execute()
}

/** The newest of a gateway within the tenant that has it. */
export function recordOfGateway(
  db: SiteDb,
  { gatewayId, tenantId }: { gatewayId: string; tenantId: string },
): Promise<BirthRecordRow | undefined> {
  return db
    .selectFrom('birthRecords')
    .selectAll()
    .where('gatewayId', '=', gatewayId)
    .where('tenantId', '=', tenantId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst()
}
