import type { SiteDb } from '#platform/db/site-db.ts'
import { inPages } from './plain-json.ts'

interface TenantFile {
  name: string
  what: string
  rows: () => AsyncIterable<object>
}

/** What the site's store has of a tenant, file by file; without hashes, keys and other secrets. */
export function tenantFiles(db: SiteDb, tenantId: string): TenantFile[] {
  const all = (rows: () => Promise<object[]>) =>
    async function* () {
      yield* await rows()
    }
  return [
    {
      name: 'groups.json',
      what: 'its tree',
      rows: all(() => db.selectFrom('groups').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'roles.json',
      what: 'its own roles',
      rows: all(() => db.selectFrom('roles').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'people.json',
      what: 'who belongs to it, and as what',
      rows: all(() => people(db, tenantId)),
    },
    {
      name: 'gateways.json',
      what: 'its gateways',
      rows: all(() => db.selectFrom('gateways').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'assignments.json',
      what: 'from when to when gateways were its own',
      rows: all(() => db.selectFrom('assignments').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'certificates.json',
      what: 'certificates of its gateways and MQTT clients; the keys are theirs alone',
      rows: all(() => certificates(db, tenantId)),
    },
    {
      name: 'channels.json',
      what: 'what its gateways measure',
      rows: all(() => db.selectFrom('channels').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'mqtt-clients.json',
      what: 'its MQTT clients',
      rows: all(() =>
        db
          .selectFrom('mqttClients')
          .select([
            'id',
            'name',
            'username',
            'groupId',
            'ownerUserId',
            'rights',
            'topics',
            'prefix',
            'state',
            'createdAt',
            'expiresAt',
            'lastConnectedAt',
            'lastAddress',
          ])
          .where('tenantId', '=', tenantId)
          .execute(),
      ),
    },
    {
      name: 'api-keys.json',
      what: 'its API keys',
      rows: all(() =>
        db
          .selectFrom('apiKeys')
          .select([
            'id',
            'name',
            'prefix',
            'groupId',
            'ownerUserId',
            'scopes',
            'createdAt',
            'expiresAt',
            'lastUsedAt',
            'lastUsedAddress',
            'revokedAt',
          ])
          .where('tenantId', '=', tenantId)
          .execute(),
      ),
    },
    {
      name: 'views.json',
      what: 'trends and dashboards',
      rows: all(() => db.selectFrom('views').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'annotations.json',
      what: 'notes at times',
      rows: all(() => db.selectFrom('annotations').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'calculations.json',
      what: 'calculated channels; channels stand by their ids',
      rows: all(() => db.selectFrom('calculations').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'refusals.json',
      what: 'connections and messages that were refused',
      rows: all(() => db.selectFrom('refusals').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'history.json',
      what: 'when gateways connected, and changed their state',
      rows: () =>
        inPages((after: { id: number } | null, limit) =>
          db
            .selectFrom('gatewayHistory')
            .selectAll()
            .where('tenantId', '=', tenantId)
            .where('id', '>', after?.id ?? 0)
            .orderBy('id')
            .limit(limit)
            .execute(),
        ),
    },
    {
      name: 'usage.json',
      what: 'messages by the hour, and what of them was limited',
      rows: all(() => db.selectFrom('tenantUsage').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'firmware.json',
      what: 'firmware bundles, without their files',
      rows: all(() =>
        db
          .selectFrom('firmwareBundles')
          .select([
            'id',
            'name',
            'version',
            'kind',
            'builds',
            'hash',
            'size',
            'publicKey',
            'importedAt',
            'importedByName',
          ])
          .where('tenantId', '=', tenantId)
          .execute(),
      ),
    },
    {
      name: 'firmware-publishers.json',
      what: 'whose signature on firmware is trusted',
      rows: all(() =>
        db.selectFrom('firmwarePublishers').selectAll().where('tenantId', '=', tenantId).execute(),
      ),
    },
    {
      name: 'wifi-networks.json',
      what: 'networks that boards are told of, without their passwords',
      rows: all(() =>
        db
          .selectFrom('wifiNetworks')
          .select(['id', 'ssid', 'createdAt', 'createdByName'])
          .where('tenantId', '=', tenantId)
          .execute(),
      ),
    },
    {
      name: 'bench-runs.json',
      what: 'set-ups with which boards were flashed',
      rows: all(() => db.selectFrom('benchRuns').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'flash-jobs.json',
      what: 'boards that were flashed, and how it went',
      rows: all(() => db.selectFrom('flashJobs').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'birth-records.json',
      what: 'how gateways came to be, signed',
      rows: all(() => db.selectFrom('birthRecords').selectAll().where('tenantId', '=', tenantId).execute()),
    },
    {
      name: 'jobs.json',
      what: 'exports, imports and other jobs',
      rows: all(() =>
        db
          .selectFrom('jobs')
          .select([
            'id',
            'kind',
            'subject',
            'state',
            'createdByName',
            'createdAt',
            'endedAt',
            'result',
            'fileName',
            'fileBytes',
          ])
          .where('tenantId', '=', tenantId)
          .execute(),
      ),
    },
  ]
}

function people(db: SiteDb, tenantId: string) {
  return db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.userId')
    .innerJoin('roles', 'roles.id', 'memberships.roleId')
    .select((eb) => [
      'users.id',
      'users.email',
      // An account that is not theirs yet shows nothing of itself.
      eb.fn.coalesce('memberships.invitedName', 'users.name').as('name'),
      'roles.name as role',
      'memberships.reach',
      'memberships.createdAt',
      'memberships.invitedAt',
    ])
    .where('memberships.tenantId', '=', tenantId)
    .execute()
}

function certificates(db: SiteDb, tenantId: string) {
  return db
    .selectFrom('certificates')
    .leftJoin('gateways', 'gateways.id', 'certificates.gatewayId')
    .leftJoin('mqttClients', 'mqttClients.id', 'certificates.mqttClientId')
    .selectAll('certificates')
    .where((eb) => eb.or([eb('gateways.tenantId', '=', tenantId), eb('mqttClients.tenantId', '=', tenantId)]))
    .execute()
}
