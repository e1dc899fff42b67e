import type { Insertable, Selectable, Updateable } from 'kysely'
import type { SignOnProviderTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type ProviderRow = Selectable<SignOnProviderTable>

export function listProviders(db: SiteDb | SiteTrx): Promise<ProviderRow[]> {
  return db.selectFrom('signOnProviders').selectAll().orderBy('name').execute()
}

export function enabledProviders(db: SiteDb): Promise<{ id: string; name: string }[]> {
  return db
    .selectFrom('signOnProviders')
    .select(['id', 'name'])
    .where('enabled', '=', 1)
    .orderBy('name')
    .execute()
}

export function providerById(db: SiteDb | SiteTrx, id: string): Promise<ProviderRow | undefined> {
  return db.selectFrom('signOnProviders').selectAll().where('id', '=', id).executeTakeFirst()
}

export function insertProvider(trx: SiteTrx, row: Insertable<SignOnProviderTable>) {
  return trx.insertInto('signOnProviders').values(row).execute()
}

export function updateProvider(trx: SiteTrx, id: string, changes: Updateable<SignOnProviderTable>) {
  return trx.updateTable('signOnProviders').set(changes).where('id', '=', id).execute()
}

/** With it go its sessions, links to accounts, and the memberships that its groups gave. */
export function deleteProvider(trx: SiteTrx, id: string) {
  return trx.deleteFrom('signOnProviders').where('id', '=', id).execute()
}

export async function sessionsOf(trx: SiteTrx, providerId: string): Promise<string[]> {
  const rows = await trx.selectFrom('sessions').select('id').where('providerId', '=', providerId).execute()
  return rows.map(({ id }) => id)
}

export function deleteSessionsOf(trx: SiteTrx, providerId: string) {
  return trx.deleteFrom('sessions').where('providerId', '=', providerId).execute()
}

export async function sealedSecret(db: SiteDb, id: string): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom('sealedSecrets').select('box').where('id', '=', id).executeTakeFirst()
  return row?.box
}

export function insertSealedSecret(
  trx: SiteTrx,
  secret: { id: string; purpose: string; box: Uint8Array; createdAt: number },
) {
  return trx.insertInto('sealedSecrets').values(secret).execute()
}

export function deleteSealedSecret(trx: SiteTrx, id: string) {
  return trx.deleteFrom('sealedSecrets').where('id', '=', id).execute()
}
