import type { Insertable, Selectable, Updateable } from 'kysely'
import type { CalculationTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type CalculationRow = Selectable<CalculationTable>

/** Of all tenants: they are few, and live in memory. */
export function allCalculations(db: SiteDb): Promise<CalculationRow[]> {
  return db.selectFrom('calculations').selectAll().execute()
}

export function insertCalculation(trx: SiteTrx, row: Insertable<CalculationTable>) {
  return trx.insertInto('calculations').values(row).execute()
}

export function updateCalculation(trx: SiteTrx, id: string, changes: Updateable<CalculationTable>) {
  return trx.updateTable('calculations').set(changes).where('id', '=', id).execute()
}

export function deleteCalculation(trx: SiteTrx, id: string) {
  return trx.deleteFrom('calculations').where('id', '=', id).execute()
}
