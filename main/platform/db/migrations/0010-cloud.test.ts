import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'

/** `sent` sends its fleet, `kept` does not. Each test is taken back. */
let db: SiteDb
beforeAll(async () => {
  db = await openSiteDb(':memory:', { now: () => 1_771_322_400_000 })
  await fill(db)
})
beforeEach(() => sql`savepoint test`.execute(db))
afterEach(async () => {
  await sql`rollback to test`.execute(db)
  await sql`release test`.execute(db)
})
afterAll(() => db.destroy())

async function fill(store: SiteDb): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(store)
  await run(`insert into cloudLink (id, host, port, database, username, sealedSecretId, insideNetwork, cloudId, siteId, siteKey,
    generation, token, tailSeq, joinedAt, joinedByName)
    values (1, 'h', 1, 'd', 'u', 's', 0, 'c', 'A1B2C3D4-0000-7000-8000-000000000001', 1, 1, 't', 0, 1, 'Ann')`)
  await run(
    `insert into dialects (name, definition, version, createdAt, updatedAt) values ('own', '{}', 1, 1, 1)`,
  )
  for (const id of ['sent', 'kept']) {
    await run(
      `insert into tenants (id, slug, name, state, createdAt) values ('${id}', '${id}', 'T', 'active', 1)`,
    )
    await run(`insert into cloudTenants (tenantId, cloudTenantId, mode)
      values ('${id}', 'c-${id}', '${id === 'sent' ? 'fleet' : 'off'}')`)
    await run(
      `insert into groups (id, tenantId, parentId, name, createdAt) values ('hall-${id}', '${id}', null, 'Hall', 1)`,
    )
    await run(
      `insert into users (id, email, name, siteAdmin, state, createdAt) values ('u-${id}', '${id}@x', 'U', 0, 'active', 1)`,
    )
    await run(
      `insert into roles (id, tenantId, name, permissions, createdAt) values ('r-${id}', '${id}', 'Guard', '[]', 1)`,
    )
    await run(
      `insert into memberships (userId, tenantId, roleId, reach, createdAt) values ('u-${id}', '${id}', 'r-${id}', 'groups', 1)`,
    )
    await run(`insert into membershipGroups values ('u-${id}', '${id}', 'hall-${id}')`)
    await run(`insert into gatewayProfiles (id, tenantId, name, dialect, credential, keyAlgorithm, maxDevices, version, createdAt, updatedAt)
      values ('p-${id}', '${id}', 'P', 'own', 'certificate', 'ec', 8, 1, 1, 1)`)
    await run(`insert into gateways (id, tenantId, assignmentId, code, label, name, maxDevices, dialect, profileId, state, metadata, createdAt, ownerUserId)
      values ('g-${id}', '${id}', 'a-${id}', 'G', 'L-${id}', 'N', 8, 'own', 'p-${id}', 'active', '{}', 1, 'u-${id}')`)
    await run(
      `insert into assignments (id, gatewayId, tenantId, fromAt) values ('a-${id}', 'g-${id}', '${id}', 1)`,
    )
    await run(`insert into channels (id, seriesId, assignmentId, gatewayId, tenantId, key, kind, createdAt)
      values ('c-${id}', ${id.charCodeAt(0)}, 'a-${id}', 'g-${id}', '${id}', 'k', 'number', 1)`)
    await run(`insert into certificates (id, kind, gatewayId, serial, subject, keyAlgorithm, fingerprint, pem, notBefore, notAfter, state, createdAt)
      values ('x-${id}', 'gateway', 'g-${id}', '${id}', 'CN', 'EC P-256', 'f-${id}', 'P', 1, 2, 'active', 1)`)
    await run(`insert into gatewayAliases (gatewayId, kind, value) values ('g-${id}', 'topic', 't-${id}')`)
    await run(
      `insert into gatewaySecrets (id, gatewayId, salt, hash, state, createdAt) values ('s-${id}', 'g-${id}', '00', '00', 'active', 1)`,
    )
  }
}

async function clear(): Promise<void> {
  await db.deleteFrom('cloudOutbox').execute()
  await db.deleteFrom('cloudVersions').execute()
}

async function noted() {
  const outbox = await db.selectFrom('cloudOutbox').select(['entity', 'id']).orderBy('seq').execute()
  const versions = await db.selectFrom('cloudVersions').select(['entity', 'id', 'field']).execute()
  return {
    queued: outbox.map(({ entity, id }) => `${entity} ${id}`).toSorted(),
    stamped: versions.map(({ entity, id, field }) => `${entity} ${id} ${field}`).toSorted(),
  }
}

test('what is new is queued, with no stamps: nobody has changed it yet', async () => {
  const { queued, stamped } = await noted()
  const expected = [
    'assignment a-sent',
    'certificate x-sent',
    'channel c-sent',
    'gateway g-sent',
    'group hall-sent',
    'user sent/u-sent',
  ]
  expect(queued).toEqual(expected)
  expect(stamped).toEqual([])
})

