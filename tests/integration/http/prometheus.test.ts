import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Prometheus, type PrometheusSeries } from '#tests/fixtures/prometheus.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People } from './people.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** The last whole hour, so that instants fall together with readings. */
const end = Math.floor(Date.now() / HOUR) * HOUR
const start = end - 12 * HOUR

let site: TestSite
let prometheus: Prometheus
/** Reads the whole site. */
let key: string
beforeAll(async () => {
  site = await startSite()
  const { id } = await site.engine.createTenant({ slug: 'south', name: 'South' })
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const first = tenants.find((tenant: { slug: string }) => tenant.slug !== 'south')
  await gateway('NORTH-1', first.id, 20)
  await gateway('NORTH-2', first.id, 40)
  await gateway('SOUTH-1', id, 60)
  key = await apiKey()
  prometheus = await Prometheus.start({ url: `${site.addresses.http}/api/v1/prometheus/read`, token: key })
})
afterAll(async () => {
  await prometheus?.stop()
  await site?.stop()
})

async function apiKey(tenant?: string): Promise<string> {
  const asked = { name: 'Prometheus', scopes: ['telemetry:read'], tenant }
  return (await site.local.post('/api/v1/api-keys', asked)).json.secret
}

/** Every ten seconds: a temperature that rises by 1 an hour, a counter of 6 a minute, a switch, a mode. */
async function gateway(code: string, tenant: string, base: number): Promise<void> {
  const made = await site.local.post('/api/v1/gateways/provision', { code, name: code, tenant })
  const readings = []
  for (let ts = start; ts <= end; ts += 10_000) {
    const at = { ts, quality: 0 }
    const hours = (ts - start) / HOUR
    readings.push(
      { ...at, channel: 'temperature', kind: 'number' as const, unit: '°C', value: base + hours },
      { ...at, channel: 'energy', kind: 'integer' as const, unit: null, value: (ts - start) / 10_000 },
    )
    if (ts % MINUTE === 0)
      readings.push(
        { ...at, channel: 'pump on', kind: 'boolean' as const, unit: null, value: ts % HOUR === 0 },
        { ...at, channel: 'mode', kind: 'text' as const, unit: null, value: 'auto' },
      )
  }
  await site.engine.importReadings(made.json.gateway_id, readings)
}

const metric = (labels: string) => `millwright_reading{${labels}}`
const only = (series: PrometheusSeries[]) => {
  expect(series).toHaveLength(1)
  return series[0] as PrometheusSeries
}
const gateways = (series: { metric: Record<string, string> }[]) =>
  [...new Set(series.map((one) => one.metric['gateway']))].toSorted((a = '', b = '') => (a < b ? -1 : 1))

describe('what Prometheus answers is what the gateways sent', () => {
  test('a series has its labels, and each instant its reading', async () => {
    const series = only(
      await prometheus.range(metric('gateway="NORTH-1",channel="temperature"'), end - HOUR, end, 10),
    )
    expect(series.metric).toEqual({
      __name__: 'millwright_reading',
      tenant: expect.any(String),
      gateway: 'NORTH-1',
      channel: 'temperature',
      name: 'temperature',
      unit: '°C',
    })
    expect(series.values).toHaveLength(361)
    for (const [seconds, value] of series.values)
      expect(Number(value)).toBeCloseTo(20 + (seconds * 1_000 - start) / HOUR, 9)
  })

  test.each([
    ['ten minutes, from spans of five minutes', 600],
    ['five minutes', 300],
    ['one hour', 3_600],
  ])('a step of %s gives the last values before it', async (_step, step) => {
    const series = only(
      await prometheus.range(metric('gateway="NORTH-2",channel="temperature"'), start + HOUR, end, step),
    )
    expect(series.values).toHaveLength((11 * 3_600) / step + 1)
    for (const [seconds, value] of series.values) {
      const exact = 40 + (seconds * 1_000 - start) / HOUR
      // The reading of ten seconds ago at the most, in spans; they end before the instant itself.
      expect(Number(value)).toBeGreaterThan(exact - 0.004)
      expect(Number(value)).toBeLessThanOrEqual(exact + 1e-9)
    }
  })

  test('rates and increases of a counter, over short steps and over long ones', async () => {
    const energy = metric('gateway="NORTH-1",channel="energy"')
    for (const [query, step] of [
      [`rate(${energy}[5m]) * 60`, 30],
      [`rate(${energy}[1h]) * 60`, 3_600],
    ] as const) {
      const { values } = only(await prometheus.range(query, start + 2 * HOUR, end - HOUR, step))
      for (const [, value] of values) expect(Number(value)).toBeCloseTo(6, 1)
    }
    const { values } = only(
      await prometheus.range(
        `max_over_time(${metric('gateway="NORTH-1",channel="pump on"')}[2h])`,
        start + 3 * HOUR,
        end - HOUR,
        3_600,
      ),
    )
    for (const [, value] of values) expect(Number(value)).toBe(1)
  })

  test('booleans are 0 and 1, and texts are no series', async () => {
    const [on, off] = await Promise.all([
      prometheus.instant(metric('gateway="NORTH-1",channel="pump on"'), end),
      prometheus.instant(metric('gateway="NORTH-1",channel="pump on"'), end - 30 * MINUTE),
    ])
    expect([on[0]?.value[1], off[0]?.value[1]]).toEqual(['1', '0'])
    expect(await prometheus.instant(metric('channel="mode"'), end)).toEqual([])
  })
})

