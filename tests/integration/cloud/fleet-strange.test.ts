import type pg from 'pg'
import { beforeEach, expect, test } from 'vitest'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { FleetSite } from './fleet-site.ts'
import { fleetWorld } from './fleet-world.ts'

/** What others who have a tenant too do, or leave undone, costs nobody more than a row. */
const world = fleetWorld()
let admin: pg.Client
let a: FleetSite
let b: FleetSite
beforeEach(() => {
  ;({ admin, a, b } = world)
  HALL = uuid7()
})

const stamp = (ms: number) => `${String(ms).padStart(13, '0')}-0000-cccccccc`
/** A group of the cloud. */
let HALL: string

async function refusal(query: Promise<unknown>): Promise<unknown> {
  return query.then(
    () => null,
    (error: { code?: string }) => error.code,
  )
}

test('a site writes nothing that others cannot take: slugs, names, ids, times', async () => {
  const tenant = await world.sharedTenant()
  const other = b.connection.client
  const CHECK = '23514'
  const slug = `UPDATE millwright.tenants SET slug = $2 WHERE id = $1`
  expect(await refusal(other.query(slug, [tenant, 'mine']))).toBe('42501')
  expect(await refusal(a.connection.client.query(slug, [tenant, 'Park_Utilities']))).toBe(CHECK)
  expect(await refusal(a.connection.client.query(slug, [tenant, 'park']))).toBeNull()
  for (const name of ['x'.repeat(1_000_000), 'two\nlines', ''])
    expect(
      await refusal(other.query('UPDATE millwright.tenants SET name = $2 WHERE id = $1', [tenant, name])),
    ).toBe(CHECK)
  const offer = 'SELECT millwright.offer_tenant($1, $2, $3, $4)'
  expect(await refusal(other.query(offer, [HALL, 'Bad Slug!', 'Bad', 'fleet']))).toBe(CHECK)
  const noVersion = '00000000-0000-0000-0000-000000000001'
  expect(await refusal(other.query(offer, [noVersion, 'odd', 'Odd', 'fleet']))).toBe(CHECK)

  const found = `INSERT INTO millwright.conflicts (tenant_id, entity, entity_id, field, kept_stamp, kept_by, other_stamp,
    other_by, at) VALUES ($1, $2, $3, 'name', $4, 'x', $4, 'y', $5)`
  const tell = (entity: string, at: string, by = stamp(1)) =>
    refusal(other.query(found, [tenant, entity, tenant, by, at]))
  expect(await tell('group', 'now', 'yesterday')).toBe(CHECK)
  expect(await tell('planet', 'now')).toBe(CHECK)
  for (const at of ['infinity', '280000-01-01', '1000-01-01']) expect(await tell('group', at)).toBeNull()
  await a.exchange()
  const before = Date.now() - 60_000
  const conflicts = await a.fleet.conflicts({ limit: 10 })
  expect(conflicts).toHaveLength(3)
  for (const { at } of conflicts) expect(at > before && at < before + 120_000).toBe(true)

  await other.query(`UPDATE millwright.conflicts SET resolved_at = 'infinity'`)
  await a.exchange()
  expect(await a.fleet.conflicts({ limit: 10, resolved: false })).toEqual([])
})

test('a transaction that somebody leaves open holds back nothing but its own', async () => {
  const tenant = await world.sharedTenant()
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  const other = b.connection.client
  await other.query('BEGIN')
  await other.query('INSERT INTO millwright.groups (id, tenant_id, name) VALUES ($1, $2, $3)', [
    HALL,
    tenant,
    'Hall',
  ])
  await admin.query(`UPDATE millwright.gateways SET state = 'revoked' WHERE id = $1`, [gateway])
  await a.exchange()
  expect(await a.gateway(gateway)).toMatchObject({ state: 'revoked' })
  expect(await a.exchange()).toMatchObject({ applied: 0, refused: 0 })
  await admin.query(`UPDATE millwright.changes SET at = at - interval '2 minutes'`)
  expect((await a.exchange()).heldFor).toBeGreaterThan(119)
  await other.query('COMMIT')
  expect(await a.exchange()).toMatchObject({ heldFor: 0 })
  expect(await a.group(HALL)).toMatchObject({ name: 'Hall' })
})

