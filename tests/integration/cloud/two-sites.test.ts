import { cp } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CloudConflict, CloudMode } from '#contract/model/cloud.ts'
import { provisioned } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { mosquittoPub, mosquittoSub } from '#tests/fixtures/mosquitto.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import {
  CloudLink,
  createCloud,
  joinBody,
  readingsInCloud,
  type SharedCloud,
  type SiteAccess,
} from '#tests/fixtures/shared-cloud.ts'
import { startSite, type TestSite, temporaryFolder } from '#tests/fixtures/site.ts'
import { People } from '../http/people.ts'

const api = '/api/v1'
const FROM = Date.UTC(2026, 0, 1)

interface LinkedSite {
  site: TestSite
  link: CloudLink
  login: SiteAccess
  /** Its own tenant; it gets those of the others too. */
  tenant: string
}

let postgres: PostgresServer
let cloud: SharedCloud
let north: LinkedSite
let south: LinkedSite
const copies: TestSite[] = []

async function linked(name: string): Promise<LinkedSite> {
  const site = await startSite()
  const login = await cloud.addSite(name, { allTenants: true })
  const link = new CloudLink(() => site.local)
  const [own] = (await site.local.get(`${api}/tenants`)).json.tenants
  await link.join(joinBody(postgres, login, [{ tenantId: own.id, mode: 'telemetry' }]))
  await link.drained()
  return { site, link, login, tenant: own.id }
}

async function tenantOf({ site }: LinkedSite, id: string) {
  const { tenants } = (await site.local.get(`${api}/tenants`)).json
  return tenants.find((one: { id: string }) => one.id === id)
}

async function share({ link }: LinkedSite, tenantId: string, mode: CloudMode): Promise<void> {
  await link.send('PUT', 'tenants', { tenants: [{ tenantId, mode }] })
}

beforeAll(async () => {
  postgres = await startPostgres()
  cloud = await createCloud(postgres)
  north = await linked('North')
  south = await linked('South')
})
afterAll(async () => {
  for (const copy of copies) await copy.stop()
  await north.site.stop()
  await south.site.stop()
  await postgres.stop()
})

let acme = ''

test('a tenant that is made at one site appears at the other, under the same id', async () => {
  const made = await north.site.local.post(`${api}/tenants`, { name: 'Acme', slug: 'acme' })
  acme = made.json.id
  await share(north, acme, 'fleet')
  const there = await eventually(() => tenantOf(south, acme), 'Acme at the other site')
  expect(there).toMatchObject({ name: 'Acme', slug: 'acme', state: 'active' })
  const group = await north.site.local.post(`${api}/groups`, { tenant: 'acme', name: 'Line 1' })
  const groups = await eventually(async () => {
    const { json } = await south.site.local.get(`${api}/groups?tenant=acme`)
    return json.groups.length > 0 && json.groups
  }, 'its group at the other site')
  expect(groups).toMatchObject([{ id: group.json.id, name: 'Line 1' }])
})

test('edits at the same time converge: the later one counts, both are told at both sites', async () => {
  for (const { link } of [north, south]) {
    await link.post('pause')
    await link.reached('paused')
  }
  await north.site.local.send('PATCH', `${api}/tenants/acme`, { name: 'Acme of the north' })
  await south.site.local.send('PATCH', `${api}/tenants/acme`, { name: 'Acme of the south' })
  await north.link.post('resume')
  await north.link.drained()
  await south.link.post('resume')
  await south.link.drained()
  for (const one of [north, south]) {
    const by = (other: LinkedSite, name: string) =>
      other === one ? { by: 'here', site: null } : { by: 'site', site: name }
    await eventually(
      async () => (await tenantOf(one, acme))?.name === 'Acme of the south',
      'the later name at both sites',
    )
    const conflicts = await eventually(async () => {
      const found = await one.link.get<{ conflicts: CloudConflict[] }>('conflicts')
      return found.conflicts.length > 0 && found.conflicts
    }, 'the conflict in the list')
    expect(conflicts).toMatchObject([
      {
        entity: 'tenant',
        entityId: acme,
        field: 'name',
        kept: { value: 'Acme of the south', ...by(south, 'South') },
        other: { value: 'Acme of the north', ...by(north, 'North') },
        resolvedAt: null,
      },
    ])
  }
})

