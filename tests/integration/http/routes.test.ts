import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Access, permissions, roles } from '#contract/model/permission.ts'
import { addEngineRoutes } from '#engine/engine-routes.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type BenchTraces, leaveBenchTraces } from './bench-traces.ts'
import { Cast, type Member } from './cast.ts'
import { People } from './people.ts'
import { makePlant } from './plant.ts'
import type { Plant } from './procedure-inputs.ts'

let site: TestSite
let people: People
let cast: Cast
let north: Plant
let south: Plant
/** By group. */
const bench = new Map<string, BenchTraces>()

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const { id } = await site.engine.createTenant({ slug: 'south', name: 'South' })
  north = await makePlant(site, { tenantId: tenants[0].id, code: 'NORTH-1', mac: 'aa:bb:cc:00:02:01' })
  south = await makePlant(site, { tenantId: id, code: 'SOUTH-1', mac: 'aa:bb:cc:00:02:02' })
  for (const plant of [north, south]) bench.set(plant.groupId, await leaveBenchTraces(people.db, plant))
  cast = await Cast.of(site, people, { tenantId: north.tenantId, groupId: north.groupId })
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

interface RouteCase {
  access: Access
  /** The path of a call about a plant; the route's own where it is about none. */
  path?(plant: Plant): string
  body?(plant: Plant): unknown
  headers?: Record<string, string>
  /** What it answers about another tenant's objects. Left out: it names none, and gives only one's own. */
  foreign?: number
}

const csv = { 'content-type': 'text/csv' }
const snappy = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

/** Every route beside the contract, and who may call it: one without a line here fails below. */
const cases: Record<string, RouteCase> = {
  'GET /pki/crl': { access: 'public' },
  'GET /pki/crl.der': { access: 'public' },
  'GET /pki/crl.pem': { access: 'public' },
  'GET /pki/ca.crt': { access: 'public' },
  'GET /pki/web-ca.crt': { access: 'public' },
  'GET /api/openapi.json': { access: 'public' },
  'GET /api/docs': { access: 'public' },
  'GET /health/live': { access: 'public' },
  'GET /health/ready': { access: 'public' },
  // Has a token of its own, and answers as if it were not there.
  'GET /metrics': { access: 'public' },
  'GET /api/v1/auth/sign-on/:provider/start': {
    access: 'public',
    path: () => '/api/v1/auth/sign-on/0197f3a0-0000-7000-8000-000000000000/start',
  },
  'GET /api/v1/auth/sign-on/:provider/callback': {
    access: 'public',
    path: () => '/api/v1/auth/sign-on/0197f3a0-0000-7000-8000-000000000000/callback?code=x&state=y',
  },
  'GET /api/v1/cloud/dead-letters.csv': {
    access: 'cloud:write',
    path: () => '/api/v1/cloud/dead-letters.csv',
  },
  'POST /api/v1/prometheus/read': { access: 'telemetry:read', body: () => '\0', headers: snappy },
  'POST /api/event': {
    access: 'signed_in',
    body: ({ gateway }) => ({ deviceId: gateway, metric: 'event', value: 1 }),
    foreign: 404,
  },
  'GET /api/history': {
    access: 'telemetry:read',
    path: ({ gateway }) => `/api/history?deviceId=${gateway}`,
    foreign: 404,
  },
  'POST /api/devices/claim': { access: 'claims:accept', body: () => ({ device_label: 'ESM-NOBODY' }) },
  'POST /api/devices/:id/unclaim': {
    access: 'certificates:write',
    path: ({ gateway }) => `/api/devices/${gateway}/unclaim`,
    foreign: 404,
  },
  'POST /api/v1/gateways/ativar/': {
    access: 'claims:accept',
    body: () => ({ activation_token: 'x', codigo: 'X', nome: 'X' }),
  },
  'POST /api/v1/gateways/provision/': {
    access: 'gateways:write',
    body: () => ({ mac_address: 'x', codigo: 'X', nome: 'X' }),
  },
  'GET /api/v1/gateways/:id/certificados/': {
    access: 'certificates:write',
    path: ({ gateway }) => `/api/v1/gateways/${gateway}/certificados/`,
    foreign: 404,
  },
  'POST /devices/bind': {
    access: 'claims:accept',
    body: () => ({ deviceId: 'nobody', fingerprint: '0'.repeat(64) }),
  },
  'GET /api/v1/telemetry/export': {
    access: 'telemetry:export',
    path: ({ gateway }) => `/api/v1/telemetry/export?gateway=${gateway}&from=0`,
    foreign: 404,
  },
  'GET /api/v1/jobs/:jobId/file': {
    access: 'signed_in',
    path: ({ jobId }) => `/api/v1/jobs/${jobId}/file`,
    foreign: 404,
  },
  'POST /api/v1/gateways/import': {
    access: 'gateways:write',
    // Into a group: whose rights end at a group imports into that one only, and without one no row is taken.
    path: ({ tenantId, groupId }) =>
      `/api/v1/gateways/import?tenant=${tenantId}&group=${groupId}&dryRun=true`,
    body: () => 'code,name\nGW1,x\n',
    headers: csv,
    foreign: 404,
  },
  'POST /api/v1/firmware/bundles': {
    access: 'firmware:write',
    path: ({ tenantId }) => `/api/v1/firmware/bundles?tenant=${tenantId}`,
    body: () => 'not a ZIP',
    headers: { 'content-type': 'application/zip' },
    foreign: 404,
  },
  'GET /api/v1/firmware/bundles/:bundleId/zip': {
    access: 'firmware:read',
    path: () => '/api/v1/firmware/bundles/0197f3a0-0000-7000-8000-000000000000/zip',
  },
  'POST /api/v1/bench/files': {
    access: 'gateways:flash',
    path: () => '/api/v1/bench/files?name=app.bin',
    body: () => 'app',
    headers: { 'content-type': 'application/octet-stream' },
  },
  'GET /api/v1/bench/jobs/:jobId/file': {
    access: 'gateways:flash',
    path: ({ groupId }) => `/api/v1/bench/jobs/${bench.get(groupId)?.jobId}/file`,
    foreign: 404,
  },
  'GET /api/v1/bench/jobs/:jobId/log': {
    access: 'gateways:flash',
    path: ({ groupId }) => `/api/v1/bench/jobs/${bench.get(groupId)?.jobId}/log`,
    foreign: 404,
  },
  'GET /api/v1/bench/runs/:runId/results.csv': {
    access: 'gateways:flash',
    path: ({ groupId }) => `/api/v1/bench/runs/${bench.get(groupId)?.runId}/results.csv`,
    foreign: 404,
  },
  'GET /api/v1/bench/runs/:runId/results.pdf': {
    access: 'gateways:flash',
    path: ({ groupId }) => `/api/v1/bench/runs/${bench.get(groupId)?.runId}/results.pdf`,
    foreign: 404,
  },
  'GET /api/v1/bench/runs/:runId/labels': {
    access: 'gateways:flash',
    path: ({ groupId }) => `/api/v1/bench/runs/${bench.get(groupId)?.runId}/labels`,
    foreign: 404,
  },
  'POST /api/v1/telemetry/import': {
    access: 'gateways:write',
    path: ({ gateway }) => `/api/v1/telemetry/import?gateway=${gateway}`,
    body: () => 'time,value\n2026-01-01T00:00:00Z,1\n',
    headers: csv,
    foreign: 404,
  },
}
const names = Object.keys(cases)

