import type { Insertable, Updateable } from 'kysely'
import type { MqttClientTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type MqttClientRow = NonNullable<Awaited<ReturnType<typeof clientById>>>

/** Clients with what they belong to and the newest of their certificates that counts. */
function clients(db: SiteDb | SiteTrx) {
  return db
    .selectFrom('mqttClients')
    .innerJoin('tenants', 'tenants.id', 'mqttClients.tenantId')
    .leftJoin('groups', 'groups.id', 'mqttClients.groupId')
    .leftJoin('users', 'users.id', 'mqttClients.ownerUserId')
    .leftJoin('certificates', (join) =>
      join.on('certificates.id', '=', (eb) =>
        eb
          .selectFrom('certificates as newest')
          .select('newest.id')
          .whereRef('newest.mqttClientId', '=', 'mqttClients.id')
          .where('newest.state', '=', 'active')
          .orderBy('newest.createdAt', 'desc')
          .orderBy('newest.id', 'desc')
          .limit(1),
      ),
    )
    .selectAll('mqttClients')
    .select([
      'tenants.slug as tenantSlug',
      'tenants.name as tenantName',
      'tenants.state as tenantState',
      'groups.name as groupName',
      'users.name as ownerName',
      'users.state as ownerState',
      'users.siteAdmin as ownerIsSiteAdmin',
      'certificates.serial',
      'certificates.fingerprint',
      'certificates.notAfter',
    ])
}

export function allClients(db: SiteDb | SiteTrx) {
  return clients(db).orderBy('mqttClients.name').orderBy('mqttClients.id').execute()
}

export function clientById(db: SiteDb | SiteTrx, id: string) {
  return clients(db).where('mqttClients.id', '=', id).executeTakeFirst()
}

export function clientByUsername(db: SiteDb | SiteTrx, username: string) {
  return clients(db).where('mqttClients.username', '=', username).executeTakeFirst()
}

export function ownClient(db: SiteDb | SiteTrx, ownerUserId: string, tenantId: string) {
  return clients(db)
    .where('mqttClients.ownerUserId', '=', ownerUserId)
    .where('mqttClients.tenantId', '=', tenantId)
    .executeTakeFirst()
}

export function insertClient(trx: SiteTrx, client: Insertable<MqttClientTable>) {
  return trx.insertInto('mqttClients').values(client).execute()
}

export function updateClient(db: SiteDb | SiteTrx, id: string, changes: Updateable<MqttClientTable>) {
  return db.updateTable('mqttClients').set(changes).where('id', '=', id).execute()
}

export function deleteClient(trx: SiteTrx, id: string) {
  return trx.deleteFrom('mqttClients').where('id', '=', id).execute()
}

/** Every certificate of clients with its state, of all or of one. */
export function clientCertificates(db: SiteDb | SiteTrx, clientId: string | null) {
  let query = db
    .selectFrom('certificates')
    .select(['mqttClientId', 'fingerprint', 'state'])
    .where('mqttClientId', 'is not', null)
  if (clientId !== null) query = query.where('mqttClientId', '=', clientId)
  return query.execute()
}
