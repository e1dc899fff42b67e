import type { Selectable } from 'kysely'
import type { TenantScope } from '#features/access/index.ts'
import type { WifiNetworkTable } from '#platform/db/flashing-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type WifiRow = Selectable<WifiNetworkTable>

function networks(db: SiteDb | SiteTrx, scope: TenantScope) {
  const query = db.selectFrom('wifiNetworks').selectAll()
  return scope.all ? query : query.where('tenantId', '=', scope.tenantId)
}

export function listNetworks(db: SiteDb | SiteTrx, scope: TenantScope, tenantId: string): Promise<WifiRow[]> {
  return networks(db, scope).where('tenantId', '=', tenantId).orderBy('ssid').execute()
}

export function networkById(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
  id: string,
): Promise<WifiRow | undefined> {
  return networks(db, scope).where('id', '=', id).executeTakeFirst()
}

export function networkNamed(trx: SiteTrx, tenantId: string, ssid: string): Promise<WifiRow | undefined> {
  return trx
    .selectFrom('wifiNetworks')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where('ssid', '=', ssid)
    .executeTakeFirst()
}

export function insertNetwork(trx: SiteTrx, row: WifiRow) {
  return trx.insertInto('wifiNetworks').values(row).execute()
}

export function updateNetwork(
  trx: SiteTrx,
  id: string,
  changes: Pick<WifiRow, 'sealedSecretId' | 'createdAt' | 'createdByName'>,
) {
  return trx.updateTable('wifiNetworks').set(changes).where('id', '=', id).execute()
}

export function deleteNetwork(trx: SiteTrx, id: string) {
  return trx.deleteFrom('wifiNetworks').where('id', '=', id).execute()
}

export async function sealedBox(db: SiteDb | SiteTrx, id: string): Promise<Uint8Array | null> {
  const row = await db.selectFrom('sealedSecrets').select('box').where('id', '=', id).executeTakeFirst()
  return row?.box ?? null
}

export function insertSealed(
  trx: SiteTrx,
  secret: { id: string; purpose: string; box: Uint8Array<ArrayBuffer>; createdAt: number },
) {
  return trx.insertInto('sealedSecrets').values(secret).execute()
}

export function deleteSealed(trx: SiteTrx, id: string) {
  return trx.deleteFrom('sealedSecrets').where('id', '=', id).execute()
}
