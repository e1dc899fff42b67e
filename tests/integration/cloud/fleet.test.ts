import type pg from 'pg'
import { beforeEach, expect, test } from 'vitest'
import type { FleetSite } from './fleet-site.ts'
import { fleetWorld } from './fleet-world.ts'

/** What goes up and what comes down between two sites’ stores and one cloud. */
const world = fleetWorld()
const sharedTenant = () => world.sharedTenant()
const rowOf = world.rowOf.bind(world)
let admin: pg.Client
let a: FleetSite
let b: FleetSite
beforeEach(() => {
  ;({ admin, a, b } = world)
})

test('a tenant with its gateways goes up; nothing waits then, and sending again changes nothing', async () => {
  const tenant = await a.addTenant('Acme')
  const group = await a.addGroup(tenant, 'Hall')
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.share(tenant)
  const first = await a.exchange()
  expect(first).toMatchObject({ refused: 0, conflicts: 0, sent: 4 })
  expect(await a.deadLetters()).toEqual([])
  expect(await rowOf('gateways', gateway)).toMatchObject({
    code: 'GW001',
    tenant_id: tenant,
    site_id: a.session.siteId,
    usernames: [gateway],
    client_ids: [null],
    topics: [{ action: 'publish', topic: `mw/${gateway}/telemetry` }],
  })
  expect(await rowOf('groups', group)).toMatchObject({ name: 'Hall' })
  expect(await a.waiting()).toBe(0)
  expect(await a.exchange()).toMatchObject({ sent: 0, applied: 0, refused: 0 })
})

test('a tenant of one site appears at the other, with its groups, under a slug that is free there', async () => {
  await b.addTenant('Acme')
  const tenant = await a.addTenant('Acme')
  const hall = await a.addGroup(tenant, 'Hall')
  const line = await a.addGroup(tenant, 'Line', hall)
  await a.share(tenant)
  await a.exchange()
  await world.shareWith(b, tenant)
  // Nobody said there that tenants are to come.
  await b.db.updateTable('cloudLink').set({ takesTenants: 0 }).execute()
  await b.exchange()
  expect(await b.group(line)).toBeUndefined()
  expect(b.session.tenants.size).toBe(0)
  await b.db.updateTable('cloudLink').set({ takesTenants: 1 }).execute()
  await b.exchange()
  expect(await b.group(line)).toMatchObject({ tenantId: tenant, parentId: hall, name: 'Line' })
  const there = await b.db.selectFrom('tenants').selectAll().where('id', '=', tenant).executeTakeFirst()
  expect(there).toMatchObject({ name: 'Acme', slug: 'acme-2' })
  await b.exchange()
  expect(await rowOf('tenants', tenant)).toMatchObject({ slug: 'acme' })
  expect(b.session.tenants.get(tenant)).toMatchObject({ cloudTenantId: tenant, mode: 'fleet' })
})

test('what one site changes of what both have arrives at the other; deleting too', async () => {
  const tenant = await sharedTenant()
  const hall = await a.addGroup(tenant, 'Hall')
  const line = await a.addGroup(tenant, 'Line', hall)
  await a.exchange()
  await b.exchange()
  await b.db.updateTable('groups').set({ name: 'Hall 2' }).where('id', '=', hall).execute()
  await b.db.updateTable('groups').set({ parentId: null }).where('id', '=', line).execute()
  await b.db.updateTable('tenants').set({ state: 'suspended' }).where('id', '=', tenant).execute()
  await b.exchange()
  await a.exchange()
  expect(await a.group(hall)).toMatchObject({ name: 'Hall 2' })
  expect(await a.group(line)).toMatchObject({ parentId: null })
  expect(a.applied).toEqual(expect.arrayContaining(['suspendTenant', 'moveGroup', 'renameGroup Hall 2']))
  await a.db.deleteFrom('groups').where('id', '=', line).execute()
  await a.exchange()
  await b.exchange()
  expect(await b.group(line)).toBeUndefined()
  const before = [a.applied.length, b.applied.length]
  for (const site of [a, b, a, b])
    expect(await site.exchange()).toMatchObject({ applied: 0, conflicts: 0, refused: 0 })
  expect([a.applied.length, b.applied.length]).toEqual(before)
})

