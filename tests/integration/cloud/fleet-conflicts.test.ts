import type pg from 'pg'
import { beforeEach, expect, test } from 'vitest'
import type { FleetSite } from './fleet-site.ts'
import { fleetWorld } from './fleet-world.ts'

/** Changes on both sides at the same time, broken exchanges, and that all agree in the end. */
const world = fleetWorld()
const sharedTenant = () => world.sharedTenant()
const rowOf = world.rowOf.bind(world)
let admin: pg.Client
let a: FleetSite
let b: FleetSite
beforeEach(() => {
  ;({ admin, a, b } = world)
})

test('of two changes at the same time the later counts, and both sites see both; "use the other" goes everywhere', async () => {
  const tenant = await sharedTenant()
  const hall = await a.addGroup(tenant, 'Hall')
  await a.exchange()
  await b.exchange()
  a.clock.ahead = 2_000
  await a.db.updateTable('groups').set({ name: 'Of A' }).where('id', '=', hall).execute()
  await b.db.updateTable('groups').set({ name: 'Of B' }).where('id', '=', hall).execute()
  await a.exchange()
  await b.exchange()
  await a.exchange()
  expect(await a.group(hall)).toMatchObject({ name: 'Of A' })
  expect(await b.group(hall)).toMatchObject({ name: 'Of A' })
  for (const site of [a, b]) {
    const [conflict, ...others] = await site.fleet.conflicts({ limit: 10 })
    expect(others).toEqual([])
    expect(conflict).toMatchObject({
      entity: 'group',
      entityId: hall,
      field: 'name',
      name: 'Of A',
      kept: '"Of A"',
      other: '"Of B"',
      keptBy: expect.stringMatching(/^A\d+$/),
      otherBy: expect.stringMatching(/^B\d+$/),
      tenantId: tenant,
    })
  }
  const [conflict] = await b.fleet.conflicts({ limit: 10 })
  await b.fleet.useOther(conflict?.id ?? '', { byName: 'Ann' })
  await b.exchange()
  await a.exchange()
  expect(await a.group(hall)).toMatchObject({ name: 'Of B' })
  expect(await a.fleet.conflicts({ limit: 10, resolved: false })).toEqual([])
  expect(await a.fleet.conflicts({ limit: 10 })).toHaveLength(1)
})

test('a revocation in the cloud wins also against a later change here; an enrollment that knew of it ends it', async () => {
  const tenant = await sharedTenant()
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  await admin.query(`UPDATE millwright.gateways SET state = 'revoked' WHERE id = $1`, [gateway])
  a.clock.ahead = 30_000
  await a.setGateway(gateway, { state: 'suspended' })
  await a.exchange()
  expect(await a.gateway(gateway)).toMatchObject({ state: 'revoked' })
  expect(a.applied).toContain('revokeGateway')
  expect(await rowOf('gateways', gateway)).toMatchObject({ state: 'revoked' })
  const [conflict] = await a.fleet.conflicts({ limit: 10 })
  expect(conflict).toMatchObject({ kept: '"revoked"', keptBy: 'cloud', other: '"suspended"' })
  await a.setGateway(gateway, { state: 'claimed' })
  await a.exchange()
  expect(await rowOf('gateways', gateway)).toMatchObject({ state: 'claimed' })
  expect(await a.gateway(gateway)).toMatchObject({ state: 'claimed' })
})

test('what was sent and not noted is sent again: one conflict, no change back and forth', async () => {
  const tenant = await sharedTenant()
  const hall = await a.addGroup(tenant, 'Hall')
  await a.exchange()
  await b.exchange()
  await b.db.updateTable('groups').set({ name: 'Of B' }).where('id', '=', hall).execute()
  await b.exchange()
  a.clock.ahead = 5_000
  await a.db.updateTable('groups').set({ name: 'Of A' }).where('id', '=', hall).execute()
  const known = await memory(a)
  await a.exchange()
  // The power failed after the cloud's commit.
  await a.db.transaction().execute(async (trx) => {
    await trx.deleteFrom('cloudVersions').execute()
    await trx.insertInto('cloudVersions').values(known.versions).execute()
    await trx.insertInto('cloudOutbox').values(known.outbox).execute()
    await trx.updateTable('cloudLink').set(known.cursor).execute()
  })
  expect(await a.exchange()).toMatchObject({ sent: 1, applied: 0, conflicts: 0, refused: 0 })
  expect(await rowOf('groups', hall)).toMatchObject({ name: 'Of A' })
  await b.exchange()
  expect(await b.group(hall)).toMatchObject({ name: 'Of A' })
  expect(await b.fleet.conflicts({ limit: 10 })).toHaveLength(1)
  expect(await a.exchange()).toMatchObject({ sent: 0, applied: 0 })
})

