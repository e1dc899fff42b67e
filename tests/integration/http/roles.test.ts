import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProcedureMeta } from '#contract/base.ts'
import { contract } from '#contract/contract.ts'
import { permissions, roles, sitePermissions } from '#contract/model/permission.ts'
import { recordRefusal } from '#features/fleet/refusals.repository.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { Cast, type Member } from './cast.ts'
import { type Api, first, People, type Person } from './people.ts'
import { makePlant } from './plant.ts'
import { inputs, type Plant, range } from './procedure-inputs.ts'

/** The walk calls more often than people do. */
const unlimited = { addressPerMinute: 1_000_000, callsPerSecond: 10_000, callBurst: 100_000 }

let site: TestSite
let people: People
let north: Plant
let south: Plant
let cast: Cast
const staff = new Map<string, Person>()

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  await site.local.send('PUT', '/api/v1/site/http-limits', unlimited)
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const { id } = await site.engine.createTenant({ slug: 'south', name: 'South' })
  north = await makePlant(site, { tenantId: tenants[0].id, code: 'NORTH-1', mac: 'aa:bb:cc:00:01:01' })
  south = await makePlant(site, { tenantId: id, code: 'SOUTH-1', mac: 'aa:bb:cc:00:01:02' })
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
  cast = await Cast.of(site, people, { tenantId: north.tenantId, groupId: north.groupId })
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

const named = (name: string) => {
  const [feature, procedure] = name.split('.') as [keyof typeof contract, string]
  const { meta } = (contract[feature] as Record<string, { '~orpc': { meta: ProcedureMeta } }>)[procedure]![
    '~orpc'
  ]
  return { feature, procedure, ...meta }
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
    if (!(error instanceof ORPCError)) return String(error)
    // A second right, for what the call is about: to share a view, to run a job of its kind.
    const isAnother = error.code === 'forbidden' && error.data?.permission !== named(name).access
    return isAnother ? `forbidden for want of ${error.data?.permission}` : error.code
  }
}

async function closed(answer: unknown): Promise<void> {
  if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)
    await (answer as AsyncGenerator).return(undefined)
}

/** With which code a procedure must refuse a caller; null: it must not. */
function refusal({ access, reach }: ProcedureMeta, caller: Member): string | null {
  if (access === 'public' || access === 'signed_in') return null
  if (access === 'person') return caller.isPerson ? null : 'not_a_person'
  if (access === 'nobody' || !caller.permissions.includes(access)) return 'forbidden'
  if (reach === 'site' && !caller.ofSite) return 'forbidden_reach'
  return reach === 'tenant' && !caller.isWhole ? 'forbidden_reach' : null
}

const wronglyRefused = [
  'forbidden',
  'not_signed_in',
  'not_a_person',
  'account_pending',
  'INTERNAL_SERVER_ERROR',
]

/** What is wrong with how a call was answered; null: nothing. */
async function fault(api: Api, name: string, caller: Member): Promise<string | null> {
  const answer = await ask(api, name, inputs[name]?.(north))
  const expected = refusal(named(name), caller)
  if (expected !== null) return answer === expected ? null : `${name} answered ${answer}, not ${expected}`
  // What anyone may call may ask for a session of its own, as unlocking does.
  const wrong = named(name).access === 'public' ? ['INTERNAL_SERVER_ERROR'] : wronglyRefused
  return wrong.includes(answer) ? `${name} answered ${answer}` : null
}

/** The same of every procedure. */
async function faults(member: Member): Promise<string[]> {
  const found: string[] = []
  for (const name of names) {
    const wrong = await fault(await member.api(), name, member)
    if (wrong !== null) found.push(wrong)
  }
  return found
}

test('every procedure of the contract is walked, and says who may call it', () => {
  expect(new Set(Object.keys(inputs))).toEqual(new Set(names))
  expect(names.filter((name) => named(name).access === 'nobody')).toEqual([])
})

describe.each(roles)('a %s', (role) => {
  test.each(names)('%s', async (name) => {
    const member = cast.role(role)
    expect(await fault(await member.api(), name, member)).toBeNull()
  })
})

describe.each(['operator of a group', 'tenant_admin of a group', 'owner'] as const)('an %s', (who) => {
  test('is refused what is of the whole tenant, and nothing else', async () => {
    expect(await faults(cast.limited(who))).toEqual([])
  })
})

describe.each(permissions)('an API key with %s alone', (permission) => {
  test('is refused everything but that', async () => {
    expect(await faults(await cast.key(permission))).toEqual([])
  })
})

test('no key of a tenant is made of rights over the site', async () => {
  for (const permission of sitePermissions) {
    const made = await site.local.post('/api/v1/api-keys', {
      name: permission,
      scopes: [permission],
      reach: 'tenant',
      tenant: north.tenantId,
    })
    expect(made.json).toMatchObject({ code: 'rights_beyond' })
  }
})

test('nobody gets past a procedure that is not public', async () => {
  const api = await people.api(null)
  for (const name of names.filter((one) => named(one).access !== 'public'))
    expect([name, await ask(api, name, inputs[name]?.(north))]).toEqual([name, 'not_signed_in'])
})

/** Those whose input names a gateway, a channel or a tenant. */
const aboutAnObject = names.filter((name) =>
  /gateway|channelId|tenantId|groupId|viewId|annotationId|calculationId|jobId|userId|roleId|apiKeyId|mqttClientId|profileId|publisherId|wifiId|benchRunId|flashJobId/.test(
    String(inputs[name]),
  ),
)

describe.each(['tenant_admin', 'operator', 'viewer'] as const)('a %s of another tenant', (role) => {
  test.each(aboutAnObject)('%s: what is not theirs does not exist', async (name) => {
    const api = await people.api(staff.get(`south ${role}`) ?? null)
    const answer = await ask(api, name, inputs[name]?.(north))
    const expected = refusal(named(name), cast.role(role))
    if (expected === null) expect(['not_found', 'tenant_unknown']).toContain(answer)
    else expect(answer).toBe(expected)
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

test('a person of no tenant who is no site administrator is nobody', async () => {
  const stray = await people.add('viewer', null)
  const api = await people.api(stray)
  expect(await ask(api, 'gateways.list', {})).toBe('not_signed_in')
})
