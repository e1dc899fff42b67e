import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contract } from '#contract/contract.ts'
import { type Access, type Role, rolePermissions, roles } from '#contract/model/permission.ts'
import { recordRefusal } from '#features/fleet/refusals.repository.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type Api, first, People, type Person } from './people.ts'

interface Plant {
  tenantId: string
  gateway: string
  gatewayId: string
  channelId: string
  viewId: string
  annotationId: string
  calculationId: string
  jobId: string
}

let site: TestSite
let people: People
let north: Plant
let south: Plant
const staff = new Map<string, Person>()

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const { id } = await site.engine.createTenant({ slug: 'south', name: 'South' })
  north = await plant(tenants[0].id, 'NORTH-1', 'aa:bb:cc:00:01:01')
  south = await plant(id, 'SOUTH-1', 'aa:bb:cc:00:01:02')
  // Trouble of both, and of a box that belongs to nobody.
  for (const [of, clientId] of [
    [north, 'north-box'],
    [south, 'south-box'],
    [null, 'stray-box'],
  ] as const)
    await people.db.transaction().execute((trx) =>
      recordRefusal(
        trx,
        {
          at: Date.now(),
          reason: 'client_id_mismatch',
          address: '10.0.0.7',
          gatewayId: of?.gatewayId ?? null,
          clientId,
          fingerprint: null,
          topic: null,
          detail: null,
          count: 1,
        },
        of?.tenantId ?? null,
      ),
    )
  for (const role of roles) {
    const ofSite = role === 'site_admin'
    staff.set(`north ${role}`, await people.add(role, ofSite ? null : north.tenantId))
    if (!ofSite) staff.set(`south ${role}`, await people.add(role, south.tenantId))
  }
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

async function plant(tenantId: string, code: string, mac: string): Promise<Plant> {
  const made = await site.local.post('/api/v1/gateways/provision', {
    code,
    name: `name of ${code}`,
    mac_address: mac,
    tenant: tenantId,
  })
  const gatewayId = made.json.gateway_id
  await site.engine.importReadings(gatewayId, [
    {
      channel: `channel.of.${code}`,
      kind: 'number',
      unit: null,
      ts: Date.now() - 1_000,
      value: 1,
      quality: 0,
    },
  ])
  const { id } = await eventually(
    async () => (await site.local.get(`/api/v1/channels?gateway=${code}`)).json.channels[0],
    'a channel',
  )
  const view = await site.local.post('/api/v1/views', { ...trendView(id), shared: true, tenant: tenantId })
  const annotation = await site.local.post('/api/v1/annotations', {
    from: Date.now(),
    text: `about ${code}`,
    channelIds: [id],
  })
  const calculation = await site.local.post('/api/v1/calculations', {
    tenant: tenantId,
    name: `of ${code}`,
    expression: `[${code}/channel.of.${code}] * 2`,
  })
  const job = await site.local.post('/api/v1/telemetry/exports', { gateways: [code], tenant: tenantId })
  return {
    tenantId,
    gateway: code,
    gatewayId,
    channelId: id,
    viewId: view.json.id,
    annotationId: annotation.json.id,
    calculationId: calculation.json.id,
    jobId: job.json.id,
  }
}

/** A name for each, since one stands once. */
let views = 0
const trendView = (channelId: string) => ({
  kind: 'trend',
  name: `View ${++views}`,
  content: { channels: [{ id: channelId }], range: '8h' },
})

const range = { from: 0, to: 4_000_000_000_000 }
/** Adds to the codes that provisioning takes. */
let made = 0

