import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppendedReading } from '#platform/historian/historian.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type Api, People } from './people.ts'

const MINUTE = 60_000
const start = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE

let site: TestSite
let people: People
let admin: Api
let tenant: string
beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  admin = await people.api(await people.add('site_admin', null))
  const { tenants } = await admin.tenants.list()
  tenant = tenants[0]?.id ?? ''
  // Every ten seconds, every minute, and a counter that is reset after half an hour.
  await importInto('GW001', [
    ...every(10_000, 60).map((ts, n) => reading('power', ts, n)),
    ...every(MINUTE, 60).map((ts, n) => reading('voltage', ts, 200 + n)),
    ...every(10_000, 60).map((ts, n) => reading('energy', ts, (n % 180) * 2, 'integer')),
    ...every(MINUTE, 60).map((ts, n) => reading('on', ts, n % 2 === 0, 'boolean')),
    reading('mode', start, 'auto', 'text'),
  ])
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

function every(step: number, minutes: number): number[] {
  return Array.from({ length: (minutes * MINUTE) / step }, (_, index) => start + index * step)
}

type Imported = Omit<AppendedReading, 'assignmentId'>
function reading(
  channel: string,
  ts: number,
  value: Imported['value'],
  kind: Imported['kind'] = 'number',
): Imported {
  return { channel, ts, value, kind, unit: null, quality: 0 }
}

async function importInto(code: string, readings: Imported[]): Promise<void> {
  const known = (await site.local.get(`/api/v1/gateways/${code}`)).json
  const id =
    known?.id ?? (await site.local.post('/api/v1/gateways/provision', { code, name: code })).json.gateway_id
  const before = await site.local.get(`/api/v1/telemetry/latest?gateway=${code}`)
  await site.engine.importReadings(id, readings)
  await eventually(async () => {
    const { text } = await site.local.get(`/api/v1/telemetry/latest?gateway=${code}`)
    return text !== before.text
  }, 'the readings')
}

let names = 0
const create = (expression: string, more: Partial<Parameters<Api['calculations']['create']>[0]> = {}) =>
  admin.calculations.create({ name: `Calculation ${++names}`, expression, ...more })

async function values(id: string, from: number, to: number, points: number) {
  const { series } = await admin.telemetry.chart({ channelIds: [id], from, to, points })
  return series[0]?.buckets
}

async function failure(call: Promise<unknown>): Promise<{ code: string; data: Record<string, unknown> }> {
  try {
    await call
  } catch (error) {
    return error as { code: string; data: Record<string, unknown> }
  }
  throw new Error('it did not fail')
}

describe('values over time', () => {
  test('arithmetic of averages, span by span; a slower channel holds its last value', async () => {
    const { id } = await create('[GW001/power] + [GW001/voltage] * 1000')
    const buckets = await values(id, start, start + 2 * MINUTE, 12)
    expect(buckets?.ts).toEqual(every(10_000, 2))
    expect(buckets?.avg).toEqual(every(10_000, 2).map((_, n) => n + (200 + Math.floor(n / 6)) * 1_000))
    const minutes = await values(id, start, start + 2 * MINUTE, 2)
    expect(minutes?.avg).toEqual([2.5 + 200_000, 8.5 + 201_000])
    expect(minutes?.last).toEqual(minutes?.avg)
  })

  test('the last values, where they are asked for', async () => {
    const { id } = await create('[GW001/power] * 2', { basis: 'last' })
    expect((await values(id, start, start + 2 * MINUTE, 2))?.avg).toEqual([10, 22])
  })

  test('a counter into a rate: the same in spans of seconds and of minutes, over its reset', async () => {
    const { id } = await create("rate([GW001/energy], 'min')")
    const seconds = await values(id, start + MINUTE, start + 2 * MINUTE, 60)
    expect(seconds?.ts).toEqual(every(10_000, 1).map((ts) => ts + MINUTE))
    for (const rate of seconds?.avg ?? []) expect(rate).toBeCloseTo(12, 6)
    for (const rate of (await values(id, start + MINUTE, start + 21 * MINUTE, 4))?.avg ?? [])
      expect(rate).toBeCloseTo(12, 6)
    const reset = await values(id, start + 25 * MINUTE, start + 35 * MINUTE, 1)
    // A reset loses what came between the last reading and it: two of 120.
    expect(reset?.avg[0]).toBeCloseTo(11.8, 6)
  })

  test('consumption of each span, and costs of it', async () => {
    const increase = await create('increase([GW001/energy], 360)')
    expect((await values(increase.id, start, start + 60 * MINUTE, 3))?.avg).toEqual([238, 240, 240])
    const costs = await create(`if([GW001/on] > 0.5, 2, 1) * [=${increase.name}]`, { unit: '€' })
    expect(costs.expression).toBe(`if([GW001/on] > 0.5, 2, 1) * [=${increase.name}]`)
    expect((await values(costs.id, start + MINUTE, start + 3 * MINUTE, 2))?.avg).toEqual([12, 24])
  })

  test('no value where it divides by zero, or where nothing is heard', async () => {
    const { id } = await create('100 / [GW001/power]')
    const buckets = await values(id, start - 30_000, start + 30_000, 6)
    expect(buckets?.ts).toEqual([start + 10_000, start + 20_000])
    expect(buckets?.avg).toEqual([100, 50])
  })

  test('beside channels, by name, in the API for scripts', async () => {
    const { id, name } = await create('[GW001/power] * 10', { unit: 'W' })
    const query = new URLSearchParams({
      gateway: 'GW001',
      from: String(start),
      to: String(start + MINUTE),
      buckets: '1',
    })
    query.append('channel', 'power')
    query.append('channel', `=${name}`)
    const { json } = await site.local.get(`/api/v1/telemetry/query?${query}`)
    expect(json.aligned.columns).toMatchObject([
      { channel: 'power', avg: [2.5], count: [6] },
      { id, gateway: null, channel: null, name, unit: 'W', avg: [25] },
    ])
    expect(json.aligned.columns[1]).not.toHaveProperty('count')
    const raw = await site.local.get(`/api/v1/telemetry/query?channel=${id}`)
    expect(raw.json.code).toBe('calculation_without_readings')
    const rate = await site.local.get(`/api/v1/telemetry/increases?channel=${id}`)
    expect(rate.json.code).toBe('not_found')
  })
})

