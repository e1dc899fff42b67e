import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Aligned } from '#contract/model/telemetry-query.ts'
import type { AppendedReading } from '#platform/historian/historian.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Friday; the clock of Berlin goes forward on the Sunday after. */
const friday = Date.parse('2026-03-27T00:00:00+01:00')

let site: TestSite
beforeAll(async () => {
  site = await startSite()
  await site.local.send('PUT', '/api/v1/site/calendar', {
    timeZone: 'Europe/Berlin',
    shiftStarts: ['06:00', '14:00', '22:00'],
    weekStart: 'monday',
  })
  await gateway('GW001', [
    ...every(10 * MINUTE, friday, friday + 4 * DAY).flatMap((ts, index) => [
      reading('level', ts, index),
      reading('energy', ts, (index * 10) % 1_000, 'integer'),
    ]),
    ...every(HOUR, friday, friday + DAY).flatMap((ts, index) => [
      reading('mode', ts, index % 3 === 0 ? 'idle' : 'run', 'text'),
      reading('slow', ts, index),
    ]),
  ])
  // The same name on another gateway, whose times run backwards.
  await gateway(
    'GW002',
    every(10 * MINUTE, friday, friday + DAY)
      .toReversed()
      .map((ts, index) => reading('level', ts, -index)),
  )
})
afterAll(() => site.stop())

function every(step: number, from: number, to: number): number[] {
  return Array.from({ length: (to - from) / step }, (_, index) => from + index * step)
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

async function gateway(code: string, readings: Imported[]): Promise<void> {
  const made = await site.local.post('/api/v1/gateways/provision', { code, name: code })
  await site.engine.importReadings(made.json.gateway_id, readings)
  await eventually(
    async () => (await site.local.get(`/api/v1/channels?gateway=${code}`)).json.channels.length > 0,
    'channels',
  )
}

const iso = (ts: number) => new Date(ts).toISOString()

async function ask(path: string, parameters: Record<string, string | number | string[]>) {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters))
    for (const one of [value].flat()) query.append(name, String(one))
  return site.local.get(`/api/v1/telemetry/${path}?${query}`)
}
const level = { gateway: 'GW001', channel: 'level' }

