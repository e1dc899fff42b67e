/**
 * Of the migration `0010-cloud`, and as little to be changed as that.
 *
 * Triggers that note, in the transaction of a change itself, what changed that the cloud should hear of: objects in
 * `cloudOutbox`, and for fields that are changed on both sides their stamps in `cloudVersions`. Only where the tenant's
 * fleet is sent; elsewhere they cost one look at an empty table.
 *
 * `cloud_stamp` is given to a connection by `change-stamps.ts`. Triggers that only queue do without, so that they also work
 * on a connection that lacks it.
 */
type Row = 'old' | 'new'

interface Watched {
  table: string
  entity: string
  /** SQL of the object's id in the outbox, and of its tenant. */
  id: (row: Row) => string
  tenant: (row: Row) => string
  /** Columns whose change is sent. */
  sent: readonly string[]
  /** Those of them that are changed on both sides too. */
  twoWay: readonly string[]
  only?: (row: Row) => string
}

const own = (row: Row): string => `${row}.id`
const ofTenant = (row: Row): string => `${row}.tenantId`
const member = (row: Row): string => `${row}.tenantId || '/' || ${row}.userId`
const gatewayTenant = (id: string): string => `(select tenantId from gateways where id = ${id})`

const watched: readonly Watched[] = [
  {
    table: 'tenants',
    entity: 'tenant',
    id: own,
    tenant: own,
    sent: ['name', 'state', 'slug'],
    twoWay: ['name', 'state'],
  },
  {
    table: 'groups',
    entity: 'group',
    id: own,
    tenant: ofTenant,
    sent: ['name', 'parentId'],
    twoWay: ['name', 'parentId'],
  },
  {
    table: 'memberships',
    entity: 'user',
    id: member,
    tenant: ofTenant,
    sent: ['roleId', 'reach', 'invitedAt', 'invitedName'],
    twoWay: [],
  },
  {
    table: 'membershipGroups',
    entity: 'user',
    id: member,
    tenant: ofTenant,
    sent: ['groupId'],
    twoWay: [],
  },
  {
    table: 'gateways',
    entity: 'gateway',
    id: own,
    tenant: ofTenant,
    // Not `lastSeenAt`, which changes with every connection.
    sent: [
      'tenantId',
      'groupId',
      'ownerUserId',
      'mac',
      'code',
      'label',
      'name',
      'platform',
      'hardwareRevision',
      'firmwareVersion',
      'maxDevices',
      'dialect',
      'profileId',
      'credential',
      'metadata',
      'state',
      'bindState',
      'claimedAt',
      'activatedAt',
      'deletedAt',
    ],
    twoWay: ['name', 'state', 'tenantId', 'groupId', 'ownerUserId'],
  },
  {
    table: 'assignments',
    entity: 'assignment',
    id: own,
    tenant: ofTenant,
    sent: ['tenantId', 'groupId', 'ownerUserId', 'toAt', 'code'],
    twoWay: [],
  },
  {
    table: 'channels',
    entity: 'channel',
    id: own,
    tenant: ofTenant,
    sent: ['name', 'unit', 'kind', 'lowLimit', 'highLimit'],
    twoWay: [],
  },
  {
    table: 'certificates',
    entity: 'certificate',
    id: own,
    // Of a gateway that is erased it has lost its gateway.
    tenant: (row) => gatewayTenant(row === 'new' ? 'new.gatewayId' : 'old.gatewayId'),
    sent: ['gatewayId', 'subject', 'pem', 'state', 'revokedAt', 'revocationReason'],
    twoWay: [],
    only: (row) => `${row}.kind = 'gateway'`,
  },
]