/** Input of every procedure, about a given plant: one without a line here fails below. */
const inputs: Record<string, (plant: Plant) => unknown> = {
  'setup.status': () => undefined,
  'setup.begin': () => ({ code: '' }),
  'setup.complete': () => ({
    code: '',
    siteName: 'x',
    admin: { email: 'a@b', password: 'x' },
    addresses: ['127.0.0.1'],
    names: [],
  }),
  'auth.login': () => ({ email: 'nobody@plant.example', password: 'x' }),
  'auth.logout': () => undefined,
  'auth.me': () => undefined,
  'site.info': () => undefined,
  'site.status': () => undefined,
  'site.watchPulse': () => undefined,
  'site.updateNetwork': () => ({
    addresses: ['127.0.0.1'],
    names: [],
    ports: { http: 0, https: 0, deviceHttps: 0, mqtts: 0 },
  }),
  'site.calendar': () => undefined,
  'site.updateCalendar': () => ({ timeZone: 'UTC', shiftStarts: [], weekStart: 'monday' }),
  'tenants.list': () => undefined,
  'gateways.list': () => ({}),
  'gateways.watch': () => undefined,
  'gateways.show': ({ gateway }) => ({ gateway }),
  'gateways.provision': ({ tenantId }) => ({ code: `NEW-${++made}`, name: 'x', tenant: tenantId }),
  'gateways.update': ({ gateway }) => ({ gateway, name: `name of ${gateway}` }),
  'gateways.suspend': ({ gateway }) => ({ gateway }),
  'gateways.resume': ({ gateway }) => ({ gateway }),
  'gateways.revoke': ({ gateway }) => ({ gateway }),
  'gateways.history': ({ gateway }) => ({ gateway }),
  'gateways.refusals': ({ gateway }) => ({ gateway }),
  'gateways.watchOne': ({ gateway }) => ({ gateway }),
  'certificates.list': ({ gateway }) => ({ gateway }),
  'certificates.crl': () => undefined,
  'certificates.ca': () => undefined,
  'certificates.credentials': ({ gateway }) => ({ gateway }),
  'certificates.received': ({ gateway }) => ({ gateway }),
  'telemetry.channels': ({ gateway }) => ({ gateway }),
  'telemetry.updateChannel': ({ channelId }) => ({ channelId, unit: 'bar' }),
  'telemetry.latest': ({ gateway }) => ({ gateway }),
  'telemetry.query': ({ gateway }) => ({ gateway }),
  'telemetry.states': ({ gateway }) => ({ gateway }),
  'telemetry.increases': ({ gateway }) => ({ gateway }),
  'telemetry.neighbours': ({ gateway }) => ({ gateway }),
  'telemetry.gaps': ({ gateway }) => ({ gateway }),
  'telemetry.corrections': ({ gateway }) => ({ gateway }),
  'telemetry.chart': ({ channelId }) => ({ channelIds: [channelId], ...range, points: 10 }),
  'telemetry.watch': ({ channelId }) => ({ channelIds: [channelId] }),
  'telemetry.exportCsv': ({ channelId }) => ({ channelIds: [channelId], ...range }),
  'views.list': () => ({}),
  'views.watch': () => ({}),
  'views.get': ({ viewId }) => ({ viewId }),
  'views.create': ({ channelId, tenantId }) => ({ ...trendView(channelId), tenant: tenantId }),
  'views.update': ({ viewId }) => ({ viewId, version: 1, name: `View ${++views}` }),
  'views.delete': ({ viewId }) => ({ viewId }),
  'annotations.list': () => range,
  'annotations.watch': () => undefined,
  'annotations.create': ({ channelId }) => ({ from: 1, text: 'x', channelIds: [channelId] }),
  'annotations.update': ({ annotationId }) => ({ annotationId, version: 1, text: 'x' }),
  'annotations.delete': ({ annotationId }) => ({ annotationId }),
  'retention.show': () => undefined,
  'retention.classes': () => undefined,
  'retention.update': () => ({ budgetBytes: null }),
  'retention.createClass': () => ({ name: `Class ${++made}`, days: 30 }),
  'retention.updateClass': () => ({ id: 'standard', evictable: false }),
  'retention.deleteClass': () => ({ id: 'nothing-uses-it' }),
  'retention.setTenant': ({ tenantId }) => ({ tenantId, retentionClass: null }),
  'retention.storage': () => undefined,
  'calculations.list': ({ tenantId }) => ({ tenant: tenantId }),
  'calculations.create': ({ tenantId, gateway }) => ({
    tenant: tenantId,
    name: `sum ${++made}`,
    expression: `[${gateway}/channel.of.${gateway}] + 1`,
  }),
  'calculations.update': ({ calculationId }) => ({ calculationId, unit: 'bar' }),
  'calculations.delete': ({ calculationId }) => ({ calculationId }),
  'calculations.preview': ({ tenantId, gateway }) => ({
    tenant: tenantId,
    expression: `[${gateway}/channel.of.${gateway}]`,
    ...range,
    points: 10,
  }),
  'jobs.list': () => ({}),
  'jobs.get': ({ jobId }) => ({ jobId }),
  'jobs.watch': () => undefined,
  'jobs.filePart': ({ jobId }) => ({ jobId, offset: 0 }),
  'jobs.cancel': ({ jobId }) => ({ jobId }),
  'jobs.retry': ({ jobId }) => ({ jobId }),
  'jobs.delete': ({ jobId }) => ({ jobId }),
  'telemetryFiles.startExport': ({ gateway }) => ({ gateways: [gateway], ...range }),
  'telemetryFiles.upload': () => ({ offset: 0, data: '' }),
  'telemetryFiles.startImport': ({ gateway, jobId }) => ({ gateway, source: jobId }),
  'overview.show': () => undefined,
  'overview.watch': () => undefined,
}
const named = (name: string) => {
  const [feature, procedure] = name.split('.') as [keyof typeof contract, string]
  const { meta } = (contract[feature] as Record<string, { '~orpc': { meta: { access: Access } } }>)[
    procedure
  ]!['~orpc']
  return { feature, procedure, access: meta.access }
}
const names = Object.entries(contract).flatMap(([feature, all]) =>
  Object.keys(all).map((procedure) => `${feature}.${procedure}`),
)