async function ask(name: string, plant: Plant, headers: Record<string, string>) {
  const [method = 'GET', url = '/'] = name.split(' ')
  const { path, body, headers: own } = cases[name] ?? { access: 'nobody' }
  const { status, json } = await site.browser.send(method, path?.(plant) ?? url, body?.(plant), {
    ...own,
    ...headers,
  })
  return {
    status,
    code: json?.code as string | undefined,
    permission: json?.data?.permission as string | undefined,
  }
}

/** What is wrong with how a call was answered; null: nothing. */
async function fault(name: string, member: Member): Promise<string | null> {
  const { access } = cases[name] ?? { access: 'nobody' }
  const { status, code, permission } = await ask(name, north, await member.headers())
  const mustPass =
    access === 'public' || access === 'signed_in' || member.permissions.includes(access as never)
  const says = `${name} answered ${status} ${code ?? ''}`
  if (!mustPass) return status === 403 && code === 'forbidden' ? null : says
  // A second right, for what the call is about.
  const isAnother = code === 'forbidden' && permission !== access
  return status === 401 || status >= 500 || (status === 403 && !isAnother) ? says : null
}

async function faults(member: Member): Promise<string[]> {
  const found = []
  for (const name of names) found.push(await fault(name, member))
  return found.filter((one) => one !== null)
}

test('every route is walked', async () => {
  const app = Fastify()
  const found = new Set<string>()
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') found.add(`${one} ${url}`)
  })
  // They are only registered: nothing of the engine is asked.
  addEngineRoutes(app, 'lan', { core: {}, ui: {}, metricsToken: 'x' } as never)
  await app.ready()
  expect(found).toEqual(new Set(names))
})

test.each(names.filter((name) => cases[name]?.access !== 'public'))(
  '%s: nobody gets past it',
  async (name) => {
    expect(await ask(name, north, {})).toMatchObject({ status: 401, code: 'not_signed_in' })
  },
)

test.each(roles)('a %s is refused what the role does not hold, and nothing else', async (role) => {
  expect(await faults(cast.role(role))).toEqual([])
})

test.each(permissions)('so is an API key with %s alone', async (permission) => {
  expect(await faults(await cast.key(permission))).toEqual([])
})

describe.each(['tenant_admin', 'operator', 'viewer'] as const)('to a %s', (role) => {
  const about = names.filter((name) => cases[name]?.foreign !== undefined)
  test.each(about)("%s: another tenant's objects do not exist", async (name) => {
    const access = cases[name]?.access ?? 'nobody'
    const member = cast.role(role)
    const mayNot = access !== 'signed_in' && !member.permissions.includes(access as never)
    const { status } = await ask(name, south, await member.headers())
    expect(status).toBe(mayNot ? 403 : cases[name]?.foreign)
  })
})

test('whose rights end at a group gets nothing of a gateway outside it', async () => {
  const elsewhere = await makePlant(site, {
    tenantId: north.tenantId,
    code: 'NORTH-2',
    mac: 'aa:bb:cc:00:02:03',
  })
  bench.set(elsewhere.groupId, await leaveBenchTraces(people.db, elsewhere))
  const member = cast.limited('operator of a group')
  const mayAsk = (one: string) =>
    cases[one]?.access === 'signed_in' || member.permissions.includes(cases[one]?.access as never)
  for (const name of names.filter((one) => cases[one]?.foreign !== undefined && mayAsk(one)))
    expect([name, (await ask(name, elsewhere, await member.headers())).status]).toEqual([name, 404])
})
