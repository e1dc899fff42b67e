import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { millwright, millwrightJson } from './command.ts'

const HOUR = 3_600_000
const start = Date.parse('2026-03-02T00:00:00Z')

let site: TestSite
beforeAll(async () => {
  site = await startSite()
  await site.local.send('PUT', '/api/v1/site/calendar', {
    timeZone: 'UTC',
    shiftStarts: ['06:00', '14:00', '22:00'],
    weekStart: 'monday',
  })
  for (const code of ['GW001', 'GW002']) {
    const made = await site.local.post('/api/v1/gateways/provision', { code, name: code })
    const readings = Array.from({ length: 48 }, (_, n) => n).flatMap((n) => {
      const at = { ts: start + (n * HOUR) / 2, unit: null, quality: 0 }
      return [
        { ...at, channel: 'energy', kind: 'number' as const, value: n * 5 },
        { ...at, channel: 'mode', kind: 'text' as const, value: n % 4 === 0 ? 'idle' : 'run' },
      ]
    })
    await site.engine.importReadings(made.json.gateway_id, readings)
  }
  await eventually(
    async () => (await site.local.get('/api/v1/channels')).json.channels.length === 4,
    'the channels',
  )
  await site.local.post('/api/v1/calculations', {
    name: 'Both',
    expression: '[GW001/energy] + [GW002/energy]',
  })
})
afterAll(() => site.stop())

const day = ['--from', '2026-03-02', '--to', '2026-03-03']
const telemetry = (...args: string[]) => ['telemetry', ...args, '--data', site.dataDir, ...day]
const lines = async (...args: string[]) => {
  const { code, stdout, stderr } = await millwright(telemetry(...args))
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trimEnd().split('\n')
}

test('query: spans of the calendar, with the columns that are asked for', async () => {
  const [head, ...rows] = await lines(
    'query',
    '--gateway',
    'GW001',
    '--channel',
    'energy',
    '--interval',
    'shift',
    '--function',
    'count',
    'last',
  )
  expect(head).toMatch(/^TIME +COUNT +LAST$/)
  expect(rows.map((row) => row.split(/ +/))).toEqual([
    ['2026-03-01T22:00:00.000Z', '12', '55'],
    ['2026-03-02T06:00:00.000Z', '16', '135'],
    ['2026-03-02T14:00:00.000Z', '16', '215'],
    ['2026-03-02T22:00:00.000Z', '4', '235'],
  ])
})

test('query: several channels, a calculated one too, side by side', async () => {
  const [head, first] = await lines(
    'query',
    '--gateway',
    'GW001',
    '--channel',
    'energy',
    '=Both',
    '--interval',
    '12h',
  )
  expect(head).toMatch(/^TIME +GW001\/energy +=Both$/)
  expect(first?.split(/ +/)).toEqual(['2026-03-02T00:00:00.000Z', '57.5', '115'])
  const { spans } = await millwrightJson<{
    spans: { time: string; channels: { name: string; max: number }[] }[]
  }>(telemetry('query', '--channel', '=Both', '--interval', 'day', '--function', 'max'))
  expect(spans).toMatchObject([{ time: '2026-03-02T00:00:00.000Z', channels: [{ name: 'Both' }] }])
})

test('query: single readings of several channels, in one table and one JSON value', async () => {
  const rows = await lines('query', '--gateway', 'GW001', '--channel', 'energy', 'mode', '--limit', '2')
  expect(rows.map((row) => row.split(/ +/))).toEqual([
    ['TIME', 'GW001/energy', 'GW001/mode'],
    ['2026-03-02T00:00:00.000Z', '0', 'idle'],
    ['2026-03-02T00:30:00.000Z', '5', 'run'],
  ])
  const { readings } = await millwrightJson<{ readings: unknown[] }>(
    telemetry('query', '--gateway', 'GW001', '--channel', 'energy', 'mode'),
  )
  expect(readings).toHaveLength(48)
  expect(readings[1]).toMatchObject({
    time: '2026-03-02T00:30:00.000Z',
    channels: [
      { gateway: 'GW001', channel: 'energy', value: 5, quality: 0 },
      { channel: 'mode', value: 'run' },
    ],
  })
})

test('consumption of several counters, in each span', async () => {
  const rows = await lines('consumption', '--gateway', 'GW001', '--channel', 'energy', '--interval', '12h')
  expect(rows.map((row) => row.split(/ +/))).toEqual([
    ['FROM', 'TO', 'GW001/energy'],
    ['2026-03-02T00:00:00.000Z', '2026-03-02T12:00:00.000Z', '115'],
    ['2026-03-02T12:00:00.000Z', '2026-03-03T00:00:00.000Z', '120'],
  ])
})

test('states, gaps and corrections', async () => {
  const states = await lines('states', '--gateway', 'GW001', '--channel', 'mode')
  expect(states.map((row) => row.split(/ +/).slice(2))).toEqual([
    ['STATE', 'SECONDS', 'BEGAN'],
    ['run', '64800', '12'],
    ['idle', '21600', '12'],
  ])
  const gaps = await millwrightJson<{ gaps: unknown[] }>(
    telemetry('gaps', '--gateway', 'GW001', '--channel', 'energy', '--longer-than', '29m'),
  )
  expect(gaps.gaps).toHaveLength(48)
  expect(gaps.gaps[0]).toMatchObject({ from: '2026-03-02T00:00:00.000Z', seconds: 1_800 })
  expect(await lines('corrections', '--gateway', 'GW001', '--channel', 'energy')).toEqual([
    expect.stringMatching(/^TIME +WAS +REPLACED BY$/),
  ])
})

test.each([
  [['query', '--gateway', 'GW001', '--channel', 'energy', '--interval', '7m'], 1, /divide a day/],
  [['query', '--gateway', 'GW001', '--channel', 'energy', '--function', 'median'], 2, /median/],
  [['consumption', '--gateway', 'GW001', '--channel', 'mode'], 1, /holds text/],
  [['consumption', '--gateway', 'GW001', '--rollover', '0'], 2, /above 0/],
  [['states', '--channel', 'mode'], 2, /--gateway/],
])('%j is refused in words', async (args, code, words) => {
  const result = await millwright(telemetry(...args))
  expect(result).toMatchObject({ code, stderr: expect.stringMatching(words) })
})