test('what SQL changes of a gateway is in effect at its site: name, group, state; a state that only the site reaches is put right', async () => {
  const tenant = await sharedTenant()
  const hall = await a.addGroup(tenant, 'Hall')
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.setGateway(gateway, { state: 'claimed' })
  await a.exchange()
  await admin.query(
    `UPDATE millwright.gateways SET name = 'Pump', group_id = $2, state = 'suspended' WHERE id = $1`,
    [gateway, hall],
  )
  await a.exchange()
  expect(await a.gateway(gateway)).toMatchObject({ name: 'Pump', groupId: hall, state: 'suspended' })
  await admin.query(`UPDATE millwright.gateways SET state = 'unclaimed' WHERE id = $1`, [gateway])
  await a.exchange()
  expect(await rowOf('gateways', gateway)).toMatchObject({ state: 'suspended' })
  expect(await a.exchange()).toMatchObject({ sent: 0, applied: 0 })
})

test('what Postgres can not hold, or refuses, is set aside with the reason; all else goes, and it goes once it is mended', async () => {
  const tenant = await sharedTenant()
  const ids = [
    await a.addGateway(tenant, 'GW001'),
    await a.addGateway(tenant, 'GW002'),
    await a.addGateway(tenant, 'GW003'),
  ]
  const [nul = '', half = '', fine = ''] = ids
  await a.setGateway(nul, { name: 'a\u0000b' })
  await a.db.updateTable('gateways').set({ metadata: '{"note":"\\ud800"}' }).where('id', '=', half).execute()
  const wrong = await a.addGateway(tenant, 'GW004')
  await a.db
    .updateTable('gateways')
    .set({ maxDevices: 2 ** 40 })
    .where('id', '=', wrong)
    .execute()
  expect(await a.exchange()).toMatchObject({ refused: 3 })
  expect(await rowOf('gateways', fine)).toMatchObject({ code: 'GW003' })
  const letters = await a.deadLetters()
  expect(
    letters.map(({ entityId, reason, reasonData }) => [entityId, reason, JSON.parse(reasonData)]),
  ).toEqual(
    expect.arrayContaining([
      [nul, 'cloud_text_nul', { field: 'name' }],
      [half, 'cloud_text_surrogate', { field: 'metadata' }],
      [wrong, 'cloud_refused', { cause: expect.stringContaining('out of range') }],
    ]),
  )
  expect(await a.waiting()).toBe(0)
  await a.setGateway(nul, { name: 'ab' })
  await a.db.updateTable('gateways').set({ metadata: '{}' }).where('id', '=', half).execute()
  await a.exchange()
  expect((await a.deadLetters()).map(({ entityId }) => entityId)).toEqual([wrong])
  await a.db.updateTable('gateways').set({ maxDevices: 4 }).where('id', '=', wrong).execute()
  await a.db.updateTable('cloudDeadLetters').set({ retryAskedAt: 1 }).execute()
  await a.exchange()
  expect(await a.deadLetters()).toEqual([])
})

test('a change of the cloud that is refused here is set aside, once; retried when a person says so', async () => {
  const tenant = await sharedTenant()
  const hall = await b.addGroup(tenant, 'Hall')
  a.refuses = { call: 'createGroup', code: 'group_name_taken' }
  await b.exchange()
  expect(await a.exchange()).toMatchObject({ refused: 1 })
  expect(await a.exchange()).toMatchObject({ refused: 0 })
  expect(await a.deadLetters()).toEqual([
    expect.objectContaining({
      direction: 'down',
      entity: 'group',
      entityId: hall,
      reason: 'group_name_taken',
    }),
  ])
  expect(await rowOf('groups', hall)).toMatchObject({ name: 'Hall', deleted_at: null })
  a.refuses = null
  await a.db.updateTable('cloudDeadLetters').set({ retryAskedAt: 1 }).execute()
  await a.exchange()
  expect(await a.group(hall)).toMatchObject({ name: 'Hall' })
  expect(await a.deadLetters()).toEqual([])
})