describe('matchers', () => {
  test.each([
    ['channel="temperature"', ['NORTH-1', 'NORTH-2', 'SOUTH-1']],
    ['channel="temperature",gateway!="NORTH-1"', ['NORTH-2', 'SOUTH-1']],
    ['channel="temperature",gateway=~"NORTH-.*"', ['NORTH-1', 'NORTH-2']],
    // Regular expressions match the whole value.
    ['channel="temperature",gateway=~"NORTH"', []],
    ['channel="temperature",gateway!~"NORTH-.*|x"', ['SOUTH-1']],
    ['channel="temperature",tenant="south"', ['SOUTH-1']],
    ['unit="°C"', ['NORTH-1', 'NORTH-2', 'SOUTH-1']],
    // A label that is not there is empty.
    ['channel="energy",unit="",gateway=~".*-1"', ['NORTH-1', 'SOUTH-1']],
    ['channel="temperature",line!=""', []],
    ['channel="nothing"', []],
  ])('%s', async (labels, found) => {
    expect(gateways(await prometheus.instant(metric(labels), end))).toEqual(found)
  })

  test('a pattern that takes other engines for ever is answered at once', async () => {
    const began = Date.now()
    expect(
      await prometheus.instant(metric('channel=~"(t|te|e)+(m|em|e)*$",gateway=~"(.*)*(.*)*x"'), end),
    ).toEqual([])
    expect(Date.now() - began).toBeLessThan(20_000)
  })
})

describe('who may read', () => {
  const ask = (headers: Record<string, string>, body: BodyInit = new Uint8Array([0])) =>
    fetch(`${site.addresses.http}/api/v1/prometheus/read`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body,
    })

  test('neither nobody nor a wrong token, also on this machine', async () => {
    expect((await ask({})).status).toBe(401)
    expect((await ask({ authorization: `Bearer ${key}x` })).status).toBe(401)
    expect((await ask({ authorization: key })).status).toBe(401)
  })

  test('what is no request is refused in words', async () => {
    const authorization = `Bearer ${key}`
    for (const body of [new Uint8Array([0]), new Uint8Array(0), new Uint8Array(1_000).fill(255), 'text']) {
      const answer = await ask({ authorization }, body)
      expect(answer.status).toBe(400)
      expect(['remote_read_invalid', 'json_invalid']).toContain(
        ((await answer.json()) as { code: string }).code,
      )
    }
    const json = await ask({ authorization, 'content-type': 'application/json' }, '{}')
    expect(json.status).toBe(415)
  })

  test('a person reads with their session, and only their tenant', async () => {
    const people = await People.of(site)
    const { tenants } = (await site.local.get('/api/v1/tenants')).json
    const south = tenants.find((tenant: { slug: string }) => tenant.slug === 'south').id
    const cookie = await people.cookie(await people.add('viewer', south))
    await people.close()
    // One query, {__name__="millwright_reading"}, over the last minutes, without hints.
    const request = queryFor('millwright_reading', end - 5 * MINUTE, end)
    const answer = await ask({ cookie }, request)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-encoding')).toBe('snappy')
    const text = Buffer.from(await answer.arrayBuffer()).toString('latin1')
    expect(text).toContain('SOUTH-1')
    expect(text).not.toContain('NORTH')
    const all = await ask({ authorization: `Bearer ${key}` }, request)
    expect(Buffer.from(await all.arrayBuffer()).toString('latin1')).toContain('NORTH')
  })
})

/** A `ReadRequest` by hand, packed as one literal of Snappy's. */
function queryFor(name: string, from: number, to: number): Uint8Array<ArrayBuffer> {
  const field = (number: number, bytes: number[]) => [number * 8 + 2, ...varint(bytes.length), ...bytes]
  const text = (value: string) => [...Buffer.from(value)]
  const matcher = [...field(2, text('__name__')), ...field(3, text(name))]
  const query = [1 * 8, ...varint(from), 2 * 8, ...varint(to), ...field(3, matcher)]
  const message = field(1, query)
  // 60 to 61: the length of the literal follows in one byte.
  return new Uint8Array([...varint(message.length), 60 * 4, message.length - 1, ...message])
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
  return [...bytes, left]
}