/** What is part of a gateway there: its table, and which gateways are concerned. */
const parts = [
  { table: 'gatewayAliases', sent: ['value'], gateways: (row: Row) => `id = ${row}.gatewayId` },
  {
    table: 'gatewaySecrets',
    sent: ['state', 'salt', 'hash'],
    gateways: (row: Row) => `id = ${row}.gatewayId`,
  },
  { table: 'gatewayProfiles', sent: ['name'], gateways: (row: Row) => `profileId = ${row}.id`, isOwn: true },
  // Its topics are those of all that speak it.
  { table: 'dialects', sent: ['definition'], gateways: (row: Row) => `dialect = ${row}.name` },
]

const NODE = `coalesce((select lower(substr(replace(siteId, '-', ''), 1, 8)) from cloudLink where id = 1), '00000000')`
const NOW = `cast(round(unixepoch('subsec') * 1000) as integer)`
const ANY = `exists (select 1 from cloudTenants where mode <> 'off')`

function isSent(...tenants: string[]): string {
  return `exists (select 1 from cloudTenants where tenantId in (${tenants.join(', ')}) and mode <> 'off')`
}

/** At the end of the outbox, under a new number: what is sent just now does not take the change along. */
function queue({ entity, id, tenant }: Watched, row: Row): string {
  return `delete from cloudOutbox where entity = '${entity}' and id = ${id(row)};
    insert into cloudOutbox (entity, id, tenantId, queuedAt) values ('${entity}', ${id(row)}, ${tenant(row)}, ${NOW});`
}

function queueGateways(where: string): string {
  const chosen = `from gateways join cloudTenants on cloudTenants.tenantId = gateways.tenantId and mode <> 'off' where ${where}`
  return `delete from cloudOutbox where entity = 'gateway' and id in (select gateways.id ${chosen});
    insert into cloudOutbox (entity, id, tenantId, queuedAt) select 'gateway', gateways.id, gateways.tenantId, ${NOW} ${chosen};`
}

function differs(columns: readonly string[]): string {
  return `(${columns.map((column) => `old.${column} is not new.${column}`).join(' or ')})`
}

function trigger(name: string, when: string, of: { event: string; body: string }): string {
  return `create trigger cloud_${name} ${of.event} when ${when} begin ${of.body} end`
}

function stampColumn(entity: string, id: string, column: string): string {
  return `insert into cloudVersions (entity, id, field, stamp)
    select '${entity}', ${id}, '${column}', cloud_stamp(${NODE}) where old.${column} is not new.${column}
    on conflict (entity, id, field) do update set stamp = excluded.stamp;`
}

function triggersOf(one: Watched): string[] {
  const { table, entity, id, tenant, sent, twoWay, only } = one
  const also = (row: Row): string => (only ? `${only(row)} and ` : '')
  const made = [
    trigger(`${table}_insert`, also('new') + isSent(tenant('new')), {
      event: `after insert on ${table}`,
      body: queue(one, 'new'),
    }),
    trigger(`${table}_update`, `${also('new')}${differs(sent)} and ${isSent(tenant('old'), tenant('new'))}`, {
      event: `after update of ${sent.join(', ')} on ${table}`,
      body: queue({ ...one, tenant: (row) => `coalesce(${tenant(row)}, ${tenant('old')})` }, 'new'),
    }),
    trigger(`${table}_delete`, also('old') + isSent(tenant('old')), {
      event: `after delete on ${table}`,
      body: queue(one, 'old'),
    }),
  ]
  if (twoWay.length > 0)
    made.push(
      trigger(`${table}_stamp`, `${differs(twoWay)} and ${isSent(tenant('old'), tenant('new'))}`, {
        event: `after update of ${twoWay.join(', ')} on ${table}`,
        body: twoWay.map((column) => stampColumn(entity, id('new'), column)).join(' '),
      }),
    )
  return made
}

function triggersOfPart({ table, sent, gateways }: (typeof parts)[number]): string[] {
  return [
    trigger(`${table}_insert`, ANY, {
      event: `after insert on ${table}`,
      body: queueGateways(`gateways.${gateways('new')}`),
    }),
    trigger(`${table}_update`, `${differs(sent)} and ${ANY}`, {
      event: `after update of ${sent.join(', ')} on ${table}`,
      body: queueGateways(`gateways.${gateways('new')}`),
    }),
    trigger(`${table}_delete`, ANY, {
      event: `after delete on ${table}`,
      body: queueGateways(`gateways.${gateways('old')}`),
    }),
  ]
}