test.each([
  ['noticed', true],
  ['not noticed', false],
])(
  'a tenant that was not shared for a while: what was revoked meanwhile is, %s by the link',
  async (_, isNoticed) => {
    const tenant = await world.sharedTenant()
    const gateway = await a.addGateway(tenant, 'GW001')
    const hall = await a.addGroup(tenant, 'Hall')
    const mine = await a.addTenant('Mine')
    await a.share(mine)
    for (let n = 0; n < 5; n++) await a.addGroup(mine, `Group ${n}`)
    await a.exchange()
    await a.exchange()
    const { siteId } = a.session
    await admin.query('DELETE FROM millwright.site_tenants WHERE site_id = $1 AND tenant_id = $2', [
      siteId,
      tenant,
    ])
    const shared = a.session.tenants.get(tenant)
    if (isNoticed) a.session.tenants.delete(tenant)
    await admin.query(`UPDATE millwright.gateways SET state = 'revoked' WHERE id = $1`, [gateway])
    await admin.query(`UPDATE millwright.groups SET name = 'Hall 2' WHERE id = $1`, [hall])
    await admin.query(`UPDATE millwright.tenants SET name = 'Mine 2' WHERE id = $1`, [mine])
    // What is of others is not sent anew for it.
    expect((await a.exchange()).sent).toBeLessThan(4)
    expect(await a.group(hall)).toMatchObject({ name: 'Hall' })
    await world.shareWith(a, tenant)
    if (shared) a.session.tenants.set(tenant, shared)
    await a.exchange()
    expect(await a.gateway(gateway)).toMatchObject({ state: 'revoked' })
    expect(await a.group(hall)).toMatchObject({ name: 'Hall 2' })
  },
)

test('what is deleted here while nothing of its tenant is sent is ended there, once it is sent again', async () => {
  const tenant = await a.addTenant('Acme')
  await a.share(tenant)
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.addGateway(tenant, 'GW002')
  await a.exchange()
  await a.db.transaction().execute(async (trx) => {
    await trx.updateTable('cloudTenants').set({ mode: 'off' }).execute()
    await a.fleet.forget(tenant, trx)
  })
  a.session.tenants.delete(tenant)
  await a.exchange()
  await a.db.deleteFrom('assignments').where('gatewayId', '=', gateway).execute()
  await a.db.deleteFrom('gateways').where('id', '=', gateway).execute()
  await a.share(tenant)
  await a.exchange()
  expect(await world.rowOf('gateways', gateway)).toMatchObject({ usernames: [], client_ids: [] })
  const { rows } = await admin.query(
    'SELECT code FROM millwright.gateways WHERE site_id = $1 AND deleted_at IS NULL',
    [a.session.siteId],
  )
  expect(rows).toEqual([{ code: 'GW002' }])
  const versions = await a.db.selectFrom('cloudVersions').select('id').where('id', '=', gateway).execute()
  expect(versions).toEqual([])
  expect(await a.exchange()).toMatchObject({ sent: 0, applied: 0 })
})