test('the other value can be used after all, and is then at both sites', async () => {
  const { conflicts } = await north.link.get<{ conflicts: CloudConflict[] }>('conflicts')
  await north.link.post(`conflicts/${conflicts[0]?.id}/resolve`, { use: 'other' })
  for (const one of [north, south]) {
    await expect.poll(async () => (await tenantOf(one, acme))?.name).toBe('Acme of the north')
    await expect.poll(async () => (await one.link.get<{ total: number }>('conflicts')).total).toBe(0)
  }
})

test('a revocation by SQL ends the session at the site, and the next CONNECT is refused', async () => {
  const gateway = await provisioned(north.site, 'GW-SQL', { mac: 'aa:bb:cc:00:00:01', tenant: north.tenant })
  const published = await mosquittoPub(gateway, { message: '{"values":{"level":1}}' })
  expect(published.acknowledgedAt).not.toBeNull()
  await north.link.drained()
  const session = mosquittoSub(gateway, `mw/${gateway.clientId}/commands`)
  await eventually(async () => session.output().includes('SUBACK'), 'a session')
  await eventually(async () => (await north.site.local.get(`${api}/gateways/GW-SQL`)).json.online, 'online')
  const admin = await cloud.connect()
  const { rowCount } = await admin.query(
    `UPDATE millwright.gateways SET state = 'revoked' WHERE code = 'GW-SQL'`,
  )
  expect(rowCount).toBe(1)
  await eventually(async () => {
    const { json } = await north.site.local.get(`${api}/gateways/GW-SQL`)
    return json.state === 'revoked' && !json.online
  }, 'revoked and thrown out at the site')
  session.child.kill()
  await session.ended
  const refused = await mosquittoPub(gateway, { message: '{"values":{"level":2}}' })
  expect(refused.acknowledgedAt).toBeNull()
  expect(refused.code).not.toBe(0)
  const { json } = await north.site.local.get(`${api}/audit?action=gateway.revoke`)
  expect(JSON.stringify(json)).toContain('cloud')
  await admin.end()
})

test('a revocation wins, also against a change of the state that came later', async () => {
  await provisioned(north.site, 'GW-RACE', { mac: 'aa:bb:cc:00:00:02', tenant: north.tenant })
  await north.link.drained()
  await north.link.post('pause')
  await north.link.reached('paused')
  const admin = await cloud.connect()
  await admin.query(`UPDATE millwright.gateways SET state = 'revoked' WHERE code = 'GW-RACE'`)
  await admin.end()
  await north.site.local.post(`${api}/gateways/GW-RACE/suspend`, { reason: 'Later, and less' })
  await north.link.post('resume')
  await eventually(
    async () => (await north.site.local.get(`${api}/gateways/GW-RACE`)).json.state === 'revoked',
    'revoked at the site',
  )
  const reader = await cloud.connect()
  const { rows } = await reader.query(`SELECT state FROM millwright.gateways WHERE code = 'GW-RACE'`)
  expect(rows).toEqual([{ state: 'revoked' }])
  await reader.end()
})

