import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterEach, expect, test } from 'vitest'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { unpack } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { mosquittoPub } from '#tests/fixtures/mosquitto.ts'
import { ADMIN, PASSWORD, startSite, type TestSite, temporaryFolder } from '#tests/fixtures/site.ts'
import { unzipped } from '#tests/fixtures/unzip.ts'
import { millwright } from '../cli/command.ts'
import { leaveBenchTraces } from './bench-traces.ts'
import { People } from './people.ts'

const SECRET = 'recipe of the goat cheese'
const GONE = 'gone person of aurora'
let site: TestSite
let people: People

afterEach(async () => {
  await people.close()
  await site.stop()
})

async function openSite(options: Parameters<typeof startSite>[0] = {}): Promise<void> {
  site = await startSite(options)
  people = await People.of(site)
}

async function post(path: string, body?: unknown) {
  const answer = await site.local.post(`/api/v1${path}`, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`)
  return answer.json
}

/** The first tenant keeps its data; the second has one of everything, and goes. */
async function filledTenants(): Promise<{ kept: string; gone: string; person: string; gatewayId: string }> {
  const kept = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  const gone = (await post('/tenants', { name: 'Aurora Dairy', slug: 'aurora' })).id
  for (const [tenant, text] of [
    [kept, 'what stays'],
    [gone, SECRET],
  ]) {
    const group = (await post('/groups', { tenant, parent: null, name: 'Hall' })).id
    await post('/groups', { tenant, parent: group, name: 'Line' })
    await post('/gateways/provision', { code: 'GW001', name: 'GW001', tenant, group })
    await post('/api-keys', { name: 'key', tenant, scopes: ['telemetry:read'] }).catch(() => undefined)
    const code = `/api/v1/gateways/GW001/credentials?tenant=${tenant}`
    const credentials = await unpack((await site.local.get(code)).bytes, join(await temporaryFolder(), 'c'))
    for (const at of [1, 2, 3]) {
      const message = JSON.stringify({
        ts: Date.now() - at * 60_000,
        values: { note: `${text} ${at}`, level: at },
      })
      expect((await mosquittoPub(credentials, { message })).code).toBe(0)
    }
    // Retained: what the broker keeps goes too.
    await mosquittoPub(credentials, {
      topic: credentials.telemetryTopic.replace(/telemetry$/, 'status'),
      message: text,
      more: ['-r'],
    })
  }
  const person = await people.add('operator', gone)
  await people.db
    .updateTable('users')
    .set({ name: GONE, email: 'gone@aurora.example' })
    .where('id', '=', person.id)
    .execute()
  const gateway = await people.db
    .selectFrom('gateways')
    .select('id')
    .where('tenantId', '=', gone)
    .executeTakeFirstOrThrow()
  await people.db
    .updateTable('gateways')
    .set({ ownerUserId: person.id })
    .where('id', '=', gateway.id)
    .execute()
  const channel = await people.db
    .selectFrom('channels')
    .select('id')
    .where('tenantId', '=', gone)
    .executeTakeFirstOrThrow()
  const api = await people.api(person)
  await api.annotations.create({
    from: 1_000_000_000_000,
    text: 'a note of theirs',
    channelIds: [channel.id],
  })
  await api.views.create({
    kind: 'trend',
    name: 'Mine',
    shared: false,
    content: { channels: [{ id: channel.id }], range: '8h' },
  } as never)
  return { kept, gone, person: person.id, gatewayId: gateway.id }
}

async function doneJob(id: string): Promise<Record<string, unknown>> {
  return eventually(
    async () => {
      const job = (await site.local.get(`/api/v1/jobs/${id}`)).json
      if (job.state === 'failed') throw new Error(JSON.stringify(job.error))
      return job.state === 'done' ? job : null
    },
    `job ${id} is done`,
    30_000,
  )
}

function filesWith(text: string): string[] {
  return readdirSync(site.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text))
    .map((path) => path.slice(site.dataDir.length + 1))
}

/** What the tenant that stays has, as people ask for it. */
async function pictureOf(tenant: string): Promise<string> {
  const paths = ['gateways', 'channels', 'groups', 'calculations'].map(
    (what) => `/api/v1/${what}?tenant=${tenant}`,
  )
  const csv = `/api/v1/telemetry/export?tenant=${tenant}&from=0`
  const answers = await Promise.all([...paths, csv].map((path) => site.local.get(path)))
  return answers
    .map(({ status, text }) => `${status} ${text.replaceAll(/"(online|lastSeenAt|since)":[^,}]*/g, '')}`)
    .join('\n')
}

async function gone(tenant: string): Promise<void> {
  await eventually(
    async () => {
      const failed = (await site.local.get('/api/v1/jobs?state=failed')).json.jobs
      if (failed.length > 0) throw new Error(JSON.stringify(failed))
      const done = (await site.local.get('/api/v1/jobs?kind=privacy.tenant_deletion&state=done')).json.jobs
      return done.length > 0 && (await site.local.get(`/api/v1/tenants/${tenant}`)).status === 404
    },
    'the tenant is gone',
    60_000,
  )
}

async function expectSoundAudit(): Promise<void> {
  await site.engine.stop()
  const { code, stdout } = await millwright(['audit', 'verify', '--data', site.dataDir])
  expect(stdout).toMatch(/^Sound/)
  expect(code).toBe(0)
}

/** Firmware of a tenant, with one part. */
async function leaveBundle(tenantId: string): Promise<void> {
  const sha256 = createHash('sha256').update(SECRET).digest('hex')
  writeFileSync(join(site.dataDir, 'firmware', sha256), SECRET)
  await people.db
    .insertInto('firmwareBundles')
    .values({
      id: uuid7(Date.now()),
      tenantId,
      name: 'theirs',
      version: '1',
      kind: 'other',
      builds: JSON.stringify([{ parts: [{ sha256 }] }]),
      abilities: '{}',
      manifest: Buffer.from('{}'),
      hash: sha256,
      size: SECRET.length,
      publicKey: null,
      signature: null,
      importedAt: Date.now(),
      importedByName: 'Ana',
    })
    .execute()
}

test('a tenant is exported whole, then deleted with every byte of it, and the other loses nothing', {
  timeout: 120_000,
}, async () => {
  await openSite({ deletionGrace: 0 })
  const { kept, gone: tenant } = await filledTenants()
  // What the bench knows of it: a sealed password, and the log of a board.
  await post('/bench/wifi-networks', { tenant, ssid: 'Aurora', password: 'long enough' })
  const [group] = (await site.local.get(`/api/v1/groups?tenant=${tenant}`)).json.groups
  const bench = await leaveBenchTraces(people.db, { tenantId: tenant, groupId: group.id })
  mkdirSync(join(site.dataDir, 'flash-logs'), { recursive: true })
  writeFileSync(join(site.dataDir, 'flash-logs', `${bench.jobId}.log`), SECRET)
  await leaveBundle(tenant)
  const before = await pictureOf(kept)
  expect(filesWith(SECRET).length).toBeGreaterThan(0)
  expect(before).toContain('what stays 3')

  expect((await site.local.post('/api/v1/tenants/aurora/deletion', { confirm: 'aurora' })).json.code).toBe(
    'tenant_export_missing',
  )
  const job = await post('/tenants/aurora/export', { format: 'csv' })
  await doneJob(job.id)
  const zip = await unzipped((await site.local.get(`/api/v1/jobs/${job.id}/file`)).bytes)
  expect([...zip.keys()]).toEqual([
    'README.txt',
    ...['tenant', 'groups', 'roles', 'people', 'gateways', 'assignments', 'certificates', 'channels'].map(
      (of) => `${of}.json`,
    ),
    ...[
      'mqtt-clients',
      'api-keys',
      'views',
      'annotations',
      'calculations',
      'refusals',
      'history',
      'usage',
      'firmware',
      'firmware-publishers',
      'wifi-networks',
      'bench-runs',
      'flash-jobs',
      'birth-records',
      'jobs',
    ].map((of) => `${of}.json`),
    'audit.json',
    'readings/GW001.csv',
  ])
  const json = (name: string) => JSON.parse(zip.get(`${name}.json`)?.toString() ?? '')
  expect(json('tenant')[0]).toMatchObject({ slug: 'aurora', name: 'Aurora Dairy' })
  expect(
    json('groups')
      .map((one: { name: string }) => one.name)
      .sort(),
  ).toEqual(['Hall', 'Line'])
  expect(json('people')[0]).toMatchObject({ name: GONE, role: 'operator' })
  expect(json('gateways')[0]).toMatchObject({ code: 'GW001', metadata: {} })
  expect(json('certificates')[0].pem).toContain('BEGIN CERTIFICATE')
  expect(
    json('channels')
      .map((one: { key: string }) => one.key)
      .sort(),
  ).toEqual(['level', 'note'])
  expect(json('annotations')[0].text).toBe('a note of theirs')
  expect(json('audit').length).toBeGreaterThan(3)
  expect(Date.parse(json('gateways')[0].createdAt)).toBeGreaterThan(0)
  const readings = parse<{ value: string }>(zip.get('readings/GW001.csv') ?? '', { columns: true })
  expect(readings.filter(({ value }) => value.startsWith(SECRET))).toHaveLength(3)
  expect(zip.get('README.txt')?.toString()).toContain('readings/GW001.csv')
  // Nobody else sees what one person asked for.
  const other = await people.cookie(await people.add('tenant_admin', tenant))
  expect((await site.browser.get(`/api/v1/jobs/${job.id}`, { cookie: other })).status).toBe(404)

  expect((await site.local.post('/api/v1/tenants/aurora/deletion', { confirm: 'aurorA!' })).json.code).toBe(
    'confirmation_wrong',
  )
  await post('/tenants/aurora/deletion', { confirm: 'aurora' })
  await gone('aurora')
  expect(filesWith(SECRET)).toEqual([])
  expect(filesWith(GONE)).toEqual([])
  expect(await pictureOf(kept)).toBe(before)
  for (const table of [
    'groups',
    'gateways',
    'assignments',
    'channels',
    'memberships',
    'annotations',
    'views',
    'gatewayHistory',
    'refusals',
    'apiKeys',
    'mqttClients',
    'jobs',
    'roles',
    'tenantUsage',
    'wifiNetworks',
    'benchRuns',
    'flashJobs',
    'birthRecords',
    'firmwareBundles',
  ] as const)
    expect([
      table,
      await people.db.selectFrom(table).select('tenantId').where('tenantId', '=', tenant).execute(),
    ]).toEqual([table, []])
  const sealed = people.db.selectFrom('sealedSecrets').select('id').where('purpose', '=', 'wifi-password')
  expect(await sealed.execute()).toEqual([])
  // The certificate stays on the revocation list, without a name.
  const certificates = await people.db
    .selectFrom('certificates')
    .selectAll()
    .where('kind', '=', 'gateway')
    .where('gatewayId', 'is', null)
    .execute()
  expect(certificates.map(({ state, subject, pem }) => [state, subject, pem])).toEqual([['revoked', '', '']])
  expect(
    (await site.local.get('/api/v1/certificates')).json.certificates.filter(
      (one: { kind: string }) => one.kind === 'gateway',
    ),
  ).toHaveLength(1)
  expect((await site.local.post(`/api/v1/tenants/${kept}/deletion`, { confirm: 'x' })).json.code).toBe(
    'confirmation_wrong',
  )
  await expectSoundAudit()
})

test('a deletion waits for its time and can be taken back; one that was ended on the way goes on', {
  timeout: 120_000,
}, async () => {
  let ahead = 0
  const clock = { now: () => Date.now() + ahead }
  await openSite({ clock })
  const { gone: tenant, kept } = await filledTenants()
  const asked = await post('/tenants/aurora/deletion', { confirm: 'aurora', withoutExport: true })
  expect(asked).toMatchObject({ state: 'suspended' })
  expect(Date.parse(asked.deletionAt) - Date.now()).toBeGreaterThan(13.9 * 86_400_000)
  expect((await site.local.post('/api/v1/tenants/aurora/resume')).json.code).toBe('tenant_deletion_conflict')
  expect(
    (await site.local.post('/api/v1/tenants/aurora/deletion', { confirm: 'aurora', withoutExport: true }))
      .json.code,
  ).toBe('tenant_deletion_conflict')
  const taken = await site.local.send('DELETE', '/api/v1/tenants/aurora/deletion')
  expect(taken.json).toMatchObject({ state: 'active', deletionAt: null })
  expect((await site.local.send('DELETE', '/api/v1/tenants/aurora/deletion')).json.code).toBe(
    'tenant_deletion_conflict',
  )

  const before = await pictureOf(kept)
  await post('/tenants/aurora/deletion', { confirm: 'aurora', withoutExport: true })
  ahead = 15 * 86_400_000
  const { dataDir } = site
  // Stopped again and again, each time somewhat later.
  let stops = 0
  for (let pause = 0; ; pause += 60) {
    await people.close()
    await site.engine.stop()
    site = await startSite({ dataDir, clock })
    people = await People.of(site)
    if ((await site.local.get(`/api/v1/tenants/${tenant}`)).status === 404) break
    stops += 1
    if (stops > 6) {
      await gone('aurora')
      break
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  await eventually(async () => filesWith(SECRET).length === 0, 'no byte is left', 20_000)
  expect(await pictureOf(kept)).toBe(before)
  await expectSoundAudit()
})

test('a person takes their data along and goes: nothing personal is left, and the audit is sound', {
  timeout: 60_000,
}, async () => {
  await openSite()
  const { gone: tenant, person, gatewayId } = await filledTenants()
  const cookie = await people.cookie({ id: person, role: 'operator', tenantId: tenant })
  const own = { cookie, origin: `http://${new URL(site.addresses.http ?? '').host}` }
  const job = (await site.browser.post('/api/v1/account/export', undefined, own)).json
  const file = await eventually(async () => {
    const answer = await site.browser.get(`/api/v1/jobs/${job.id}/file`, own)
    return answer.status === 200 ? answer.bytes : null
  }, 'the file is there')
  // Not even whoever administers the tenant sees it.
  const boss = await people.cookie(await people.add('tenant_admin', tenant))
  expect((await site.browser.get(`/api/v1/jobs/${job.id}/file`, { cookie: boss })).status).toBe(404)
  const zip = await unzipped(file)
  const json = (name: string) => JSON.parse(zip.get(`${name}.json`)?.toString() ?? '')
  expect(json('profile')[0]).toMatchObject({ name: GONE, email: 'gone@aurora.example' })
  expect(zip.get('profile.json')?.toString()).not.toContain('passwordHash')
  expect(json('memberships')[0]).toMatchObject({ tenant: 'Aurora Dairy', role: 'operator' })
  expect(json('sessions').length).toBeGreaterThan(0)
  expect(json('annotations')[0].text).toBe('a note of theirs')
  expect(json('views')[0].content.range).toBe('8h')
  expect(json('gateways')[0]).toMatchObject({ id: gatewayId, code: 'GW001' })
  expect(json('audit-by').map((one: { action: string }) => one.action)).toContain('annotation.create')
  for (const name of zip.keys())
    if (name !== 'README.txt') expect(zip.get('README.txt')?.toString()).toContain(name)

  const erase = (body: unknown) => site.browser.post('/api/v1/account/erase', body, own)
  expect((await erase({ confirm: 'somebody@else.example' })).json.code).toBe('confirmation_wrong')
  expect((await erase({ confirm: 'Gone@Aurora.example' })).status).toBe(204)
  expect((await site.browser.get('/api/v1/auth/me', own)).status).not.toBe(200)
  expect(filesWith(GONE)).toEqual([])
  expect(filesWith('gone@aurora.example')).toEqual([])
  const note = await people.db.selectFrom('annotations').selectAll().executeTakeFirstOrThrow()
  expect(note).toMatchObject({ text: 'a note of theirs', authorName: 'deleted person', authorUserId: null })
  expect(await people.db.selectFrom('views').select('id').execute()).toEqual([])
  expect(
    await people.db
      .selectFrom('gateways')
      .select('ownerUserId')
      .where('id', '=', gatewayId)
      .executeTakeFirst(),
  ).toEqual({ ownerUserId: null })
  await expectSoundAudit()
})