const gateway = ['gateway g-sent']
/** Statement (`@` is the tenant), what it queues, what it stamps. */
const changes: [string, string[], string[]][] = [
  [`update tenants set name = 'New' where id = '@'`, ['tenant sent'], ['tenant sent name']],
  [
    `update tenants set state = 'suspended', suspendedAt = 2 where id = '@'`,
    ['tenant sent'],
    ['tenant sent state'],
  ],
  [`update tenants set slug = 'new-@' where id = '@'`, ['tenant sent'], []],
  [`update tenants set gatewayQuota = 7 where id = '@'`, [], []],
  [`update groups set name = 'New' where id = 'hall-@'`, ['group hall-sent'], ['group hall-sent name']],
  [`update groups set name = name where id = 'hall-@'`, [], []],
  [
    `update groups set parentId = 'hall-@' where id = 'hall-@'`,
    ['group hall-sent'],
    ['group hall-sent parentId'],
  ],
  // Who had rights over it has them no more.
  [
    `delete from groups where id = 'hall-@'`,
    ['group hall-sent', 'user sent/u-sent'],
    ['group hall-sent deleted'],
  ],
  [`update users set name = 'New' where id = 'u-@'`, ['user sent/u-sent'], []],
  [`update users set email = 'new-@' where id = 'u-@'`, ['user sent/u-sent'], []],
  [`update users set username = 'new-@' where id = 'u-@'`, ['user sent/u-sent'], []],
  [`update users set passwordHash = 'new' where id = 'u-@'`, ['user sent/u-sent'], []],
  [`update users set state = 'suspended' where id = 'u-@'`, ['user sent/u-sent'], ['user sent/u-sent state']],
  [`update users set lastLoginAt = 9 where id = 'u-@'`, [], []],
  [`update memberships set roleId = 'operator' where userId = 'u-@'`, ['user sent/u-sent'], []],
  [`update memberships set reach = 'own' where userId = 'u-@'`, ['user sent/u-sent'], []],
  [
    `update memberships set invitedAt = 5 where userId = 'u-@'`,
    ['user sent/u-sent'],
    ['user sent/u-sent state'],
  ],
  [`update memberships set invitedName = 'N' where userId = 'u-@'`, ['user sent/u-sent'], []],
  [`delete from membershipGroups where userId = 'u-@'`, ['user sent/u-sent'], []],
  [`update roles set name = 'Keeper' where id = 'r-@'`, ['user sent/u-sent'], []],
  [`update roles set secondFactor = 1 where id = 'r-@'`, [], []],
  [`delete from memberships where userId = 'u-@'`, ['user sent/u-sent'], []],
  // It is nobody's then.
  [`delete from users where id = 'u-@'`, [...gateway, 'user sent/u-sent'], ['gateway g-sent ownerUserId']],
  [`update gateways set name = 'New' where id = 'g-@'`, gateway, ['gateway g-sent name']],
  [`update gateways set state = 'revoked' where id = 'g-@'`, gateway, ['gateway g-sent state']],
  [`update gateways set groupId = 'hall-@' where id = 'g-@'`, gateway, ['gateway g-sent groupId']],
  [`update gateways set ownerUserId = null where id = 'g-@'`, gateway, ['gateway g-sent ownerUserId']],
  ...['mac', 'platform', 'hardwareRevision', 'firmwareVersion', 'code'].map(
    (column): [string, string[], string[]] => [
      `update gateways set ${column} = 'n-@' where id = 'g-@'`,
      gateway,
      [],
    ],
  ),
  [`update gateways set label = 'new-@' where id = 'g-@'`, gateway, []],
  [`update gateways set metadata = '{"a":1}' where id = 'g-@'`, gateway, []],
  [`update gateways set maxDevices = 4 where id = 'g-@'`, gateway, []],
  [`update gateways set dialect = 'canonical' where id = 'g-@'`, gateway, []],
  [`update gateways set profileId = null where id = 'g-@'`, gateway, []],
  [`update gateways set credential = 'both' where id = 'g-@'`, gateway, []],
  [`update gateways set bindState = 'pending' where id = 'g-@'`, gateway, []],
  [`update gateways set claimedAt = 5, activatedAt = 6 where id = 'g-@'`, gateway, []],
  [`update gateways set deletedAt = 5 where id = 'g-@'`, gateway, []],
  [`update gateways set lastSeenAt = 5 where id = 'g-@'`, [], []],
  [`insert into gatewayAliases (gatewayId, kind, value) values ('g-@', 'user', 'u')`, gateway, []],
  [`update gatewayAliases set value = 'n-@' where gatewayId = 'g-@'`, gateway, []],
  [`delete from gatewayAliases where gatewayId = 'g-@'`, gateway, []],
  [
    `insert into gatewaySecrets (id, gatewayId, salt, hash, state, createdAt) values ('n-@', 'g-@', '00', '00', 'active', 1)`,
    gateway,
    [],
  ],
  [`update gatewaySecrets set state = 'revoked', revokedAt = 3 where gatewayId = 'g-@'`, gateway, []],
  [`delete from gatewaySecrets where gatewayId = 'g-@'`, gateway, []],
  [`update gatewayProfiles set name = 'New' where id = 'p-@'`, gateway, []],
  [`update gatewayProfiles set maxDevices = 3 where id = 'p-@'`, [], []],
  [`delete from gatewayProfiles where id = 'p-@'`, gateway, []],
  [`update assignments set toAt = 9, code = 'G' where id = 'a-@'`, ['assignment a-sent'], []],
  [`update assignments set groupId = 'hall-@' where id = 'a-@'`, ['assignment a-sent'], []],
  [`update channels set name = 'New' where id = 'c-@'`, ['channel c-sent'], []],
  [`update channels set unit = 'kW', lowLimit = 1, highLimit = 2 where id = 'c-@'`, ['channel c-sent'], []],
  [`update channels set kind = 'text' where id = 'c-@'`, ['channel c-sent'], []],
  [`update channels set retentionClass = (select id from retentionClasses limit 1) where id = 'c-@'`, [], []],
  [`delete from channels where id = 'c-@'`, ['channel c-sent'], []],
  [
    `update certificates set state = 'revoked', revokedAt = 3, revocationReason = 'r' where id = 'x-@'`,
    ['certificate x-sent'],
    [],
  ],
  [
    `update certificates set gatewayId = null, subject = '', pem = '' where id = 'x-@'`,
    ['certificate x-sent'],
    [],
  ],
]