test('a long absence: what comes first may need what comes last; and others have their turn in between', async () => {
  const tenant = await world.sharedTenant()
  const line = await a.addGroup(tenant, 'Line')
  const gateway = await a.addGateway(tenant, 'GW001')
  await a.exchange()
  await admin.query(`UPDATE millwright.groups SET name = 'First' WHERE id = $1`, [line])
  await admin.query(`UPDATE millwright.gateways SET name = 'First' WHERE id = $1`, [gateway])
  await admin.query(`DO $$ BEGIN FOR n IN 1..520 LOOP
    UPDATE millwright.tenants SET name = 'Acme ' || n WHERE id = '${tenant}'; END LOOP; END $$`)
  await admin.query(`INSERT INTO millwright.groups (id, tenant_id, name) VALUES ($1, $2, 'Hall')`, [
    HALL,
    tenant,
  ])
  for (let n = 0; n < 20; n++)
    await admin.query(
      `INSERT INTO millwright.groups (id, tenant_id, name) VALUES (gen_random_uuid(), $1, $2)`,
      [tenant, `G${n}`],
    )
  await admin.query(`UPDATE millwright.groups SET parent_id = $2 WHERE id = $1`, [line, HALL])
  await admin.query(`UPDATE millwright.gateways SET group_id = $2 WHERE id = $1`, [gateway, HALL])
  let turns = 0
  let last = -1
  let isRunning = true
  const turn = () => {
    turns++
    if (isRunning) setImmediate(turn)
  }
  const alone: string[] = []
  a.onApply = (call) => {
    if (turns === last && call.startsWith('createGroup')) alone.push(call)
    last = turns
  }
  turn()
  await a.exchange()
  isRunning = false
  expect(alone).toEqual([])
  expect(await a.deadLetters()).toEqual([])
  expect(await a.group(line)).toMatchObject({ name: 'First', parentId: HALL })
  expect(await a.gateway(gateway)).toMatchObject({ name: 'First', groupId: HALL })
  expect(await a.exchange()).toMatchObject({ sent: 0, applied: 0, refused: 0 })
})

test('the audit of a tenant that the cloud does not take now waits with it; that of others goes', async () => {
  const tenant = await world.sharedTenant()
  const mine = await a.addTenant('Mine')
  const act = (tenantId: string, action: string) =>
    a.db
      .insertInto('auditEntries')
      .values({
        at: 1_771_322_400_000,
        actorKind: 'system',
        actorId: null,
        action,
        objectKind: null,
        objectId: null,
        tenantId,
        outcome: 'done',
        errorCode: null,
        requestId: null,
        details: '{}',
        personalHash: new Uint8Array(1),
        chain: new Uint8Array(1),
      })
      .execute()
  await act(mine, 'before.sharing')
  await a.share(mine)
  await a.exchange()
  const shared = a.session.tenants.get(tenant)
  a.session.tenants.delete(tenant)
  await act(tenant, 'while.held')
  await act(mine, 'of.mine')
  expect(await a.exchange()).toMatchObject({ auditEntries: 1 })
  if (shared) a.session.tenants.set(tenant, shared)
  expect(await a.exchange()).toMatchObject({ auditEntries: 1 })
  const { rows } = await admin.query<{ action: string }>(
    'SELECT action FROM millwright.audit WHERE site_id = $1 ORDER BY seq',
    [a.session.siteId],
  )
  expect(rows.map(({ action }) => action)).toEqual(['while.held', 'of.mine'])
})

test('a tenant that was deleted here does not come back while it cannot be taken back there', async () => {
  const tenant = await a.addTenant('Acme')
  await a.share(tenant)
  await a.addGroup(tenant, 'Hall')
  await a.exchange()
  await a.db.deleteFrom('groups').execute()
  await a.db.deleteFrom('tenants').where('id', '=', tenant).execute()
  a.session.tenants.delete(tenant)
  await admin.query('BEGIN')
  await admin.query('LOCK TABLE millwright.audit')
  await a.connection.client.query(`SET lock_timeout = '50ms'`)
  const mine = await a.addTenant('Mine')
  await a.share(mine)
  expect(await a.exchange()).toMatchObject({ sent: 1, refused: 0 })
  await admin.query('ROLLBACK')
  expect(await a.db.selectFrom('tenants').select('name').execute()).toEqual([{ name: 'Mine' }])
  expect(await a.waiting()).toBe(1)
  await a.exchange()
  expect(await world.rowOf('tenants', tenant)).toEqual({})
  expect(await a.waiting()).toBe(0)
})
