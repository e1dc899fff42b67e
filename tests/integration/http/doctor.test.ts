import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, publish } from '#broker/testing/raw-packets.ts'
import type { Finding, SelfTest } from '#contract/model/doctor.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { httpClient } from '#tests/fixtures/http-client.ts'
import { millwright } from '#tests/integration/cli/command.ts'
import { openssl, say, tcp, tls } from './boxes.ts'
import {
  box,
  examine,
  found,
  here,
  made,
  offline,
  online,
  openPlant,
  sessions,
  stranger,
  tenant,
} from './doctor-plant.ts'
import { certificates, distrust, messages, signIn, unnamed } from './doctor-troubles.ts'

beforeAll(openPlant)
afterAll(() => here.site.stop())

const says = ({ title, why, fix }: Finding): string => `${title} ${why} ${fix}`

describe.each([
  ['a box without a name', unnamed],
  ['a box that checks the site (reference 001, problems 1 and 3)', distrust],
  ['its certificate (reference 001, problem 1)', certificates],
  ['its sign-in and its session (reference 001, problem 2)', signIn],
  ['what it sends (reference 000, telemetry does not arrive)', messages],
])('%s', (_, troubles) => {
  test.each(troubles)('$id', async ({ id, cause, says: expected, later, confidence }) => {
    const subject = await cause()
    const { finding, all } = await found(subject, id, later)
    expect(says(finding)).not.toMatch(/\{[a-z]\w*\}|–|undefined|NaN/)
    if (expected) expect(says(finding)).toMatch(expected)
    if (confidence) expect(finding.confidence).toBe(confidence)
    expect(all.healthy).toBe(
      !all.findings.some((one) => one.severity === 'trouble' && one.confidence !== 'possible'),
    )
    // What stands first is what was caused, but for what holds of the whole site.
    const [first] = all.findings.filter((one) => one.id !== 'site_loopback_only')
    expect(first?.id).toBe(id)
  })
})

describe('who is told', () => {
  /** The API as somebody of one tenant. */
  async function of(tenantId: string) {
    const body = {
      name: `key ${tenantId}`,
      tenant: tenantId,
      scopes: ['gateways:read', 'certificates:write'],
    }
    const { secret } = (await here.site.local.post('/api/v1/api-keys', body)).json
    const { https, webCaPem } = here.site.addresses
    const client = httpClient({ url: https[0] ?? '', ...(webCaPem !== null && { ca: webCaPem }) })
    const headers = { authorization: `Bearer ${secret}` }
    return {
      examine: async (subject: string) =>
        (await client.get(`/api/v1/doctor/examine?subject=${subject}`, headers)).json,
      post: (path: string, sent: object) => client.post(path, sent, headers),
      get: (path: string) => client.get(path, headers),
    }
  }

  test('a gateway of another tenant is one that nobody knows, by all its names', async () => {
    const one = await box()
    await say(await tls(one.from, one.files), connect('esp32-client'))
    await found(one.code, 'wrong_client_id')
    const other = await of((await tenant()).id)
    for (const name of [one.code, one.mac, one.name, one.from.localAddress]) {
      const { subject, findings } = await other.examine(name)
      expect(subject.gateway).toBeNull()
      expect(JSON.stringify(findings)).not.toMatch(/esp32-client|wrong_client_id/)
    }
    expect((await other.post('/api/v1/doctor/self-test', { gateway: one.code })).status).toBe(404)
    expect((await other.get('/api/v1/doctor/site')).json.code).toBe('forbidden_reach')
  })

  test('boxes without a name are told of to people of the site, where there are several tenants', async () => {
    const from = stranger()
    await tcp(from, connect('box'))
    await found(from.localAddress, 'plain_mqtt')
    const { findings } = await (await of(here.tenant)).examine(from.localAddress)
    expect(findings.map(({ id }: Finding) => id)).toEqual(['nothing_refused'])
  })
})