test.each(changes)('%s', async (statement, queued, stamped) => {
  await clear()
  // Of the tenant that sends nothing.
  await sql.raw(statement.replaceAll('@', 'kept')).execute(db)
  expect(await noted()).toEqual({ queued: [], stamped: [] })
  await sql.raw(statement.replaceAll('@', 'sent')).execute(db)
  expect(await noted()).toEqual({ queued, stamped })
})

test('a dialect that changes changes the topics of all that speak it', async () => {
  await clear()
  await sql.raw(`update dialects set definition = '{"a":1}' where name = 'own'`).execute(db)
  expect(await noted()).toEqual({ queued: gateway, stamped: [] })
})

test('a gateway that goes to another tenant takes its certificates along, from and to one that sends its fleet', async () => {
  await clear()
  const both = { queued: ['certificate x-sent', 'gateway g-sent'], stamped: ['gateway g-sent tenantId'] }
  await sql.raw(`update gateways set tenantId = 'kept', code = 'N' where id = 'g-sent'`).execute(db)
  expect(await noted()).toEqual(both)
  await clear()
  await sql.raw(`update gateways set tenantId = 'sent' where id = 'g-sent'`).execute(db)
  expect(await noted()).toEqual(both)
})

test('a tenant that is deleted leaves only that, by its name in the cloud', async () => {
  for (const table of ['certificates', 'gatewaySecrets', 'channels', 'assignments', 'gateways'])
    await sql.raw(`delete from ${table} where id like '%-sent'`).execute(db)
  for (const table of ['memberships', 'groups', 'roles'])
    await sql.raw(`delete from ${table} where tenantId = 'sent'`).execute(db)
  await sql.raw(`delete from tenants where id = 'sent'`).execute(db)
  expect((await noted()).queued).toEqual(['tenant_gone c-sent'])
})

test('what is rolled back was never there; what changes twice waits once, at the end, with the later stamp', async () => {
  await clear()
  await sql`savepoint change`.execute(db)
  await sql`update gateways set name = 'New' where id = 'g-sent'`.execute(db)
  await sql`rollback to change`.execute(db)
  expect(await noted()).toEqual({ queued: [], stamped: [] })
  const change = (name: string) => sql`update gateways set name = ${name} where id = 'g-sent'`.execute(db)
  const state = async () => ({
    ...(await db.selectFrom('cloudOutbox').select('seq').executeTakeFirstOrThrow()),
    ...(await db.selectFrom('cloudVersions').select(['stamp', 'base']).executeTakeFirstOrThrow()),
  })
  await change('One')
  const first = await state()
  expect(first.stamp).toMatch(/^1771322400000-[0-9a-f]{4}-a1b2c3d4$/)
  await sql`update cloudVersions set base = stamp`.execute(db)
  await change('Two')
  const second = await state()
  expect(second.seq).toBeGreaterThan(first.seq)
  expect(second.stamp > first.stamp).toBe(true)
  expect(second.base).toBe(first.stamp)
})

test('a site that has joined nothing notes nothing', async () => {
  await clear()
  await db.deleteFrom('cloudTenants').execute()
  for (const [statement] of changes.slice(0, 20)) await sql.raw(statement.replaceAll('@', 'sent')).execute(db)
  expect(await noted()).toEqual({ queued: [], stamped: [] })
})