test('a person who is suspended by SQL is signed out at the site, and let in again', async () => {
  const people = await People.of(south.site)
  const viewer = await people.add('viewer', south.tenant)
  const cookie = await people.cookie(viewer)
  await people.close()
  const asViewer = async () => (await south.site.browser.get(`${api}/tenants`, { cookie })).status
  expect(await asViewer()).toBe(200)
  const admin = await cloud.connect()
  const inCloud = async (sql: string) => (await admin.query(sql, [viewer.id])).rowCount
  await expect.poll(() => inCloud('SELECT FROM millwright.users WHERE id = $1')).toBe(1)
  await inCloud(`UPDATE millwright.users SET state = 'suspended' WHERE id = $1`)
  await expect.poll(asViewer).toBe(401)
  const stateHere = async () => {
    const { users } = (await south.site.local.get(`${api}/users`)).json
    return users.find(({ id }: { id: string }) => id === viewer.id)?.state
  }
  expect(await stateHere()).toBe('suspended')
  await inCloud(`UPDATE millwright.users SET state = 'active' WHERE id = $1`)
  await expect.poll(stateHere).toBe('active')
  await admin.end()
})

test('a site whose clock is an hour ahead is told, and does not win for an hour', async () => {
  const access = await cloud.addSite('Ahead', { allTenants: false })
  await admin(
    `INSERT INTO millwright.site_tenants (site_id, tenant_id) VALUES ('${access.siteId}', '${acme}')`,
  )
  const site = await startSite({ clock: { now: () => Date.now() + 3_600_000 } })
  copies.push(site)
  const link = new CloudLink(() => site.local)
  const [own] = (await site.local.get(`${api}/tenants`)).json.tenants
  await link.join(joinBody(postgres, access, [{ tenantId: own.id, mode: 'fleet' }]))
  const ahead = { site, link, login: access, tenant: own.id }
  await expect.poll(async () => (await tenantOf(ahead, acme))?.name).toBe('Acme of the north')
  expect((await link.drained()).problem).toMatchObject({ code: 'cloud_clock_wrong' })
  await site.local.send('PATCH', `${api}/tenants/acme`, { name: 'Acme ahead' })
  for (const one of [north, south, ahead])
    await expect.poll(async () => (await tenantOf(one, acme))?.name).toBe('Acme ahead')
  await south.site.local.send('PATCH', `${api}/tenants/acme`, { name: 'Acme after it' })
  for (const one of [north, south, ahead])
    await expect.poll(async () => (await tenantOf(one, acme))?.name).toBe('Acme after it')
  await admin(`UPDATE millwright.tenants SET name = 'Acme by SQL' WHERE id = '${acme}'`)
  for (const one of [north, south, ahead])
    await expect.poll(async () => (await tenantOf(one, acme))?.name).toBe('Acme by SQL')
})

test('a gateway has the topics in the cloud that its own site’s dialect gives it, also when that is changed', async () => {
  const topicsOf = async (code: string): Promise<string[]> => {
    const [row] = await admin(`SELECT topics FROM millwright.gateways WHERE code = '${code}'`)
    return ((row?.['topics'] ?? []) as { topic: string }[]).map(({ topic }) => topic)
  }
  const save = async ({ site }: LinkedSite, root: string, version: number | null) => {
    const codec = { format: 'bare', channel: 'level' }
    const topics = [{ direction: 'to_site', pattern: `${root}/{wire}/level`, kind: 'telemetry', codec }]
    const dialect = { title: 'Line', clientIds: ['wire'], topics, version }
    expect((await site.local.send('PUT', `${api}/dialects/line`, dialect)).status).toBe(200)
  }
  for (const [one, code] of [
    [north, 'GW-LINE-N'],
    [south, 'GW-LINE-S'],
  ] as const) {
    await save(one, code.toLowerCase(), null)
    const { site, tenant } = one
    await site.local.post(`${api}/gateways/provision`, { code, name: 'Line', tenant, dialect: 'line' })
    await expect
      .poll(() => topicsOf(code))
      .toEqual([expect.stringMatching(`^${code.toLowerCase()}/.+/level$`)])
  }
  await save(north, 'north2', 1)
  await expect.poll(() => topicsOf('GW-LINE-N')).toEqual([expect.stringMatching('^north2/')])
  expect(await topicsOf('GW-LINE-S')).toEqual([expect.stringMatching('^gw-line-s/')])
})

