import { sql } from 'kysely'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { ColumnValue, Entity, FleetNames, LocalObject } from '../entity.ts'
import type { GatewayAccess } from '../gateway-access.ts'
import { moment } from '../moments.ts'
import { listed } from './listed.ts'

/** With what a broker in the cloud lets it in by, and which topics it has there: as the broker of the site does. */
export function gatewaysWith(access: GatewayAccess): Entity {
  return {
    name: 'gateway',
    table: 'gateways',
    key: [{ column: 'id', type: 'uuid' }],
    twoWay: [
      { column: 'name', field: 'name' },
      { column: 'state', field: 'state' },
      { column: 'tenant_id', field: 'tenantId' },
      { column: 'group_id', field: 'groupId' },
      { column: 'owner_user_id', field: 'ownerUserId' },
    ],
    up: [
      'mac',
      'code',
      'label',
      'platform',
      'hardware_revision',
      'firmware_version',
      'max_devices',
      'dialect',
      'profile',
      'credential',
      'metadata',
      'bind_state',
      'claimed_at',
      'activated_at',
      'deleted_at',
      'secret_salt',
      'secret_hash',
      'usernames',
      'client_ids',
      'topics',
    ],
    once: ['site_id', 'created_at', 'last_seen_at'],
    seen: ['site_id', 'deleted_at'],
    isOurs: (row, { siteId }) => row['site_id'] === siteId,
    // Nobody is let in by what is left of it.
    whenGone: `deleted_at = now(), secret_salt = NULL, secret_hash = NULL, usernames = '{}', client_ids = '{}', topics = '[]'`,
    keyOf: (id) => ({ id }),
    idOf: (row) => String(row['id']),
    read: (db, ids, names) => readGateways(db, { ids, names, access }),
  }
}

async function readGateways(
  db: SiteDb,
  { ids, names, access }: { ids: readonly string[]; names: FleetNames; access: GatewayAccess },
): Promise<Map<string, LocalObject>> {
  const rows = await gatewayRows(db, ids)
  const secrets = await newestSecrets(db, ids)
  const found = new Map<string, LocalObject>()
  for (const row of rows) {
    const tenant = names.cloudTenantOf(row.tenantId)
    if (tenant === null) continue
    const { usernames, clientIds, topics } = access.accessOf(row)
    const secret = secrets.get(row.id)
    const columns: Record<string, ColumnValue> = {
      id: row.id,
      tenant_id: tenant,
      site_id: names.siteId,
      group_id: row.groupId,
      owner_user_id: row.ownerUserId,
      mac: row.mac,
      code: row.code,
      label: row.label,
      name: row.name,
      platform: row.platform,
      hardware_revision: row.hardwareRevision,
      firmware_version: row.firmwareVersion,
      max_devices: row.maxDevices,
      dialect: row.dialect,
      profile: row.profile,
      credential: row.credential,
      metadata: readMetadata(row.metadata),
      state: row.state,
      bind_state: row.bindState,
      created_at: moment(row.createdAt),
      claimed_at: moment(row.claimedAt),
      activated_at: moment(row.activatedAt),
      last_seen_at: moment(row.lastSeenAt),
      deleted_at: moment(row.deletedAt),
      secret_salt: secret?.salt ?? null,
      secret_hash: secret?.hash ?? null,
      usernames: [...usernames],
      client_ids: [...clientIds],
      topics: topics.map((topic) => ({ ...topic })),
    }
    found.set(row.id, { tenantId: row.tenantId, columns })
  }
  return found
}

function readMetadata(json: string): ColumnValue {
  try {
    return JSON.parse(json) as ColumnValue
  } catch {
    // What somebody wrote into the store by hand: nothing else waits for it.
    return {}
  }
}

function gatewayRows(db: SiteDb, ids: readonly string[]) {
  return db
    .selectFrom('gateways')
    .leftJoin('gatewayProfiles', 'gatewayProfiles.id', 'gateways.profileId')
    .selectAll('gateways')
    .select('gatewayProfiles.name as profile')
    .select((eb) =>
      eb
        .selectFrom('gatewayAliases')
        .select(sql<string>`json_group_object(kind, value)`.as('all'))
        .whereRef('gatewayAliases.gatewayId', '=', 'gateways.id')
        .$asScalar()
        .$notNull()
        .as('aliases'),
    )
    .where('gateways.id', 'in', listed(ids))
    .execute()
}

/** There is room for one there: while a secret is renewed it is the new one, which works here beside the old. */
async function newestSecrets(db: SiteDb, ids: readonly string[]) {
  const rows = await db
    .selectFrom('gatewaySecrets')
    .select(['gatewayId', 'salt', 'hash'])
    .where('gatewayId', 'in', listed(ids))
    .where('state', '=', 'active')
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return new Map(rows.map((row) => [row.gatewayId, row]))
}