/** `ok`, or the code it failed with. A stream counts as answered once it is open. */
async function ask(api: Api, name: string, input: unknown): Promise<string> {
  const { feature, procedure } = named(name)
  const call = (api[feature] as unknown as Record<string, (input: unknown) => Promise<unknown>>)[procedure]!
  try {
    await closed(await call(input))
    return 'ok'
  } catch (error) {
    return error instanceof ORPCError ? error.code : String(error)
  }
}

async function closed(answer: unknown): Promise<void> {
  if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)
    await (answer as AsyncGenerator).return(undefined)
}

function may(role: Role, access: Access): boolean {
  return (
    access === 'public' ||
    access === 'signed_in' ||
    rolePermissions[role].some((permission) => permission === access)
  )
}

test('every procedure of the contract is walked', () => {
  expect(new Set(Object.keys(inputs))).toEqual(new Set(names))
})

describe.each(roles)('a %s', (role) => {
  test.each(names)('%s', async (name) => {
    const { access } = named(name)
    const api = await people.api(staff.get(`north ${role}`) ?? null)
    const answer = await ask(api, name, inputs[name]?.(north))
    if (may(role, access))
      expect(['forbidden', 'not_signed_in', 'INTERNAL_SERVER_ERROR']).not.toContain(answer)
    else expect(answer).toBe('forbidden')
  })
})

test('nobody gets past a procedure that is not public', async () => {
  const api = await people.api(null)
  for (const name of names.filter((one) => named(one).access !== 'public'))
    expect([name, await ask(api, name, inputs[name]?.(north))]).toEqual([name, 'not_signed_in'])
})

/** Those whose input names a gateway, a channel or a tenant. */
const aboutAnObject = names.filter((name) =>
  /gateway|channelId|tenantId|viewId|annotationId|calculationId|jobId/.test(String(inputs[name])),
)

describe.each(['tenant_admin', 'operator', 'viewer'] as const)('a %s of another tenant', (role) => {
  test.each(aboutAnObject)('%s: what is not theirs does not exist', async (name) => {
    const api = await people.api(staff.get(`south ${role}`) ?? null)
    const answer = await ask(api, name, inputs[name]?.(north))
    if (may(role, named(name).access)) expect(['not_found', 'tenant_unknown']).toContain(answer)
    else expect(answer).toBe('forbidden')
  })

  test('by id it does not exist either', async () => {
    const api = await people.api(staff.get(`south ${role}`) ?? null)
    for (const name of ['gateways.show', 'gateways.history', 'telemetry.latest', 'certificates.list'])
      expect([name, await ask(api, name, { gateway: north.gatewayId })]).toEqual([name, 'not_found'])
    expect(await ask(api, 'telemetry.query', { gateway: south.gateway, channel: north.channelId })).toBe(
      'not_found',
    )
    expect(await ask(api, 'gateways.list', { tenant: north.tenantId })).toBe('tenant_unknown')
  })

  test('lists and the first message of streams hold nothing of it', async () => {
    const api = await people.api(staff.get(`south ${role}`) ?? null)
    const seen = JSON.stringify([
      await api.gateways.list({}),
      await api.gateways.refusals({}),
      await api.certificates.list({}),
      await api.telemetry.channels({}),
      await api.telemetry.latest({}),
      await api.tenants.list(),
      await api.site.info(),
      await api.overview.show(),
      await api.jobs.list({}),
      await first(await api.jobs.watch()),
      await first(await api.gateways.watch()),
      await first(await api.overview.watch()),
      await api.views.list({}),
      await first(await api.views.watch({})),
      await api.annotations.list(range),
      await api.calculations.list({}),
    ])
    for (const own of [south.gatewayId, south.channelId, 'south-box']) expect(seen).toContain(own)
    for (const foreign of [
      north.gatewayId,
      north.tenantId,
      north.channelId,
      north.jobId,
      'NORTH-1',
      'north-box',
      'stray-box',
    ])
      expect(seen).not.toContain(foreign)
    // How busy the other tenants are is theirs as well.
    expect(await api.site.status()).toMatchObject({ gateways: 1 })
    expect((await api.overview.show()).total).toBe(1)
  })
})

test('the export beside the contract keeps to the tenant as well', async () => {
  const path = `/api/v1/telemetry/export?gateway=${north.gateway}&from=0`
  const as = async (who: string) =>
    site.browser.get(path, { cookie: await people.cookie(staff.get(who) ?? ({} as Person)) })
  expect((await as('south tenant_admin')).json).toMatchObject({ status: 404, code: 'not_found' })
  const own = await as('north viewer')
  expect(own.status).toBe(200)
  expect(own.text).toContain('channel.of.NORTH-1')
})

test('a person of no tenant who is no site administrator sees nothing', async () => {
  // The store refuses such a person; should one be there all the same, nothing is theirs.
  const viewer = staff.get('north viewer') ?? ({} as Person)
  const { scopeOf } = await import('#features/access/index.ts')
  const actor = { ...viewer, kind: 'user' as const, name: 'x', email: 'x', tenantId: null }
  expect(scopeOf(actor)).toEqual({ all: false, tenantId: '' })
  await expect(people.add('viewer', null)).rejects.toThrow(/CHECK/)
})