test('live: a value at once, and a new one whenever an input changes', async () => {
  const before = Date.now() - 20_000
  await importInto('GW002', [
    reading('a', before, 1),
    reading('b', before, 10),
    reading('count', before, 100),
  ])
  const sum = await create('[GW002/a] + [GW002/b]')
  const rate = await create("rate([GW002/count], 's')")
  const { channels } = await admin.telemetry.channels({ gateway: 'GW002' })
  const a = channels.find(({ key }) => key === 'a')?.id ?? ''
  const seen = new Map<string, unknown[]>()
  const watching = (async () => {
    for await (const { channels: changed } of await admin.telemetry.watch({
      channelIds: [sum.id, a, rate.id],
    })) {
      for (const { channelId, values: got } of changed)
        seen.set(channelId, [...(seen.get(channelId) ?? []), ...got])
      if (seen.has(rate.id) && seen.get(sum.id)?.includes(15)) return
    }
  })()
  await eventually(async () => seen.has(sum.id), 'the first value')
  expect(seen.get(sum.id)).toEqual([11])
  expect(seen.has(rate.id)).toBe(false)
  await importInto('GW002', [reading('a', before + 10_000, 5), reading('count', before + 10_000, 150)])
  await watching
  expect(seen.get(sum.id)).toEqual([11, 15])
  expect(seen.get(a)).toEqual([5])
  expect(seen.get(rate.id)).toEqual([5])
})

