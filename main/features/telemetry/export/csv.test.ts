import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { field, fromField, fromHead, wideHead } from './csv-text.ts'
import type { ExportTask } from './export-task.ts'
import { isoTimes } from './iso-time.ts'
import { pagesSource, type SourceChannel, taskOf } from './testing/pages-source.ts'
import { writeExport } from './write-export.ts'

const at = Date.parse('2026-03-01T12:00:00Z')
let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-csv-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function csv(channels: SourceChannel[], rest: Partial<ExportTask> = {}): Promise<string> {
  const pieces: Uint8Array[] = []
  await writeExport(taskOf(channels, rest), pagesSource(channels), async (bytes) => void pieces.push(bytes))
  return Buffer.concat(pieces).toString()
}

const plant: SourceChannel[] = [
  {
    key: 'temperature',
    unit: '°C',
    rows: [
      [at, 21.4],
      [at + 1, -3, 1],
      [at + 3, -0],
    ],
  },
  {
    key: 'pump',
    kind: 'boolean',
    rows: [
      [at, true],
      [at + 2, false],
    ],
  },
  { key: 'mode', kind: 'text', rows: [[at + 3, 'say "x", now']] },
]

test('long: every reading is a line, over as many pages as it takes', async () => {
  expect(await csv(plant)).toBe(
    [
      'gateway,channel,unit,time,value,quality',
      'GW001,temperature,°C,2026-03-01T12:00:00.000Z,21.4,0',
      'GW001,temperature,°C,2026-03-01T12:00:00.001Z,-3,1',
      'GW001,temperature,°C,2026-03-01T12:00:00.003Z,-0,0',
      'GW001,pump,,2026-03-01T12:00:00.000Z,true,0',
      'GW001,pump,,2026-03-01T12:00:00.002Z,false,0',
      'GW001,mode,,2026-03-01T12:00:00.003Z,"say ""x"", now",0',
      '',
    ].join('\r\n'),
  )
})

test('wide: every time is a line, every channel a column', async () => {
  expect(await csv(plant, { layout: 'wide' })).toBe(
    [
      'time,temperature [°C],pump,mode',
      '2026-03-01T12:00:00.000Z,21.4,true,',
      '2026-03-01T12:00:00.001Z,-3,,',
      '2026-03-01T12:00:00.002Z,,false,',
      '2026-03-01T12:00:00.003Z,-0,,"say ""x"", now"',
      '',
    ].join('\r\n'),
  )
})

test('wide of several gateways names them', async () => {
  const channels = ['A', 'B'].map((gateway) => ({ gateway, key: 't', unit: 'bar', rows: [] }))
  expect(await csv(channels, { layout: 'wide' })).toBe('time,A/t [bar],B/t [bar]\r\n')
})

test('wide by interval: spans from whole multiples, the first from where the range begins', async () => {
  const minute = 60_000
  const channels: SourceChannel[] = [
    {
      key: 'a',
      unit: 'V',
      rows: [
        [at + 5_000, 1],
        [at + 50_000, 3],
        [at + 3 * minute, 10],
      ],
    },
    { key: 'b', rows: [[at + 61_000, 7]] },
  ]
  const range = { layout: 'wide' as const, interval: minute, from: at + 5_000, to: at + 10 * minute }
  expect(await csv(channels, { ...range, functions: ['avg', 'count'] })).toBe(
    [
      'time,a avg [V],a count,b avg,b count',
      '2026-03-01T12:00:05.000Z,2,2,,',
      '2026-03-01T12:01:00.000Z,,,7,1',
      '2026-03-01T12:03:00.000Z,10,1,,',
      '',
    ].join('\r\n'),
  )
})

test('by interval over more spans and channels than one question takes', async () => {
  const second = 1_000
  const channels = Array.from(
    { length: 40 },
    (_, index): SourceChannel => ({
      key: `c${index}`,
      rows: Array.from({ length: 1_200 }, (__, row) => [at + row * second, index * 10_000 + row]),
    }),
  )
  const range = { layout: 'wide' as const, interval: second, from: at, to: at + 1_200 * second }
  const rows = (await csv(channels, range)).trim().split('\r\n').slice(1)
  expect(rows.length).toBe(1_200)
  rows.forEach((row, index) => {
    const cells = row.split(',').slice(1).map(Number)
    expect(cells).toEqual(channels.map((_, channel) => channel * 10_000 + index))
  })
})

test('nothing in the range is a file with its head', async () => {
  expect(await csv([])).toBe('gateway,channel,unit,time,value,quality\r\n')
})

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['a=1', 'a=1'],
  ["'=1", "''=1"],
  ['=a,b', '"\'=a,b"'],
  ['two\nlines', '"two\nlines"'],
])('text that a spreadsheet would run gets an apostrophe: %j', (text, written) => {
  expect(field(text, false)).toBe(written)
  const unquoted = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written
  expect(fromField(unquoted, false)).toBe(text)
  expect(field(text, true).replaceAll(/^"|"$/g, '')).toBe(text)
})

test.each([
  ['temperature', '°C'],
  ['temperature', null],
  ['odd [name]', null],
  ['odd [name]', 'V'],
  ['a/b [1] c', null],
])('a head reads back as its key and unit: %s, %s', (key, unit) => {
  expect(fromHead(wideHead(key, unit))).toEqual({ key, unit })
})

test('times are as Date writes them', () => {
  const iso = isoTimes()
  const times = [0, 1, 59_999, 60_000, at, at + 999, at - 1, -1, 253_402_300_799_999, 951_782_400_000]
  for (const ts of times) expect(iso(ts)).toBe(new Date(ts).toISOString())
})

test('sqlite3 reads it, and sums up the same', async () => {
  const file = join(dir, 'long.csv')
  writeFileSync(file, await csv(plant))
  const sql = `select channel, unit, count(*), max(time), sum(value), max(value) from r group by channel order by channel;`
  const output = execFileSync('sqlite3', [':memory:', '-cmd', `.import --csv ${file} r`, '-json', sql])
  expect(JSON.parse(output.toString())).toEqual([
    expect.objectContaining({ channel: 'mode', 'count(*)': 1, 'max(value)': 'say "x", now' }),
    expect.objectContaining({ channel: 'pump', 'count(*)': 2, 'max(time)': '2026-03-01T12:00:00.002Z' }),
    expect.objectContaining({ channel: 'temperature', unit: '°C', 'count(*)': 3, 'sum(value)': 18.4 }),
  ])
})