describe('the self-test', () => {
  const run = async (gateway: string): Promise<SelfTest> =>
    (await here.site.local.post('/api/v1/doctor/self-test', { gateway })).json
  const results = ({ routes }: SelfTest) => routes[0]?.steps.map(({ step, result }) => `${step} ${result}`)

  test('goes the whole way and leaves no trace, not even beside a live session', async () => {
    const one = await box()
    const before = (await here.site.local.get(`/api/v1/gateways/${one.code}`)).json
    expect(await run(one.code)).toMatchObject({ passed: true, limited: null })
    expect((await here.site.local.get(`/api/v1/gateways/${one.code}`)).json).toEqual(before)
    expect(await sessions(one.code)).toEqual([])
    const session = await online(one)
    const told = await run(one.code)
    expect(results(told)).toEqual(
      ['tcp', 'tls', 'certificate', 'connect', 'subscribe', 'publish'].map((step) => `${step} passed`),
    )
    expect(session.destroyed).toBe(false)
    await eventually(async () => (await sessions(one.code)).length === 1, 'one session and no more')
    await say(session, publish(`mw/${one.name}/telemetry`, '{"values":{"t":1}}'))
    expect((await found(one.code, 'connected')).all.healthy).toBe(true)
    const channels = async () =>
      (await here.site.local.get(`/api/v1/channels?gateway=${one.code}`)).json.channels
    await eventually(async () => (await channels()).length === 1, 'its own channel and no other')
    const { entries } = (await here.site.local.get('/api/v1/audit?action=gateway.self_test')).json
    expect(entries[0]).toMatchObject({ outcome: 'done', details: { passed: true } })
  })

  test('its certificate is on the revocation list and opens nothing after', async () => {
    const one = await box()
    const before = (await here.site.local.get('/api/v1/certificates/crl')).json.entries
    await run(one.code)
    expect((await here.site.local.get('/api/v1/certificates/crl')).json.entries).toBe(before + 1)
  })

  test('tells of a suspended gateway where it ends and why, and of one with a secret what it cannot know', async () => {
    const one = await box()
    await here.site.local.post(`/api/v1/gateways/${one.code}/suspend`, {})
    const refused = await run(one.code)
    expect(refused.passed).toBe(false)
    expect(JSON.stringify(refused.routes)).toContain('gateway_suspended')
    expect((await here.site.local.get(`/api/v1/refusals?gateway=${one.code}`)).json.refusals).toEqual([])
    const secret = await made('KEEPS', 'aa:bb:cc:03:00:01', { credential: 'secret' })
    expect(await run(secret)).toMatchObject({ passed: true, limited: 'secret' })
  })
})

test('the local side: addresses, ports that answer, names of the certificate, clock', async () => {
  const { json } = await here.site.local.get('/api/v1/doctor/site')
  expect(json).toMatchObject({ healthy: false, problems: expect.arrayContaining(['loopback_only']) })
  const port = (listener: string) => json.ports.find((one: { listener: string }) => one.listener === listener)
  expect(port('mqtts')).toMatchObject({ port: here.ports.mqtts, answers: ['127.0.0.1'] })
  expect(port('websocket')).toMatchObject({ port: null })
  expect(json.certificate.names).toContain('localhost')
  // Its own look at its ports is no stranger's.
  expect((await examine('127.0.0.1')).findings.map(({ id }) => id)).not.toContain('says_nothing')
})

test('the command tells it in words, and by its exit code', async () => {
  const one = await box()
  await offline(one)
  const { cert, key } = one.files
  await openssl(one.from, '-verify_return_error', '-CAfile', cert, '-cert', cert, '-key', key)
  await found(one.code, 'site_not_trusted')
  const data = ['--data', here.site.dataDir]
  const [words, json, wellTested, site, usage] = await Promise.all([
    millwright(['doctor', one.code, ...data]),
    millwright(['doctor', one.mac, '--json', ...data]),
    millwright(['doctor', one.code, '--self-test', ...data]),
    millwright(['doctor', '--site', ...data]),
    millwright(['doctor', ...data]),
  ])
  expect(words.code).toBe(1)
  expect(words.stdout).toMatch(/does not trust this site[\s\S]*Fix: Put ca.crt[\s\S]*site trusted +failed/)
  expect(JSON.parse(json.stdout)).toMatchObject({ healthy: false, subject: { name: one.code } })
  expect(wellTested.stdout).toMatch(/publish +passed/)
  expect(site.stdout).toMatch(/problems +.*loopback only/)
  expect(usage.code).toBe(2)
})