test('what another site has is neither seen nor written over', async () => {
  const tenant = await sharedTenant()
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  await b.exchange()
  expect(await b.db.selectFrom('gateways').selectAll().execute()).toEqual([])
  // A copy of the first site's box: the same id at the second.
  const row = await a.gateway(gateway)
  await b.db
    .insertInto('gateways')
    .values({ ...row, name: 'Stolen' })
    .execute()
  expect(await b.exchange()).toMatchObject({ refused: 1 })
  expect(await rowOf('gateways', gateway)).toMatchObject({ name: 'GW001', site_id: a.session.siteId })
})

test('a cursor that holds no longer, and a store that forgot it, look at everything', async () => {
  const tenant = await sharedTenant()
  const hall = await a.addGroup(tenant, 'Hall')
  await a.exchange()
  await b.exchange()
  await a.db.updateTable('groups').set({ name: 'Hall 2' }).where('id', '=', hall).execute()
  await a.exchange()
  await b.db.updateTable('cloudLink').set({ feedXid: 'another-cluster 9', feedSeq: 1 }).execute()
  await b.exchange()
  expect(await b.group(hall)).toMatchObject({ name: 'Hall 2' })
})

test('people: their state comes down; who leaves is ended there without a name; hashes only where they are chosen', async () => {
  const tenant = await sharedTenant()
  const id = '01890000-0000-7000-8000-00000000abcd'
  const hall = await a.addGroup(tenant, 'Hall')
  await a.db
    .insertInto('roles')
    .values({ id: 'guard', tenantId: tenant, name: 'Guard', permissions: '[]', createdAt: 1 })
    .execute()
  await a.db
    .insertInto('users')
    .values({
      id,
      email: 'ann@plant.example',
      name: 'Ann',
      passwordHash: 'hash',
      siteAdmin: 0,
      state: 'active',
      createdAt: 1,
    })
    .execute()
  await a.db
    .insertInto('memberships')
    .values({ userId: id, tenantId: tenant, roleId: 'guard', reach: 'groups', createdAt: 1 })
    .execute()
  await a.db.insertInto('membershipGroups').values({ userId: id, tenantId: tenant, groupId: hall }).execute()
  await a.exchange()
  const superuser = await world.cloud.connectAsSuperuser()
  const hash = async () =>
    (await superuser.query('SELECT password_hash FROM millwright.users WHERE id = $1', [id])).rows[0]
      ?.password_hash
  expect(await rowOf('users', id)).toMatchObject({
    email: 'ann@plant.example',
    state: 'active',
    role: 'Guard',
    reach: 'groups',
    group_ids: [hall],
  })
  await a.db.updateTable('roles').set({ name: 'Keeper' }).where('id', '=', 'guard').execute()
  await a.db.deleteFrom('groups').where('id', '=', hall).execute()
  await a.exchange()
  expect(await rowOf('users', id)).toMatchObject({ role: 'Keeper', reach: 'groups', group_ids: [] })
  expect(await hash()).toBeNull()
  await admin.query(`UPDATE millwright.users SET state = 'suspended' WHERE id = $1`, [id])
  await a.exchange()
  expect(a.applied).toContain('suspendUser')
  await a.db.updateTable('cloudLink').set({ sendsPasswordHashes: 1 }).execute()
  await a.db.transaction().execute((trx) => a.fleet.queueAll(tenant, trx))
  await a.exchange()
  expect(await hash()).toBe('hash')
  await a.db.deleteFrom('users').where('id', '=', id).execute()
  await a.exchange()
  expect(await rowOf('users', id)).toMatchObject({ email: null, name: '', deleted_at: expect.any(Date) })
  expect(await hash()).toBeNull()
})