describe('query', () => {
  test('one channel: single readings in pages, as ever', async () => {
    const range = { ...level, from: friday, to: friday + HOUR }
    const first = (await ask('query', { ...range, limit: 4 })).json
    expect(first).toMatchObject({
      channel: { key: 'level', gatewayCode: 'GW001' },
      buckets: null,
      aligned: null,
      edges: null,
      damaged: [],
    })
    expect(first.readings.map(({ value }: { value: number }) => value)).toEqual([0, 1, 2, 3])
    const second = (await ask('query', { ...range, limit: 4, after: first.next })).json
    expect(second.readings.map(({ value }: { value: number }) => value)).toEqual([4, 5])
    expect(second.next).toBeNull()
  })

  test('one channel: equal spans', async () => {
    const { buckets, readings } = (
      await ask('query', { ...level, from: friday, to: friday + 2 * HOUR, buckets: 2 })
    ).json
    expect(readings).toBeNull()
    expect(buckets).toMatchObject({
      ts: [friday, friday + HOUR],
      count: [6, 6],
      min: [0, 6],
      max: [5, 11],
      avg: [2.5, 8.5],
      timeAverage: [2.5, 8.5],
      sum: [15, 51],
      first: [0, 6],
      last: [5, 11],
      width: HOUR,
    })
  })

  test('days of the site: the one on which the clock goes forward has 23 hours', async () => {
    const { buckets, edges, from, to } = (
      await ask('query', { ...level, from: iso(friday + HOUR), to: iso(friday + 3 * DAY), interval: 'day' })
    ).json
    expect(buckets.count).toEqual([144, 144, 138, 144])
    expect(edges).toEqual([
      friday,
      friday + DAY,
      friday + 2 * DAY,
      friday + 3 * DAY - HOUR,
      friday + 4 * DAY - HOUR,
    ])
    expect([from, to]).toEqual([edges[0], edges.at(-1)])
  })

  test('shifts, weeks, months and spans of minutes', async () => {
    const query = async (interval: string, from: number, to: number) =>
      (await ask('query', { ...level, from, to, interval })).json.edges.map(iso)
    expect(await query('shift', friday, friday + MINUTE)).toEqual([
      '2026-03-26T21:00:00.000Z',
      '2026-03-27T05:00:00.000Z',
    ])
    expect(await query('week', friday, friday + MINUTE)).toEqual([
      '2026-03-22T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ])
    expect(await query('month', friday, friday + MINUTE)).toEqual([
      '2026-02-28T23:00:00.000Z',
      '2026-03-31T22:00:00.000Z',
    ])
    expect(await query('15m', friday + 1, friday + 20 * MINUTE)).toHaveLength(3)
  })

  test('several channels stand on one time axis, each value in its row', async () => {
    const { aligned, channel, buckets, readings } = (
      await ask('query', {
        gateway: 'GW001',
        channel: ['level', 'mode', 'slow'],
        from: friday,
        to: friday + 2 * HOUR,
        limit: 7,
      })
    ).json
    expect([channel, buckets, readings]).toEqual([null, null, null])
    expect(aligned.ts).toEqual(every(10 * MINUTE, friday, friday + 70 * MINUTE))
    expect(aligned.columns).toMatchObject([
      { gateway: 'GW001', channel: 'level', kind: 'number', values: [0, 1, 2, 3, 4, 5, 6] },
      { channel: 'mode', kind: 'text', values: ['idle', null, null, null, null, null, 'run'] },
      { channel: 'slow', values: [0, null, null, null, null, null, 1] },
    ])
  })

  test.each(['ascending', 'descending'] as const)(
    'their pages, %s, are the whole, each time once',
    async (order) => {
      const rows: [number, number | null, number | null][] = []
      let after: number | null = null
      do {
        const page: { aligned: Aligned; next: number | null } = (
          await ask('query', {
            gateway: 'GW001',
            channel: ['level', 'slow'],
            from: friday,
            to: friday + DAY,
            limit: 25,
            order,
            ...(after !== null && { after }),
          })
        ).json
        const [a, b] = page.aligned.columns.map(({ values = [] }) => values as (number | null)[])
        for (const [row, ts] of page.aligned.ts.entries()) rows.push([ts, a?.[row] ?? null, b?.[row] ?? null])
        after = page.next
      } while (after !== null)
      const wanted = every(10 * MINUTE, friday, friday + DAY).map((ts, index) => [
        ts,
        index,
        index % 6 === 0 ? index / 6 : null,
      ])
      expect(order === 'ascending' ? rows : rows.toReversed()).toEqual(wanted)
    },
  )

  test('several in spans; texts have counts and ends, and no numbers', async () => {
    const { aligned } = (
      await ask('query', {
        gateway: 'GW001',
        channel: ['level', 'mode'],
        from: friday,
        to: friday + DAY,
        interval: 'shift',
      })
    ).json
    expect(aligned.ts.map(iso)).toEqual([
      '2026-03-26T21:00:00.000Z',
      '2026-03-27T05:00:00.000Z',
      '2026-03-27T13:00:00.000Z',
      '2026-03-27T21:00:00.000Z',
    ])
    const [numbers, texts] = aligned.columns
    expect(numbers.count).toEqual([36, 48, 48, 48])
    expect(texts.count).toEqual([6, 8, 8, 2])
    expect(texts.first).toEqual(['idle', 'idle', 'run', 'run'])
    expect(texts).not.toHaveProperty('avg')
  })

  test('two gateways that share a name stay apart, whatever the order of their times', async () => {
    const one = async (code: string) =>
      (
        await ask('query', { gateway: code, channel: 'level', from: friday, to: friday + HOUR })
      ).json.readings.map(({ value }: { value: number }) => value)
    expect(await one('GW001')).toEqual([0, 1, 2, 3, 4, 5])
    expect(await one('GW002')).toEqual([-143, -142, -141, -140, -139, -138])
    const ids = await Promise.all(
      ['GW001', 'GW002'].map(
        async (code) =>
          (await site.local.get(`/api/v1/channels?gateway=${code}`)).json.channels.find(
            ({ key }: { key: string }) => key === 'level',
          ).id as string,
      ),
    )
    const { aligned } = (await ask('query', { channel: ids, from: friday, to: friday + 1 })).json
    expect(aligned.columns).toMatchObject([
      { gateway: 'GW001', values: [0] },
      { gateway: 'GW002', values: [-143] },
    ])
    const { channels } = (await site.local.get('/api/v1/telemetry/latest?gateway=GW002')).json
    expect(channels[0].latest).toMatchObject({ ts: friday + DAY - 10 * MINUTE, value: 0 })
  })

  test.each<[string, Record<string, string | number | string[]>, string, RegExp]>([
    ['both kinds of spans', { ...level, buckets: 5, interval: 'day' }, 'range_invalid', /not both/],
    ['a span that divides no day', { ...level, interval: '7m' }, 'range_invalid', /divide a day/],
    [
      'more spans than fit',
      { ...level, interval: '1s', from: friday, to: friday + 4 * DAY },
      'range_invalid',
      /10000 spans/,
    ],
    ['a span that is none', { ...level, interval: 'fortnight' }, 'input_invalid', /interval/],
    ['no buckets', { ...level, buckets: 0 }, 'input_invalid', /buckets/],
    ['too many buckets', { ...level, buckets: 10_001 }, 'input_invalid', /buckets/],
    [
      'a range that ends before it begins',
      { ...level, from: friday, to: friday - 1 },
      'range_invalid',
      /before/,
    ],
    [
      'too many channels',
      { gateway: 'GW001', channel: Array.from({ length: 33 }, (_, n) => `c${n}`) },
      'input_invalid',
      /channel/,
    ],
    [
      'a channel that is not there',
      { gateway: 'GW001', channel: ['level', 'nothing'] },
      'not_found',
      /nothing/,
    ],
    ['a channel of no gateway', { channel: 'level' }, 'not_found', /gateway/],
    ['nothing', {}, 'not_found', /which channel/],
    ['a calculation that is not there', { channel: '=Nothing' }, 'not_found', /=Nothing/],
  ])('%s is refused in words', async (_what, parameters, code, words) => {
    const { json, status } = await ask('query', parameters)
    expect(json).toMatchObject({ code, message: expect.stringMatching(words) })
    expect(status).toBeLessThan(500)
  })
})

test('states: how long each lasted, in each shift', async () => {
  const { spans, channel } = (
    await ask('states', {
      gateway: 'GW001',
      channel: 'mode',
      from: friday + 6 * HOUR,
      to: friday + 22 * HOUR,
      interval: 'shift',
    })
  ).json
  expect(channel.key).toBe('mode')
  expect(spans).toHaveLength(2)
  expect(spans[0].states).toEqual([
    { value: 'run', ms: 5 * HOUR, changes: 3 },
    { value: 'idle', ms: 3 * HOUR, changes: 3 },
  ])
  const whole = (await ask('states', { gateway: 'GW001', channel: 'mode', from: friday, to: friday + DAY }))
    .json
  expect(whole.spans).toHaveLength(1)
  expect(whole.spans[0].states.map(({ ms }: { ms: number }) => ms)).toEqual([16 * HOUR, 8 * HOUR])
  expect((await ask('states', { ...level, buckets: 1_001 })).json.code).toBe('range_invalid')
})

test('increases: consumption of each day, over the roll-over of the counter', async () => {
  const asked = { gateway: 'GW001', channel: 'energy', from: friday, to: friday + 3 * DAY }
  const { edges, columns } = (await ask('increases', { ...asked, interval: 'day', rollover: 1_000 })).json
  expect(edges).toHaveLength(5)
  // The first day begins with the first reading ever; Sunday has 23 hours.
  expect(columns[0]).toMatchObject({
    channel: 'energy',
    increase: [1_430, 1_440, 1_380, 1_440],
    rollovers: [1, 1, 2, 1],
  })
  const whole = (await ask('increases', { ...asked, rollover: 1_000 })).json
  expect(whole.columns[0].increase).toEqual([4 * 1_440 - 1_440 - 10])
  expect((await ask('increases', { gateway: 'GW001', channel: 'mode' })).json).toMatchObject({
    code: 'channel_not_numeric',
    data: { channel: 'mode' },
  })
})

test('neighbours, gaps and corrections', async () => {
  const at = (await ask('neighbours', { ...level, at: friday + 15 * MINUTE })).json
  expect([at.previous.value, at.exact, at.next.value]).toEqual([1, null, 2])
  const exact = (await ask('neighbours', { ...level, at: friday + 20 * MINUTE })).json
  expect([exact.previous.value, exact.exact.value, exact.next.value]).toEqual([1, 2, 3])
  const { gaps } = (
    await ask('gaps', {
      gateway: 'GW001',
      channel: 'slow',
      from: friday,
      to: friday + 2 * DAY,
      longerThan: 2 * HOUR,
    })
  ).json
  expect(gaps).toEqual([
    { from: friday + 23 * HOUR, to: friday + 2 * DAY, before: friday + 23 * HOUR, after: null },
  ])
  const { json: list } = await site.local.get('/api/v1/gateways')
  const { id } = list.gateways.find(({ code }: { code: string }) => code === 'GW001')
  await site.engine.importReadings(id, [reading('slow', friday, 99)])
  const corrected = await eventually(async () => {
    const { corrections } = (
      await ask('corrections', { gateway: 'GW001', channel: 'slow', from: friday, to: friday + DAY })
    ).json
    return corrections.length > 0 && corrections
  }, 'the correction')
  expect(corrected).toMatchObject([{ ts: friday, value: 0, quality: 0, replacedBy: expect.any(Number) }])
  expect((await ask('gaps', { ...level, longerThan: 0 })).json.code).toBe('input_invalid')
})

test('the calendar: what is no zone and no shift is refused, and the rest is kept', async () => {
  const put = (calendar: object) => site.local.send('PUT', '/api/v1/site/calendar', calendar)
  const calendar = (await site.local.get('/api/v1/site/calendar')).json
  expect(calendar).toEqual({
    timeZone: 'Europe/Berlin',
    shiftStarts: ['06:00', '14:00', '22:00'],
    weekStart: 'monday',
  })
  expect((await put({ ...calendar, timeZone: 'Mars/Olympus' })).json.code).toBe('calendar_invalid')
  expect((await put({ ...calendar, shiftStarts: ['25:00'] })).json.code).toBe('input_invalid')
  expect((await site.local.get('/api/v1/site/calendar')).json).toEqual(calendar)
})