test('a transaction that somebody leaves open in the cloud’s server is told, and holds nothing up', async () => {
  const rename = (name: string) =>
    admin(`UPDATE millwright.tenants SET name = '${name}' WHERE id = '${acme}'`)
  const problem = async () => (await north.link.status()).problem?.code
  const careless = await cloud.connect()
  await careless.query('BEGIN')
  await careless.query('SELECT pg_current_xact_id()')
  await rename('Acme meanwhile')
  await expect.poll(async () => (await tenantOf(north, acme))?.name).toBe('Acme meanwhile')
  await admin(`UPDATE millwright.changes SET at = at - interval '2 minutes'`)
  await rename('Acme later')
  await expect.poll(problem).toBe('cloud_transaction_open')
  await careless.query('COMMIT')
  await careless.end()
  await rename('Acme at last')
  await expect.poll(problem).toBeUndefined()
})

async function admin(sql: string): Promise<Record<string, unknown>[]> {
  const client = await cloud.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('of two copies of a site the second stops and says why; the first runs on', async () => {
  const made = await north.site.local.post(`${api}/gateways/provision`, {
    code: 'GW-COPY',
    name: 'Boiler',
    tenant: north.tenant,
  })
  const gatewayId: string = made.json.gateway_id
  const measure = (site: TestSite, minute: number, value: number) =>
    site.engine.importReadings(gatewayId, [
      { channel: 'level', kind: 'number', unit: null, ts: FROM + minute * 60_000, value, quality: 0 },
    ])
  const inCloud = async () => {
    const client = await cloud.connect()
    const found = (await readingsInCloud(client, gatewayId)).get('level') ?? new Map()
    await client.end()
    return [...found].map(([ts, value]) => [(ts - FROM) / 60_000, value])
  }
  await measure(north.site, 1, 1)
  await expect.poll(inCloud).toEqual([[1, 1]])

  const copyDir = await temporaryFolder()
  await north.site.engine.stop()
  await cp(north.site.dataDir, copyDir, { recursive: true, filter: (path) => !path.endsWith('.sock') })
  north.site = await startSite({ dataDir: north.site.dataDir })
  await north.link.drained()
  const copy = await startSite({ dataDir: copyDir })
  copies.push(copy)
  const copied = new CloudLink(() => copy.local)
  const stopped = await copied.reached('stopped')
  expect(stopped.problem?.code).toBe('cloud_copied')
  expect((await north.link.status()).state).toBe('live')
  await measure(north.site, 2, 20)
  await measure(copy, 2, 30)
  await measure(copy, 3, 31)
  await expect.poll(inCloud).toEqual([
    [1, 1],
    [2, 20],
  ])

  // A person says that the copy is the one that stays: what it measured wins.
  await copied.post('keep-this')
  await copied.drained()
  await north.link.post('resume')
  const other = await north.link.reached('stopped')
  expect(other.problem?.code).toBe('cloud_copied')
  const left = [
    [1, 1],
    [2, 30],
    [3, 31],
  ]
  await expect.poll(inCloud).toEqual(left)
  await measure(north.site, 4, 40)

  // The other one may leave, and takes nothing with it.
  await north.link.post('leave', { deleteSent: false }).catch(() => undefined)
  await north.link.post('leave', { deleteSent: true }).catch(() => undefined)
  expect(await inCloud()).toEqual(left)
  await measure(copy, 5, 50)
  await expect.poll(inCloud).toEqual([...left, [5, 50]])
})

test('a site that stopped runs on: it takes readings and keeps them', async () => {
  const gateway = await provisioned(north.site, 'GW-AFTER', {
    mac: 'aa:bb:cc:00:00:03',
    tenant: north.tenant,
  })
  const published = await mosquittoPub(gateway, { message: '{"values":{"level":7}}' })
  expect(published.acknowledgedAt).not.toBeNull()
})