const membersBy = (column: 'userId' | 'roleId') =>
  `from memberships join cloudTenants on cloudTenants.tenantId = memberships.tenantId and mode <> 'off'
  where memberships.${column} = new.id`
const memberId = `memberships.tenantId || '/' || memberships.userId`

function queueMembers(members: string): string {
  return `delete from cloudOutbox where entity = 'user' and id in (select ${memberId} ${members});
    insert into cloudOutbox (entity, id, tenantId, queuedAt) select 'user', ${memberId}, memberships.tenantId, ${NOW} ${members};`
}

/** A person is one object in each tenant. */
const ofPeople = [
  trigger('users_update', `${differs(['email', 'username', 'name', 'state', 'passwordHash'])} and ${ANY}`, {
    event: 'after update of email, username, name, state, passwordHash on users',
    body: queueMembers(membersBy('userId')),
  }),
  trigger('roles_update', `${differs(['name'])} and ${ANY}`, {
    event: 'after update of name on roles',
    body: queueMembers(membersBy('roleId')),
  }),
  trigger('users_stamp', `old.state is not new.state and ${ANY}`, {
    event: 'after update of state on users',
    body: `insert into cloudVersions (entity, id, field, stamp) select 'user', ${memberId}, 'state', cloud_stamp(${NODE}) ${membersBy('userId')}
      on conflict (entity, id, field) do update set stamp = excluded.stamp;`,
  }),
  trigger('memberships_stamp', `old.invitedAt is not new.invitedAt and ${isSent('new.tenantId')}`, {
    event: 'after update of invitedAt on memberships',
    body: `insert into cloudVersions (entity, id, field, stamp) select 'user', ${member('new')}, 'state', cloud_stamp(${NODE}) where true
      on conflict (entity, id, field) do update set stamp = excluded.stamp;`,
  }),
]

const others = [
  // Its deletion is a change of a field there: others may have renamed it meanwhile.
  trigger('groups_gone', isSent('old.tenantId'), {
    event: 'after delete on groups',
    body: `insert into cloudVersions (entity, id, field, stamp) select 'group', old.id, 'deleted', cloud_stamp(${NODE}) where true
      on conflict (entity, id, field) do update set stamp = excluded.stamp;`,
  }),
  // Before, for its link with the cloud goes along: what this site sent of it is deleted there too.
  trigger('tenants_gone', 'exists (select 1 from cloudTenants where tenantId = old.id)', {
    event: 'before delete on tenants',
    body: `delete from cloudOutbox where tenantId = old.id;
      insert into cloudOutbox (entity, id, queuedAt) select 'tenant_gone', cloudTenantId, ${NOW} from cloudTenants where tenantId = old.id;`,
  }),
  // They belong to whom the gateway belongs to now.
  trigger(
    'gateways_moved',
    `old.tenantId is not new.tenantId and ${isSent('old.tenantId', 'new.tenantId')}`,
    {
      event: 'after update of tenantId on gateways',
      body: `delete from cloudOutbox where entity = 'certificate' and id in (select id from certificates where gatewayId = new.id);
      insert into cloudOutbox (entity, id, tenantId, queuedAt) select 'certificate', id, new.tenantId, ${NOW} from certificates where gatewayId = new.id;`,
    },
  ),
]

/** A tenant that is deleted is another kind of change. */
const replaced = /^create trigger cloud_tenants_delete /

/** Note, in the transaction of the change itself, what changed that the cloud should hear of. */
export const changeTriggers: readonly string[] = [
  ...watched.flatMap(triggersOf).filter((statement) => !replaced.test(statement)),
  ...parts.flatMap(triggersOfPart),
  ...ofPeople,
  ...others,
]