async function memory(site: FleetSite) {
  return {
    versions: await site.db.selectFrom('cloudVersions').selectAll().execute(),
    outbox: await site.db.selectFrom('cloudOutbox').selectAll().execute(),
    cursor: await site.db.selectFrom('cloudLink').select(['feedXid', 'feedSeq']).executeTakeFirstOrThrow(),
  }
}

test('what the cloud decided while sending waits until it is in effect here', async () => {
  const tenant = await sharedTenant()
  const hall = await a.addGroup(tenant, 'Hall')
  await a.exchange()
  await b.exchange()
  b.clock.ahead = 5_000
  await a.db.updateTable('groups').set({ name: 'Of A' }).where('id', '=', hall).execute()
  await b.db.updateTable('groups').set({ name: 'Of B' }).where('id', '=', hall).execute()
  await b.exchange()
  a.breaks = 'renameGroup'
  await expect(a.exchange()).rejects.toThrow('the disk')
  expect(await a.waiting()).toBe(1)
  expect(await a.group(hall)).toMatchObject({ name: 'Of A' })
  a.breaks = null
  await a.exchange()
  expect(await a.group(hall)).toMatchObject({ name: 'Of B' })
  expect(await a.fleet.conflicts({ limit: 10 })).toHaveLength(1)
})

test('a tenant that both had before is linked: what the cloud has counts, and the other values are told', async () => {
  const theirs = await a.addTenant('Acme')
  await a.share(theirs)
  await a.exchange()
  const ours = await b.addTenant('ACME Ltd')
  const gateway = await b.addGateway(ours, 'GW001')
  const hall = await b.addGroup(ours, 'Hall')
  await world.shareWith(b, theirs)
  await b.share(ours, 'fleet', theirs)
  await b.exchange()
  const tenant = () => b.db.selectFrom('tenants').selectAll().where('id', '=', ours).executeTakeFirst()
  expect(await tenant()).toMatchObject({ name: 'Acme', slug: 'acme-ltd' })
  expect(await b.fleet.conflicts({ limit: 10 })).toEqual([
    expect.objectContaining({ entity: 'tenant', entityId: ours, other: '"ACME Ltd"' }),
  ])
  expect(await rowOf('gateways', gateway)).toMatchObject({ tenant_id: theirs })
  await a.exchange()
  expect(await a.group(hall)).toMatchObject({ tenantId: theirs, name: 'Hall' })
})

test('a cloud that was restored from a backup has again what was sent since, and nothing here goes back', async () => {
  const tenant = await sharedTenant()
  const [hall, old] = [await a.addGroup(tenant, 'Hall'), await a.addGroup(tenant, 'Old')]
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  const superuser = await world.cloud.connectAsSuperuser()
  const copies = ['groups', 'gateways', 'assignments', 'users', 'changes'] as const
  for (const table of copies) await superuser.query(`CREATE TABLE copy_${table} AS TABLE millwright.${table}`)
  const added = await a.addGateway(tenant, 'GW002')
  await a.db.updateTable('groups').set({ name: 'Hall 2' }).where('id', '=', hall).execute()
  await a.removeGroup(old)
  await a.setGateway(gateway, { name: 'Pump' })
  await a.exchange()
  await a.exchange()
  // No trigger notices it, as none does when a copy is played in.
  await superuser.query('SET session_replication_role = replica')
  for (const table of copies) {
    await superuser.query(`DELETE FROM millwright.${table}`)
    await superuser.query(
      `INSERT INTO millwright.${table} OVERRIDING SYSTEM VALUE SELECT * FROM copy_${table}`,
    )
    await superuser.query(`DROP TABLE copy_${table}`)
  }
  await superuser.end()
  const applied = a.applied.length
  expect(await a.exchange()).toMatchObject({ conflicts: 0, refused: 0 })
  expect(a.applied).toHaveLength(applied)
  expect(await a.group(hall)).toMatchObject({ name: 'Hall 2' })
  expect(await rowOf('groups', hall)).toMatchObject({ name: 'Hall 2' })
  expect(await rowOf('groups', old)).toMatchObject({ deleted_at: expect.any(Date) })
  expect(await rowOf('gateways', added)).toMatchObject({ code: 'GW002' })
  expect(await rowOf('gateways', gateway)).toMatchObject({ name: 'Pump' })
  expect(await a.exchange()).toMatchObject({ sent: 0, applied: 0 })
})