describe('what cannot be', () => {
  test('circles are refused and named, when they are made and when they are tried', async () => {
    const a = await create('[GW001/power]', { name: 'A' })
    await create('[=A] + 1', { name: 'B' })
    const circle = await failure(admin.calculations.update({ calculationId: a.id, expression: '[=B] * 2' }))
    expect(circle).toMatchObject({ code: 'calculation_circular', data: { cycle: '=A → =B → =A' } })
    expect(await failure(create('[=Self] + 1', { name: 'Self' }))).toMatchObject({
      code: 'calculation_circular',
      data: { cycle: '=Self → =Self' },
    })
    const range = { from: start, to: start + MINUTE, points: 10 }
    const tried = await failure(
      admin.calculations.preview({ calculationId: a.id, expression: '[=B]', ...range }),
    )
    expect(tried.code).toBe('calculation_circular')
    const { calculations } = await admin.calculations.list({})
    expect(calculations.find(({ name }) => name === 'A')?.expression).toBe('[GW001/power]')
  })

  test('two that are changed at once make no circle', async () => {
    const [one, two] = [
      await create('[GW001/power]', { name: 'One' }),
      await create('[GW001/power]', { name: 'Two' }),
    ]
    const changes = await Promise.allSettled([
      admin.calculations.update({ calculationId: one.id, expression: '[=Two] + 1' }),
      admin.calculations.update({ calculationId: two.id, expression: '[=One] + 1' }),
    ])
    expect(changes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await failure(Promise.reject((changes[1] as PromiseRejectedResult).reason))).toMatchObject({
      code: 'calculation_circular',
    })
  })

  test('one that others use takes no more channels than these may have', async () => {
    await importInto(
      'GW009',
      Array.from({ length: 33 }, (_, n) => reading(`c${n}`, start, n)),
    )
    const sum = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => `[GW009/c${from + n}]`).join(' + ')
    const low = await create(sum(0, 2), { name: 'Low' })
    await create('[=Low] * 2', { name: 'Middle' })
    await create(`[=Middle] + ${sum(2, 32)}`, { name: 'High' })
    const more = { calculationId: low.id, expression: sum(0, 2).replace('c1]', 'c32] + [GW009/c0]') }
    await admin.calculations.update(more)
    expect(
      await failure(admin.calculations.update({ ...more, expression: `${sum(0, 2)} + [GW009/c32]` })),
    ).toMatchObject({ code: 'expression_invalid', data: { problem: 'user_too_many_inputs', what: 'High' } })
  })

  test('one that others use is not deleted; then it is', async () => {
    const base = await create('[GW001/power]', { name: 'Base' })
    const user = await create('[=Base] / 2', { name: 'User' })
    expect(await failure(admin.calculations.delete({ calculationId: base.id }))).toMatchObject({
      code: 'calculation_in_use',
      data: { name: 'Base', users: 'User' },
    })
    await admin.calculations.delete({ calculationId: user.id })
    await admin.calculations.delete({ calculationId: base.id })
    expect((await failure(values(base.id, start, start + 1, 1))).code).toBe('not_found')
  })

  test.each([
    ['1 +', 'unexpected_end', 4],
    ['[GW001/nothing] * 2', 'unknown_channel', 1],
    ['2 * [GW001/mode]', 'text_channel', 5],
    ['[=Nothing]', 'unknown_calculation', 1],
    ['1 + 1', 'no_input', 1],
  ])('%s: %s at character %d', async (expression, problem, position) => {
    expect(await failure(create(expression))).toMatchObject({
      code: 'expression_invalid',
      data: { problem, position },
    })
  })

  test('names are unique in a tenant, whatever their case', async () => {
    const one = await create('[GW001/power]', { name: 'Twice' })
    expect((await failure(create('[GW001/power]', { name: 'TWICE' }))).code).toBe('calculation_name_taken')
    const other = await create('[GW001/power]', { name: 'Other' })
    const renamed = admin.calculations.update({ calculationId: other.id, name: 'twice' })
    expect((await failure(renamed)).code).toBe('calculation_name_taken')
    expect((await admin.calculations.update({ calculationId: one.id, name: 'twice' })).name).toBe('twice')
  })
})

test('renaming breaks nothing: what is shown has the names of now', async () => {
  const base = await create('[GW001/power]', { name: 'Old name' })
  const user = await create('[=Old name] + [GW001/voltage]')
  await admin.calculations.update({ calculationId: base.id, name: 'New name' })
  const { calculations } = await admin.calculations.list({})
  expect(calculations.find(({ id }) => id === user.id)?.expression).toBe('[=New name] + [GW001/voltage]')
  const saved = await admin.calculations.update({ calculationId: user.id, basis: 'last', unit: 'V' })
  expect(saved).toMatchObject({ basis: 'last', unit: 'V', channelIds: expect.any(Array) })
  expect((await values(user.id, start, start + MINUTE, 1))?.avg).toEqual([202.5])
})

test('what needs many inputs is read in fewer spans at once', async () => {
  await importInto(
    'GW010',
    Array.from({ length: 32 }, (_, n) => reading(`c${n}`, start, n)),
  )
  const sum = (of: (channel: string) => string) =>
    Array.from({ length: 32 }, (_, n) => of(`[GW010/c${n}]`)).join(' + ')
  const expressions = [
    sum((channel) => channel),
    sum((channel) => `rate(${channel}, 's')`),
    sum((channel) => `rate(${channel}, 'min')`),
    sum((channel) => `increase(${channel})`),
  ]
  const channelIds: string[] = []
  for (const expression of expressions) channelIds.push((await create(expression)).id)
  const asked = (ids: string[], points: number) =>
    admin.telemetry.chart({ channelIds: ids, from: start, to: start + 4_000 * MINUTE, points })
  expect(await failure(asked(channelIds, 4_000))).toMatchObject({
    code: 'range_invalid',
    data: { cause: expect.stringContaining('128 inputs') },
  })
  expect((await asked(channelIds, 3_000)).series).toHaveLength(4)
  expect((await asked(channelIds.slice(0, 3), 4_000)).series).toHaveLength(3)
})

test('a preview shows values before anything is saved', async () => {
  const { buckets, channelIds } = await admin.calculations.preview({
    expression: '[GW001/power] * 100',
    from: start,
    to: start + MINUTE,
    points: 2,
  })
  expect(buckets.avg).toEqual([100, 400])
  expect(channelIds).toHaveLength(1)
})

