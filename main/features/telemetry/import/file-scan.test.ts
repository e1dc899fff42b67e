import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ValueKind } from '#contract/model/reading.ts'
import type { ImportOptions } from '#contract/model/telemetry-file.ts'
import { csvRows, readStart } from './csv-rows.ts'
import { FileBatches } from './file-batches.ts'
import { FileScan } from './file-scan.ts'
import { importFormat } from './import-format.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-import-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const at = Date.parse('2026-02-17T10:00:00Z')

/** What a file is found to hold, and the readings that an import of it hands over. */
async function read(
  content: string | Uint8Array,
  options: Partial<ImportOptions> = {},
  known: Record<string, ValueKind> = {},
  code = 'GW001',
) {
  const path = join(dir, 'file.csv')
  writeFileSync(path, content)
  const given = { raw: false, ...options }
  const format = importFormat(await readStart(path), given)
  const scan = new FileScan(format, given.raw, new Map(Object.entries(known)))
  for await (const row of csvRows(path, format)) scan.add(row)
  const report = scan.report(code, true)
  const batches = new FileBatches({
    format,
    raw: given.raw,
    takes: scan.takes(code),
    channels: scan.channels(code),
    now: at,
  })
  for await (const row of csvRows(path, format)) batches.add(row)
  const batch = batches.take(0)
  const readings: unknown[] = []
  for (let r = 0; batch && r < batch.rows.length; r += 4) {
    const channel = batch.channels[batch.rows[r] ?? -1]
    const value = batch.rows[r + 2] ?? 0
    readings.push([
      channel?.key,
      (batch.rows[r + 1] ?? 0) - at,
      channel?.kind === 'text' ? batch.texts[value] : channel?.kind === 'boolean' ? value === 1 : value,
      (batch.rows[r + 3] ?? 0) % 256,
    ])
  }
  // What is told beforehand is what is then taken.
  expect(readings.length).toBe(report.readings)
  return { report, readings }
}

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`

test('the long form as it is exported', async () => {
  const { report, readings } = await read(
    lines(
      'gateway,channel,unit,time,value,quality',
      'GW001,temperature,°C,2026-02-17T10:00:00.000Z,21.4,0',
      'GW001,temperature,°C,2026-02-17T10:00:01.000Z,-0.5,1',
      'GW001,pump,,2026-02-17T10:00:00.000Z,true,0',
      'GW001,"mode, ""x""",,2026-02-17T10:00:00.000Z,"\'=run, now",0',
    ),
  )
  expect(report).toMatchObject({
    format: { layout: 'long', separator: ',', decimal: '.', time: 'iso' },
    rows: 4,
    readings: 4,
    refused: 0,
    from: at,
    to: at + 1_000,
    newChannels: 3,
    channels: [
      { channel: 'temperature', unit: '°C', kind: 'number', isNew: true, readings: 2 },
      { channel: 'pump', unit: null, kind: 'boolean', isNew: true, readings: 1 },
      { channel: 'mode, "x"', unit: null, kind: 'text', isNew: true, readings: 1 },
    ],
    problems: [],
  })
  expect(readings).toEqual([
    ['temperature', 0, 21.4, 0],
    ['temperature', 1_000, -0.5, 1],
    ['pump', 0, true, 0],
    ['mode, "x"', 0, '=run, now', 0],
  ])
})

test('a wide file of a European spreadsheet: semicolons, decimal commas, local times, empty cells', async () => {
  const { report, readings } = await read(
    '\ufeffsep=;\r\nTime;temperature [°C];flow\r\n2026-02-17 07:00:00;21,5;1000\r\n2026-02-17 07:00:01;;-1,25\r\n',
    { timeZone: 'America/Sao_Paulo' },
  )
  expect(report).toMatchObject({
    format: { layout: 'wide', separator: ';', decimal: ',', time: 'iso', timeZone: 'America/Sao_Paulo' },
    rows: 2,
    readings: 3,
    empty: 1,
    channels: [
      { channel: 'temperature', unit: '°C' },
      { channel: 'flow', unit: null },
    ],
  })
  expect(readings).toEqual([
    ['temperature', 0, 21.5, 0],
    ['flow', 0, 1000, 0],
    ['flow', 1_000, -1.25, 0],
  ])
})

test('tabs and seconds', async () => {
  const { report, readings } = await read('time\ta\n1771322400\t1\n1771322401\t2')
  expect(report.format).toMatchObject({ layout: 'wide', separator: '\t', time: 's' })
  expect(readings).toEqual([
    ['a', 0, 1, 0],
    ['a', 1_000, 2, 0],
  ])
})

test('each bad row is counted, and told with its line and why', async () => {
  const { report } = await read(
    lines(
      'gateway,channel,unit,time,value,quality',
      'GW001,t,,yesterday,1,0',
      'GW001,t,,1971-01-01T00:00:00Z,1,0',
      'GW001,t,,2026-02-17T10:00:00Z,NaN,0',
      'GW001,t,,2026-02-17T10:00:01Z,-Infinity,0',
      'GW001,t,,2026-02-17T10:00:02Z,1e999,0',
      'GW001,t,,2026-02-17T10:00:03Z,n/a,0',
      'GW001,t,,2026-02-17T10:00:04Z,true,0',
      'GW001,t,,2026-02-17T10:00:05Z,,0',
      'GW001,t,,2026-02-17T10:00:06Z,1,900',
      'GW001,t',
      'GW001,,,2026-02-17T10:00:07Z,1,0',
      'GW001,t,,2026-02-17T10:00:08Z,1,0',
    ),
    {},
    { t: 'number' },
  )
  expect(report).toMatchObject({ rows: 12, readings: 1, empty: 1, refused: 10 })
  expect(report.problems.map(({ line, problem }) => [line, problem])).toEqual([
    [2, 'time'],
    [3, 'time_range'],
    [4, 'not_finite'],
    [5, 'not_finite'],
    [6, 'not_finite'],
    [7, 'value'],
    [8, 'kind'],
    [10, 'quality'],
    [11, 'columns'],
    [12, 'channel'],
  ])
})

test('a new channel takes the kind of most of its values, and 0 and 1 are booleans among booleans', async () => {
  const row = (channel: string, second: number, value: string) =>
    `g,${channel},2026-02-17T10:00:0${second}Z,${value}`
  const { report } = await read(
    lines(
      'gateway,channel,time,value',
      ...['1', '2', 'n/a'].map((value, index) => row('numbers', index, value)),
      ...['true', '0', 'FALSE', '1'].map((value, index) => row('booleans', index, value)),
      ...['on', 'off', '7'].map((value, index) => row('texts', index, value)),
    ),
  )
  expect(report.channels.map(({ channel, kind, readings }) => [channel, kind, readings])).toEqual([
    ['numbers', 'number', 2],
    ['booleans', 'boolean', 4],
    ['texts', 'text', 3],
  ])
  expect(report.problems).toEqual([{ line: 4, column: 'numbers', problem: 'value', text: 'n/a' }])
})

test('a channel that is there keeps its kind', async () => {
  const file = lines(
    'gateway,channel,time,value',
    'g,mode,2026-02-17T10:00:00Z,12',
    'g,count,2026-02-17T10:00:00Z,1.5',
  )
  const { report, readings } = await read(file, {}, { mode: 'text', count: 'integer' })
  expect(readings).toEqual([['mode', 0, '12', 0]])
  expect(report.problems).toMatchObject([{ line: 3, problem: 'kind' }])
})

test('of a file of one gateway all rows count, of several those of the one that is meant', async () => {
  const head = 'gateway,channel,time,value'
  const one = await read(lines(head, 'OTHER,t,2026-02-17T10:00:00Z,1'))
  expect(one.report).toMatchObject({ readings: 1, refused: 0 })
  const file = lines(head, 'OTHER,t,2026-02-17T10:00:00Z,1', 'GW001,t,2026-02-17T10:00:00Z,2')
  const two = await read(file)
  expect(two.readings).toEqual([['t', 0, 2, 0]])
  expect(two.report).toMatchObject({ refused: 1, problems: [{ line: 2, problem: 'gateway', text: 'OTHER' }] })
})

test('what lies ahead is flagged, as when a gateway sends it', async () => {
  const { readings } = await read(
    lines('gateway,channel,time,value', 'g,t,2026-02-17T10:10:00Z,1', 'g,t,2026-02-17T10:10:01Z,2'),
  )
  expect(readings).toEqual([
    ['t', 600_000, 1, 0],
    ['t', 601_000, 2, 2],
  ])
})

test('a whole number that no double is equal to is flagged as rounded', async () => {
  const { readings } = await read(
    lines('time,a', '2026-02-17T10:00:00Z,9007199254740993', '2026-02-17T10:00:01Z,9007199254740992'),
  )
  expect(readings).toEqual([
    ['a', 0, 9007199254740992, 4],
    ['a', 1_000, 9007199254740992, 0],
  ])
})

test.each([
  ['', 'first line is empty'],
  ['just words\n', 'one column only'],
  ['time,a,a\n1,2,3\n', 'two columns are named a'],
  [Buffer.from('time,a\n', 'utf16le'), 'binary'],
  [Buffer.from([0xff, 0xfe, 0x61, 0x00]), 'UTF-16'],
])('what is no CSV of readings is refused: %j', async (content, cause) => {
  await expect(read(content)).rejects.toMatchObject({
    code: 'import_file_invalid',
    data: { cause: expect.stringContaining(cause) },
  })
})

test('a quote that never ends is refused, whatever the size of the file', async () => {
  const file = `gateway,channel,time,value\ng,"t,2026-02-17T10:00:00Z,1\n${'x'.repeat(9 * 1024 * 1024)}`
  await expect(read(file)).rejects.toMatchObject({ code: 'import_file_invalid' })
})