test('the last administrator of the site stays, a wrong password keeps everyone, and others need the rights', async () => {
  await openSite()
  const { gone: tenant } = await filledTenants()
  const signedIn = await site.browser.post(
    '/api/v1/auth/session',
    { email: ADMIN, password: PASSWORD },
    { origin: `http://${new URL(site.addresses.http ?? '').host}` },
  )
  const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const own = { cookie, origin: `http://${new URL(site.addresses.http ?? '').host}` }
  const erase = (body: unknown) => site.browser.post('/api/v1/account/erase', body, own)
  expect((await erase({ confirm: ADMIN, password: 'not this one' })).json.code).toBe('wrong_credentials')
  expect((await erase({ confirm: ADMIN, password: PASSWORD })).json.code).toBe('last_site_admin')
  const viewer = await people.add('viewer', tenant)
  const boss = await people.cookie(await people.add('tenant_admin', tenant))
  const admin = await people.add('site_admin', null)
  const asBoss = { ...own, cookie: boss }
  expect((await site.browser.post(`/api/v1/users/${admin.id}/erase`, { confirm: 'x' }, asBoss)).status).toBe(
    404,
  )
  expect(
    (await site.browser.post(`/api/v1/users/${viewer.id}/erase`, { confirm: 'x' }, asBoss)).json.code,
  ).toBe('confirmation_wrong')
  expect(
    (
      await site.browser.post(
        `/api/v1/users/${viewer.id}/erase`,
        { confirm: `${viewer.id}@plant.example` },
        asBoss,
      )
    ).status,
  ).toBe(204)
  expect(
    (
      await site.browser.post(
        `/api/v1/tenants/${tenant}/deletion`,
        { confirm: 'aurora', withoutExport: true },
        asBoss,
      )
    ).json.code,
  ).toBe('forbidden_reach')
})