describe('rights that end at a group', () => {
  let hall: string
  let yard: string
  beforeAll(async () => {
    const [first, second] = await Promise.all(
      ['Hall', 'Yard'].map((name) => admin.groups.create({ tenant, name, parent: null })),
    )
    ;[hall, yard] = [first?.id ?? '', second?.id ?? '']
    for (const code of ['GW020', 'GW021']) {
      await importInto(code, [reading('level', start, 1)])
      await admin.gateways.place({ gateway: code, tenant, group: hall })
    }
  })

  test('end at the name of a calculation too', async () => {
    const inHall = await create('[GW020/level] * 2', { tenant })
    const beyond = await create('[GW020/level] + [GW001/power]', { tenant })
    const api = await people.api(await people.addWithin('viewer', tenant, [hall]))
    const ask = (name: string, more: { gateway: string } | { tenant: string }) =>
      api.telemetry.query({ channel: [`=${name}`], from: start, to: start + MINUTE, buckets: 1, ...more })
    for (const more of [{ gateway: 'GW020' }, { tenant }]) {
      expect(JSON.stringify(await ask(inHall.name, more))).toContain(inHall.id)
      expect(await failure(ask(beyond.name, more))).toMatchObject({
        code: 'not_found',
        data: { what: 'calculation' },
      })
    }
  })

  test('calculations of a gateway are no longer told to who lost it, while others go on', async () => {
    const [lost, kept] = [
      await create('[GW020/level] * 3', { tenant }),
      await create('[GW021/level]', { tenant }),
    ]
    const api = await people.api(await people.addWithin('viewer', tenant, [hall]))
    const stream = await api.telemetry.watch({ channelIds: [lost.id, kept.id] })
    const told = async () => {
      const { done, value } = await stream.next()
      return done === true ? null : value.channels.map(({ channelId }) => channelId)
    }
    expect(await told()).toEqual([lost.id, kept.id])
    await admin.gateways.place({ gateway: 'GW020', tenant, group: yard })
    await importInto('GW020', [reading('level', start + MINUTE, 2)])
    await importInto('GW021', [reading('level', start + MINUTE, 2)])
    expect(await told()).toEqual([kept.id])
    await stream.return(undefined)
  })
})

test('tenants keep to themselves: neither channels nor calculations of another exist', async () => {
  const south = await site.engine.createTenant({ slug: 'south', name: 'South' })
  const stranger = await people.api(await people.add('operator', south.id))
  const own = await create('[GW001/power]', { tenant, name: 'Own' })
  expect(await stranger.calculations.list({})).toEqual({ calculations: [] })
  const foreign = await failure(stranger.calculations.create({ name: 'X', expression: '[GW001/power]' }))
  expect(foreign).toMatchObject({ code: 'expression_invalid', data: { problem: 'unknown_channel' } })
  const { channels } = await admin.telemetry.channels({ gateway: 'GW001' })
  const byId = await failure(stranger.calculations.create({ name: 'X', expression: `[${channels[0]?.id}]` }))
  expect(byId.code).toBe('expression_invalid')
  for (const call of [
    () => stranger.calculations.update({ calculationId: own.id, name: 'Y' }),
    () => stranger.calculations.delete({ calculationId: own.id }),
    () => stranger.telemetry.watch({ channelIds: [own.id] }),
    () => stranger.telemetry.chart({ channelIds: [own.id], from: 0, to: 1, points: 1 }),
  ])
    expect((await failure(call())).code).toBe('not_found')
  const viewer = await people.api(await people.add('viewer', tenant))
  expect((await viewer.calculations.list({})).calculations.length).toBeGreaterThan(0)
  expect((await failure(viewer.calculations.create({ name: 'X', expression: '[GW001/power]' }))).code).toBe(
    'forbidden',
  )
})

test('they are still there after a restart', async () => {
  const kept = await create("rate([GW001/energy], 'h') + 0", { tenant, name: 'Kept' })
  // A circle of its own, as a version before this one may have left it: it hides no other.
  const circle = await create('[GW001/power]', { tenant, name: 'Circle' })
  await site.engine.stop()
  const db = new Database(join(site.dataDir, 'site.sqlite'))
  db.prepare('UPDATE calculations SET expression = ? WHERE id = ?').run(`[=${circle.id}]`, circle.id)
  db.close()
  const again = await startSite({ dataDir: site.dataDir })
  const { json } = await again.local.get('/api/v1/calculations')
  expect(json.calculations.find(({ id }: { id: string }) => id === kept.id)).toMatchObject({
    name: 'Kept',
    expression: "rate([GW001/energy], 'h') + 0",
  })
  expect(json.calculations.find(({ id }: { id: string }) => id === circle.id)).toMatchObject({
    expression: '[=Circle]',
    channelIds: [],
  })
  await again.engine.stop()
})
