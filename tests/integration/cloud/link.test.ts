import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CloudPreview, CloudStatus } from '#contract/model/cloud.ts'
import { type FaultProxy, startFaultProxy } from '#tests/fixtures/fault-proxy.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import {
  CloudLink,
  createCloud,
  joinBody,
  type SharedCloud,
  type SiteAccess,
} from '#tests/fixtures/shared-cloud.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const api = '/api/v1'
const quick = { look: 50, exchange: 1_000, heartbeat: 300, silence: 2_000, connectTimeout: 2_000 }

let postgres: PostgresServer
let cloud: SharedCloud
let proxy: FaultProxy
let site: TestSite
let link: CloudLink
let login: SiteAccess
let tenantId: string

beforeAll(async () => {
  postgres = await startPostgres()
  cloud = await createCloud(postgres)
  proxy = await startFaultProxy({ port: postgres.port })
  site = await startSite({ cloudTimes: quick })
  link = new CloudLink(() => site.local)
  login = await cloud.addSite('Plant 1', { allTenants: false })
  tenantId = (await site.local.get(`${api}/tenants`)).json.tenants[0].id
})
afterAll(async () => {
  await site?.stop()
  await proxy?.stop()
  await postgres?.stop()
})

const body = (mode: 'off' | 'fleet' | 'telemetry' = 'telemetry') =>
  joinBody(postgres, { ...login, port: proxy.port }, [{ tenantId, mode }])