test('the audit goes up without names; a tenant that is deleted here is deleted there', async () => {
  const tenant = await a.addTenant('Acme')
  await a.share(tenant)
  await a.db
    .insertInto('auditEntries')
    .values([
      {
        at: 1_771_322_400_000,
        actorKind: 'anonymous',
        actorId: 'ann@plant.example',
        action: 'sessions.signIn',
        objectKind: 'user',
        objectId: 'Ann Smith',
        tenantId: tenant,
        outcome: 'refused',
        errorCode: 'wrong_credentials',
        requestId: null,
        details: '{"way":"password"}',
        personalHash: new Uint8Array(1),
        chain: new Uint8Array(1),
      },
      {
        at: 1,
        actorKind: 'system',
        actorId: null,
        action: 'site.only',
        objectKind: null,
        objectId: null,
        tenantId: null,
        outcome: 'done',
        errorCode: null,
        requestId: null,
        details: '{}',
        personalHash: new Uint8Array(1),
        chain: new Uint8Array(1),
      },
    ])
    .execute()
  await a.exchange()
  const { rows } = await admin.query('SELECT * FROM millwright.audit WHERE site_id = $1', [a.session.siteId])
  expect(rows).toEqual([
    expect.objectContaining({
      tenant_id: tenant,
      action: 'sessions.signIn',
      actor_id: null,
      object_id: null,
      details: { way: 'password' },
    }),
  ])
  expect(await a.exchange()).toMatchObject({ auditEntries: 0 })
  await a.db.deleteFrom('tenants').where('id', '=', tenant).execute()
  await a.exchange()
  expect(await rowOf('tenants', tenant)).toEqual({})
  expect(await a.waiting()).toBe(0)
})

test('a gateway that SQL gives to a tenant that is not here takes the tenant along', async () => {
  const tenant = await sharedTenant()
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  const other = await b.addTenant('Borealis')
  await b.share(other)
  await b.exchange()
  await admin.query('UPDATE millwright.gateways SET tenant_id = $2 WHERE id = $1', [gateway, other])
  await a.exchange()
  expect(await a.gateway(gateway)).toMatchObject({ tenantId: other })
  expect(a.session.tenants.get(other)).toMatchObject({ mode: 'fleet' })
  expect(await a.exchange()).toMatchObject({ applied: 0, refused: 0 })
})

test('what is of a tenant that the cloud does not take now waits; without a right nothing is set aside', async () => {
  const tenant = await sharedTenant()
  a.session.tenants.delete(tenant)
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  expect(await a.waiting()).toBe(2)
  a.session.tenants.set(tenant, { cloudTenantId: tenant, cloudTenantKey: 1, mode: 'fleet', fromAt: null })
  await admin.query('REVOKE INSERT ON millwright.gateways FROM millwright_site')
  try {
    await expect(a.exchange()).rejects.toMatchObject({ code: '42501' })
  } finally {
    await admin.query('GRANT INSERT ON millwright.gateways TO millwright_site')
  }
  expect(await a.deadLetters()).toEqual([])
  await a.exchange()
  expect(await rowOf('gateways', gateway)).toMatchObject({ code: 'GW001' })
})

test('a newer version of Millwright says anew what it knows of the fleet: its topics may be others', async () => {
  const tenant = await sharedTenant()
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  a.topicRoot = 'new'
  expect(await a.exchange()).toMatchObject({ sent: 0 })
  await a.db.updateTable('cloudLink').set({ fleetSentVersion: 'the one before' }).execute()
  await a.exchange()
  expect(await rowOf('gateways', gateway)).toMatchObject({
    topics: [{ action: 'publish', topic: `new/${gateway}/telemetry` }],
  })
  expect(await a.exchange()).toMatchObject({ sent: 0, applied: 0, conflicts: 0 })
})

test('when gateways were last seen is told every ten minutes, and to nobody else', async () => {
  const tenant = await sharedTenant()
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  const seen = (at: number) =>
    a.db.updateTable('gateways').set({ lastSeenAt: at }).where('id', '=', gateway).execute()
  await seen(1_771_322_400_000)
  expect(await a.waiting()).toBe(0)
  await a.exchange()
  expect(await rowOf('gateways', gateway)).toMatchObject({ last_seen_at: null })
  a.clock.ahead = 11 * 60_000
  const feed = async () => (await admin.query('SELECT count(*) FROM millwright.changes')).rows
  const before = await feed()
  await a.exchange()
  expect(await rowOf('gateways', gateway)).toMatchObject({ last_seen_at: new Date(1_771_322_400_000) })
  expect(await feed()).toEqual(before)
})