test('random changes on three sides, in random order: all agree at the end, and then are quiet', async () => {
  const seed = Number(process.env['FLEET_SEED'] ?? Math.trunc(Math.random() * 2 ** 31))
  const random = randomOf(seed)
  const pick = <One>(from: readonly One[]): One => from[Math.floor(random() * from.length)] as One
  const tenant = await sharedTenant()
  const groups = [
    await a.addGroup(tenant, 'G1'),
    await a.addGroup(tenant, 'G2'),
    await b.addGroup(tenant, 'G3'),
  ]
  const gateway = await a.addGateway(tenant, 'GW001')
  for (const site of [a, b, a]) await site.exchange()
  for (let step = 0; step < 60; step++) {
    const site = pick([a, b])
    const id = pick(groups)
    const what = random()
    site.clock.ahead = Math.trunc(random() * 20_000 - 10_000)
    if (what < 0.25) await site.exchange()
    else if (what < 0.4) {
      const parent = random() < 0.7 ? pick(groups) : null
      // It may be gone by then, or be in the group.
      if (parent === null || (await site.group(parent)))
        await site.moveGroup(id, parent).catch(() => undefined)
    } else if (what < 0.5)
      await site.db
        .updateTable('groups')
        .set({ name: `N${step}` })
        .where('id', '=', id)
        .execute()
    else if (what < 0.6)
      await admin.query('UPDATE millwright.groups SET name = $2 WHERE id = $1', [id, `S${step}`])
    else if (what < 0.7) await a.setGateway(gateway, { state: pick(['active', 'suspended']) })
    else if (what < 0.8) await a.setGateway(gateway, { name: `P${step}` })
    else if (what < 0.85)
      await admin.query('UPDATE millwright.gateways SET name = $2 WHERE id = $1', [gateway, `Q${step}`])
    else if (what < 0.9)
      await admin.query('UPDATE millwright.gateways SET group_id = $2 WHERE id = $1', [
        gateway,
        pick(groups.slice(0, 2)),
      ])
    else if (step > 50 && what < 0.95) await site.removeGroup(groups[2] ?? '')
    else
      await site.db
        .updateTable('tenants')
        .set({ name: `T${step}` })
        .where('id', '=', tenant)
        .execute()
  }
  for (const site of [a, b, a, b]) await site.exchange()
  const there = await admin.query(
    'SELECT id, name, parent_id AS "parentId" FROM millwright.groups WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY id',
    [tenant],
  )
  for (const site of [a, b]) {
    const here = await site.db
      .selectFrom('groups')
      .select(['id', 'name', 'parentId'])
      .where('tenantId', '=', tenant)
      .orderBy('id')
      .execute()
    expect(here, `seed ${seed}`).toEqual(there.rows)
    const name = await site.db
      .selectFrom('tenants')
      .select('name')
      .where('id', '=', tenant)
      .executeTakeFirst()
    expect(name, `seed ${seed}`).toMatchObject({ name: (await rowOf('tenants', tenant))['name'] })
    expect(await site.exchange(), `seed ${seed}`).toMatchObject({ sent: 0, applied: 0, conflicts: 0 })
  }
  const { name, state, group_id: groupId } = await rowOf('gateways', gateway)
  expect(await a.gateway(gateway), `seed ${seed}`).toMatchObject({ name, state, groupId })
})

/** mulberry32 */
function randomOf(seed: number): () => number {
  let at = seed
  return () => {
    at = (at + 0x6d2b79f5) | 0
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