async function sessionsInCloud(): Promise<number> {
  const admin = await cloud.connectAsSuperuser()
  try {
    const { rows } = await admin.query(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1`, [
      login.username,
    ])
    return rows[0].n
  } finally {
    await admin.end()
  }
}

async function inCloud<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  const admin = await cloud.connectAsSuperuser()
  try {
    return (await admin.query<Row>(text, values)).rows
  } finally {
    await admin.end()
  }
}

test('before a person joins nothing is connected, and a preview leaves nothing behind', async () => {
  expect(await link.isJoined()).toBe(false)
  expect(await sessionsInCloud()).toBe(0)
  const preview = await link.post<Record<string, unknown>>('preview', body())
  expect(preview).toMatchObject({
    siteName: 'Plant 1',
    schemaVersion: 1,
    storage: 'native',
    certificate: { fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}/) },
    lastUsed: null,
    tenants: [{ tenantId, mode: 'telemetry', fromAt: null, linkedWith: null }],
  })
  expect(await link.isJoined()).toBe(false)
  expect(await sessionsInCloud()).toBe(0)
  expect(await inCloud('SELECT id FROM millwright.tenants')).toEqual([])
  for (const [method, path, input] of [
    ['POST', 'leave', {}],
    ['POST', 'pause', {}],
    ['PATCH', '', { bytesPerSecond: 5_000 }],
    ['PUT', 'tenants', { tenants: [{ tenantId, mode: 'off' }] }],
  ] as const)
    expect(await site.local.send(method, `${api}/cloud${path && `/${path}`}`, input)).toMatchObject({
      status: 409,
      json: { code: 'cloud_not_joined' },
    })
})

test('joins: live within seconds, the password shown nowhere', async () => {
  const joined = await link.join(body())
  expect(joined).toMatchObject({ siteName: 'Plant 1', tenants: [{ tenantId, mode: 'telemetry' }] })
  const live = await link.drained()
  expect(live).toMatchObject({ problem: null, server: { schemaVersion: 1, storage: 'native' } })
  expect(JSON.stringify(live)).not.toContain(login.password)
  const audit = await site.local.get(`${api}/audit?limit=50`)
  expect(audit.text).toContain('cloud.join')
  expect(audit.text).not.toContain(login.password)
  expect(await inCloud('SELECT slug, name FROM millwright.tenants')).toEqual([
    { slug: 'plant-1', name: 'Plant 1' },
  ])
  expect(await site.local.post(`${api}/cloud/join`, body())).toMatchObject({
    status: 409,
    json: { code: 'cloud_joined_already' },
  })
})

test('the status bar, the metrics and the cloud itself know of it', async () => {
  await expect
    .poll(async () => (await site.local.get(`${api}/status`)).json.cloud, { timeout: 5_000 })
    .toEqual({ state: 'live', backlogReadings: 0, backlogSeconds: 0 })
  const metrics = await site.browser.get('/metrics')
  expect(metrics.text).toContain('millwright_cloud_state{state="live"} 1')
  expect(metrics.text).toMatch(/millwright_cloud_bytes_total \d{4,}/)
  await expect
    .poll(() => inCloud('SELECT state FROM millwright.sync_state'), { timeout: 5_000 })
    .toEqual([{ state: 'live' }])
})

test('a link that is cut says why and when it is tried again, and comes back', async () => {
  proxy.refuse()
  proxy.cut()
  const cut = await link.reached('waiting')
  expect(cut.problem?.code).toMatch(/^cloud_(link_lost|unreachable)$/)
  expect(cut.retryAt).toBeGreaterThan(Date.now() - 1_000)
  await proxy.heal()
  await link.reached('live')
})

test('a link whose other end is gone without a word is noticed', async () => {
  proxy.halfOpen()
  const silent = await link.reached('waiting')
  expect(silent.problem?.code).toBe('cloud_silent')
  await proxy.heal()
  await link.post('resume')
  await link.reached('live')
})

test('connections that died without a word, and that the cloud has not noticed, leave room for new ones', async () => {
  const { database, username: user, password } = login
  const dead = await Promise.all(
    Array.from({ length: 12 }, () => postgres.connect({ database, user, password })),
  )
  expect(await sessionsInCloud()).toBeGreaterThan(12)
  await Promise.all(dead.map((client) => client.end()))
})

test('pause closes every connection, and holds over a restart', async () => {
  const paused = await link.post('pause')
  expect(paused.state).toBe('paused')
  await expect.poll(sessionsInCloud, { timeout: 5_000 }).toBe(0)
  await link.post('resume')
  await link.reached('live')
})

test('outside its hours no readings are sent; the fleet goes on', async () => {
  const soon = new Date(Date.now() + 2 * 3_600_000)
  const from = soon.getUTCHours() * 60
  await link.send('PATCH', '', { window: { from, to: (from + 60) % 1_440 } })
  await link.reached('outside_window')
  await site.local.post(`${api}/groups`, { name: 'Line 1' })
  await expect
    .poll(() => inCloud('SELECT name FROM millwright.groups'), { timeout: 5_000 })
    .toEqual([{ name: 'Line 1' }])
  await link.send('PATCH', '', { window: null })
  await link.reached('live')
})

/** What the Overview says needs a person. */
const attention = async () => (await site.local.get(`${api}/overview`)).json.attention

test('a password that was changed at the cloud stops it until the new one is given', async () => {
  const before = login
  login = await cloud.rotate(login)
  proxy.cut()
  const stopped = await link.reached('stopped')
  expect(stopped.problem).toMatchObject({ code: 'cloud_login_refused', data: { username: login.username } })
  await expect
    .poll(attention)
    .toMatchObject([{ kind: 'cloud_stopped', code: null, problem: { code: 'cloud_login_refused' } }])
  const { url, password, caCertificate, insideNetwork } = body() as Record<string, string>
  const wrong = { url, password: before.password, caCertificate, insideNetwork }
  expect(await site.local.send('PUT', `${api}/cloud/login`, wrong)).toMatchObject({
    json: { code: 'cloud_login_refused' },
  })
  const another = await createCloud(postgres)
  const stranger = await another.addSite('Plant 1')
  const elsewhere = { ...wrong, ...joinBody(postgres, stranger, []), tenants: undefined }
  expect(await site.local.send('PUT', `${api}/cloud/login`, elsewhere)).toMatchObject({
    json: { code: 'cloud_another' },
  })
  const otherSite = joinBody(postgres, await cloud.addSite('Plant 2', { allTenants: false }), [])
  expect(await site.local.send('PUT', `${api}/cloud/login`, { ...wrong, ...otherSite })).toMatchObject({
    json: { code: 'cloud_another_site', data: { site: 'Plant 2' } },
  })
  await inCloud(`DELETE FROM millwright.sites WHERE name = 'Plant 2'`)
  await link.send('PUT', 'login', { url, password, caCertificate, insideNetwork })
  await link.reached('live')
  await expect.poll(attention).toEqual([])
})

test('another copy of the site stops this one, until a person says which stays', async () => {
  const before = (await inCloud<{ generation: number }>('SELECT generation FROM millwright.sites'))[0]
  await inCloud(
    `UPDATE millwright.sites SET token = 'of another copy', last_seen_at = now() + interval '1 second'`,
  )
  const stopped = await link.reached('stopped')
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/)
  expect(stopped).toMatchObject({ problem: { code: 'cloud_copied', data: { at } }, retryAt: null })
  await expect.poll(sessionsInCloud, { timeout: 5_000 }).toBe(0)
  expect(await site.local.post(`${api}/cloud/leave`, { deleteSent: true })).toMatchObject({
    json: { code: 'cloud_copied' },
  })
  await link.post('keep-this')
  await link.reached('live')
  const after = (await inCloud<{ generation: number }>('SELECT generation FROM millwright.sites'))[0]
  expect(after?.generation).toBe((before?.generation ?? 0) + 1)
})

test('a site that came back from a backup of its last session sends above all that the cloud has', async () => {
  const generation = async () =>
    (await inCloud<{ generation: number }>('SELECT generation FROM millwright.sites'))[0]?.generation ?? 0
  const again = async () => {
    proxy.refuse()
    proxy.cut()
    await link.reached('waiting')
    await beforeItIsBack()
    await proxy.heal()
    await link.post('resume')
    await link.reached('live')
  }
  let beforeItIsBack: () => Promise<unknown> = async () => undefined
  const before = await generation()
  await again()
  expect(await generation()).toBe(before)
  // The cloud saw it when it does not remember.
  beforeItIsBack = () =>
    inCloud(`UPDATE millwright.sites SET last_seen_at = last_seen_at + interval '1 minute'`)
  await again()
  expect(await generation()).toBe(before + 1)
})

test('a site whose last word arrived, and the answer did not, is no backup', async () => {
  const generation = async () =>
    (await inCloud<{ generation: number }>('SELECT generation FROM millwright.sites'))[0]?.generation
  const before = await generation()
  await inCloud(`CREATE FUNCTION millwright.slowly() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(1.2); RETURN NULL; END $$`)
  await inCloud(`CREATE TRIGGER slowly AFTER UPDATE ON millwright.sites
    FOR EACH ROW EXECUTE FUNCTION millwright.slowly()`)
  // One whose answer arrives, so that the next one is seconds later; and one whose answer does not.
  for (const isLost of [false, true]) {
    await expect
      .poll(
        () =>
          inCloud(
            `SELECT FROM pg_stat_activity WHERE usename = $1 AND state = 'active' AND query LIKE '%hello%'`,
            [login.username],
          ),
        { interval: 20, timeout: 10_000 },
      )
      .toHaveLength(1)
    if (isLost) proxy.halfOpen('down')
    else await sleep(1_300)
  }
  expect((await link.reached('waiting')).problem?.code).toBe('cloud_silent')
  await inCloud('DROP FUNCTION millwright.slowly CASCADE')
  await proxy.heal()
  await link.post('resume')
  await link.reached('live')
  expect(await generation()).toBe(before)
})

test('a cloud that was restored from a backup is no copy: what it lost is looked for', async () => {
  const resyncs = ({ sweeps }: CloudStatus) => sweeps.filter(({ kind }) => kind === 'resync')
  // Under a session that lives: of a time of this very session, or of one before.
  for (const token of ['token', `'an old one'`]) {
    const before = resyncs(await link.status()).length
    await inCloud(`UPDATE millwright.sites SET token = ${token}, last_seen_at = now() - interval '1 hour'`)
    await link.reached('waiting')
    await link.post('resume')
    const status = await link.until((one) => resyncs(one).length > before, 'a comparison')
    expect(resyncs(status)[0]).toMatchObject({ tenantId: null, fromTs: null })
    await link.drained()
  }
})

/** Connections of the site to the cloud, without the one for what is stored: the same ones are the same session. */
async function backends(): Promise<number[]> {
  const rows = await inCloud<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE usename = $1 AND application_name <> 'millwright history' ORDER BY pid`,
    [login.username],
  )
  return rows.map(({ pid }) => pid)
}

test.each(['groups', 'sync_state'])(
  'where only a part cannot be told (%s), that is said, and the session goes on',
  async (table) => {
    await link.drained()
    await expect.poll(backends).toHaveLength(2)
    const before = await backends()
    await inCloud(`CREATE FUNCTION millwright.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$`)
    await inCloud(`CREATE TRIGGER full_disk BEFORE INSERT ON millwright.${table}
    FOR EACH STATEMENT EXECUTE FUNCTION millwright.full_disk()`)
    if (table === 'groups') await site.local.post(`${api}/groups`, { name: 'Line 2' })
    try {
      const status = await link.until(({ problem }) => problem !== null, 'a problem')
      expect(status).toMatchObject({ state: 'held_up', problem: { code: 'cloud_full' } })
      expect(status.retryAt).toBeGreaterThan(Date.now() - 10_000)
      expect((await site.browser.get('/metrics')).text).toContain('millwright_cloud_state{state="live"} 0')
      if (table === 'groups')
        await expect
          .poll(() => inCloud('SELECT state FROM millwright.sync_state'), { timeout: 5_000 })
          .toEqual([{ state: 'held_up' }])
      expect(await backends()).toEqual(before)
    } finally {
      await inCloud('DROP FUNCTION millwright.full_disk CASCADE')
    }
    await link.until(({ problem, backlog }) => problem === null && backlog.objects === 0, 'it goes on')
    expect(await backends()).toEqual(before)
  },
)

test('however many notifications come, the fleet is exchanged once a second', async () => {
  const seen = new Set<number | null>()
  const admin = await cloud.connectAsSuperuser()
  const began = performance.now()
  while (performance.now() - began < 2_500 || (seen.size < 2 && performance.now() - began < 20_000)) {
    await admin.query('NOTIFY millwright_changes')
    seen.add((await link.status()).lastSuccessAt)
  }
  const seconds = (performance.now() - began) / 1_000
  await admin.end()
  expect(seen.size).toBeGreaterThan(1)
  expect(seen.size).toBeLessThanOrEqual(seconds + 2)
})

test('a tenant that was deleted in the cloud says so; where its row is gone, all of it is sent anew', async () => {
  const problemOf = ({ tenants }: CloudStatus) => tenants[0]?.problem?.code ?? null
  await inCloud('UPDATE millwright.tenants SET deleted_at = now()')
  const deleted = await link.until((status) => problemOf(status) === 'cloud_tenant_deleted', 'it says so')
  expect(deleted).toMatchObject({ state: 'held_up', problem: null, retryAt: null })
  await expect
    .poll(attention)
    .toMatchObject([
      { kind: 'cloud_tenant_stopped', code: 'Plant 1', problem: { code: 'cloud_tenant_deleted' } },
    ])
  await inCloud('UPDATE millwright.tenants SET deleted_at = NULL')
  await link.until((status) => problemOf(status) === null, 'it goes on')
  const names = () =>
    inCloud<{ name: string }>('SELECT name FROM millwright.groups WHERE deleted_at IS NULL ORDER BY name')
  const before = await names()
  expect(before.length).toBe(2)
  const sweeps = ({ sweeps: all }: CloudStatus) => all.filter(({ kind }) => kind === 'history').length
  const sent = sweeps(await link.status())
  await inCloud('DELETE FROM millwright.tenants')
  await expect.poll(names, { timeout: 10_000 }).toEqual(before)
  expect(sweeps(await link.status())).toBe(sent + 1)
})

test('a tenant whose choice the cloud cannot take keeps nothing else back', async () => {
  await link.drained()
  await expect.poll(backends).toHaveLength(2)
  const before = await backends()
  await inCloud(`CREATE FUNCTION millwright.locked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'canceling statement due to lock timeout' USING ERRCODE = '55P03'; END $$`)
  await inCloud(`CREATE TRIGGER locked BEFORE UPDATE ON millwright.site_tenants
    FOR EACH STATEMENT EXECUTE FUNCTION millwright.locked()`)
  try {
    await link.send('PUT', 'tenants', { tenants: [{ tenantId, mode: 'fleet' }] })
    const status = await link.until(({ tenants }) => tenants[0]?.problem !== null, 'it says so')
    expect(status).toMatchObject({ state: 'held_up', tenants: [{ problem: { code: 'cloud_busy' } }] })
    expect(before).toEqual(expect.arrayContaining(await backends()))
  } finally {
    await inCloud('DROP FUNCTION millwright.locked CASCADE')
  }
  await link.until(({ tenants }) => tenants[0]?.problem === null, 'it goes on')
  await link.send('PUT', 'tenants', { tenants: [{ tenantId, mode: 'telemetry' }] })
})

test('a tenant that is turned off is not sent any more, and is told so', async () => {
  // A comparison that can never be made is not waited for.
  const soon = (new Date(Date.now() + 2 * 3_600_000).getUTCHours() * 60) % 1_440
  await link.send('PATCH', '', { window: { from: soon, to: (soon + 60) % 1_440 } })
  await link.reached('outside_window')
  await link.post('resync')
  const open = async () => (await link.status()).sweeps.filter(({ endedAt }) => endedAt === null)
  expect(await open()).toContainEqual(expect.objectContaining({ kind: 'resync', tenantId: null }))
  await link.send('PUT', 'tenants', { tenants: [{ tenantId, mode: 'off' }] })
  await expect
    .poll(() => inCloud('SELECT mode FROM millwright.site_tenants'), { timeout: 5_000 })
    .toEqual([{ mode: 'off' }])
  expect(await open()).toEqual([])
  await link.send('PATCH', '', { window: null })
  await link.send('PUT', 'tenants', { tenants: [{ tenantId, mode: 'fleet' }] })
  await expect
    .poll(() => inCloud('SELECT mode FROM millwright.site_tenants'), { timeout: 5_000 })
    .toEqual([{ mode: 'fleet' }])
  expect(await site.local.post(`${api}/cloud/resync`, { tenantId })).toMatchObject({
    status: 409,
    json: { code: 'cloud_tenant_sends_none' },
  })
  expect(await site.local.post(`${api}/cloud/resync`, {})).toMatchObject({
    status: 409,
    json: { code: 'cloud_sends_no_readings' },
  })
  // Nor is there anything to compare where the cloud was restored.
  const [before] = await inCloud<{ generation: number }>('SELECT generation FROM millwright.sites')
  await inCloud(`UPDATE millwright.sites SET last_seen_at = now() - interval '1 hour'`)
  await link.reached('waiting')
  await link.post('resume')
  await expect
    .poll(() => inCloud('SELECT generation FROM millwright.sites'), { timeout: 5_000 })
    .toEqual([{ generation: (before?.generation ?? 0) + 1 }])
  expect(await open()).toEqual([])
})

test('leaves without a link, joins again, and leaves with all that was sent', async () => {
  proxy.refuse()
  proxy.cut()
  expect(await site.local.post(`${api}/cloud/leave`, { deleteSent: true })).toMatchObject({ status: 502 })
  expect(await link.isJoined()).toBe(true)
  await link.post('leave')
  expect(await link.isJoined()).toBe(false)
  expect((await site.local.get(`${api}/status`)).json.cloud).toBeNull()
  await proxy.heal()
  // The cloud did not hear of it: for all that it knows, another installation has this login.
  const refused = { status: 409, json: { code: 'cloud_login_used', data: { site: 'Plant 1' } } }
  expect(await site.local.post(`${api}/cloud/join`, { ...body('fleet'), takeOver: true })).toMatchObject(
    refused,
  )
  await inCloud(`UPDATE millwright.sites SET last_seen_at = now() - interval '1 hour'`)
  const { lastUsed } = await link.post<CloudPreview>('preview', body('fleet'))
  expect(lastUsed?.at).toBeLessThan(Date.now() - 3_000_000)
  expect(await site.local.post(`${api}/cloud/join`, body('fleet'))).toMatchObject(refused)
  expect(await link.isJoined()).toBe(false)
  await link.join({ ...body('fleet'), takeOver: true })
  await link.reached('live')

  // A deletion that somebody's lock holds up can be ended: the rest stays there.
  const holder = await cloud.connectAsSuperuser()
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE millwright.gateways IN SHARE MODE')
  await link.post('leave', { deleteSent: true })
  await link.reached('leaving')
  await link.post('leave')
  expect(await link.isJoined()).toBe(false)
  await holder.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
    login.username,
  ])
  await holder.query('COMMIT')
  await holder.end()
  expect(await inCloud('SELECT slug FROM millwright.tenants')).toEqual([{ slug: 'plant-1' }])
  await link.join(body('fleet'))
  await link.reached('live')

  expect((await link.leave()).deletedObjects).toBeGreaterThan(0)
  expect(await inCloud('SELECT id FROM millwright.tenants')).toEqual([])
  await expect.poll(sessionsInCloud, { timeout: 5_000 }).toBe(0)
})

test('what is no cloud is told apart, and an address is called only as it is written', async () => {
  let calls = 0
  const listener = createServer((socket) => {
    calls += 1
    socket.destroy()
  })
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
  const address = listener.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const ask = async (changes: Record<string, unknown>) =>
    (await site.local.post(`${api}/cloud/preview`, { ...body(), ...changes })).json.code
  expect(await ask({ url: `postgres://a:secret@127.0.0.1:${port}/x` })).toBe('cloud_url_invalid')
  expect(await ask({ url: `postgres://a@127.0.0.1:${port}/x`, insideNetwork: false })).toBe(
    'cloud_inside_network',
  )
  expect(await ask({ caCertificate: 'nonsense' })).toBe('cloud_ca_invalid')
  expect(calls).toBe(0)
  expect(await ask({ url: `postgres://a@127.0.0.1:${port}/x` })).toBe('cloud_unreachable')
  expect(calls).toBe(1)
  listener.close()
  const empty = await postgres.createDatabase()
  expect(await ask({ url: `postgres://${login.username}@127.0.0.1:${postgres.port}/${empty}` })).toBe(
    'cloud_schema_missing',
  )
  const audit = await site.local.get(`${api}/audit?limit=50`)
  expect(audit.text).not.toContain('secret@')
})
