import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReadingValue } from '#contract/model/reading.ts'
import type { ExportTask } from './export-task.ts'
import { pagesSource, type Row, type SourceChannel, taskOf } from './testing/pages-source.ts'
import { writeExport } from './write-export.ts'

const at = Date.parse('2026-03-01T12:00:00Z')
let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-parquet-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Writes a file, and asks DuckDB, which shares no code with the writer. */
async function ask(channels: SourceChannel[], rest: Partial<ExportTask>, ...questions: string[]) {
  const pieces: Uint8Array[] = []
  const task = taskOf(channels, { format: 'parquet', ...rest })
  const totals = await writeExport(
    task,
    pagesSource(channels, 5_000),
    async (bytes) => void pieces.push(bytes),
  )
  const file = join(dir, 'x.parquet')
  writeFileSync(file, Buffer.concat(pieces))
  const db = await DuckDBInstance.create(':memory:')
  const connection = await db.connect()
  await connection.run(`set timezone = 'UTC'; create view r as select * from read_parquet('${file}')`)
  const answers: unknown[][][] = []
  for (const question of questions) answers.push((await connection.runAndReadAll(question)).getRowsJson())
  connection.closeSync()
  db.closeSync()
  return { totals, answers, pieces: pieces.length }
}

const describe = 'select column_name, column_type from (describe r)'

test('long: DuckDB sees the types, nulls and values that were stored', async () => {
  const channels: SourceChannel[] = [
    {
      key: 'temperature',
      unit: '°C',
      rows: [
        [at, 21.4],
        [at + 1, -3.25, 1],
        [at + 2, 5e-324],
        [at + 3, 1.7976931348623157e308],
      ],
    },
    {
      gateway: 'GW002',
      key: 'pump',
      rows: [
        [at, true],
        [at + 5, false],
      ],
    },
    {
      gateway: 'GW002',
      key: 'mode',
      rows: [
        [at + 3, 'naïve 🌡'],
        [at + 4, ''],
      ],
    },
  ]
  const { totals, answers } = await ask(
    channels,
    {},
    describe,
    'select epoch_ms(time), gateway, channel, unit, kind, value, text, quality from r',
  )
  expect(totals).toEqual({ rows: 8, readings: 8 })
  expect(answers[0]).toEqual([
    ['time', 'TIMESTAMP WITH TIME ZONE'],
    ['gateway', 'VARCHAR'],
    ['channel', 'VARCHAR'],
    ['unit', 'VARCHAR'],
    ['kind', 'VARCHAR'],
    ['value', 'DOUBLE'],
    ['text', 'VARCHAR'],
    ['quality', 'INTEGER'],
  ])
  expect(answers[1]).toEqual([
    [String(at), 'GW001', 'temperature', '°C', 'number', 21.4, null, 0],
    [String(at + 1), 'GW001', 'temperature', '°C', 'number', -3.25, null, 1],
    [String(at + 2), 'GW001', 'temperature', '°C', 'number', 5e-324, null, 0],
    [String(at + 3), 'GW001', 'temperature', '°C', 'number', 1.7976931348623157e308, null, 0],
    [String(at), 'GW002', 'pump', null, 'boolean', 1, null, 0],
    [String(at + 5), 'GW002', 'pump', null, 'boolean', 0, null, 0],
    [String(at + 3), 'GW002', 'mode', null, 'text', null, 'naïve 🌡', 0],
    [String(at + 4), 'GW002', 'mode', null, 'text', null, '', 0],
  ])
})

test('over several row groups, each handed on as it is written', async () => {
  const rows = Array.from(
    { length: 150_000 },
    (_, index): Row => [at + index * 1_000, Math.round(Math.sin(index) * 1e4) / 100],
  )
  const sum = rows.reduce((total, [, value]) => total + Number(value), 0)
  const { answers, pieces } = await ask(
    [{ key: 'a', rows }],
    {},
    'select count(*), min(epoch_ms(time)), max(epoch_ms(time)), sum(value), count(distinct channel) from r',
    `select count(*) from parquet_metadata('${join(dir, 'x.parquet')}') where path_in_schema = 'value'`,
  )
  const [count, from, to, total, channels] = answers[0]?.[0] ?? []
  expect([count, from, to, channels]).toEqual(['150000', String(at), String(at + 149_999_000), '1'])
  expect(total).toBeCloseTo(sum, 6)
  expect(answers[1]).toEqual([['2']])
  expect(pieces).toBeGreaterThanOrEqual(2)
})

test('wide: one column a channel, of its type; what does not fit is null', async () => {
  const channels: SourceChannel[] = [
    {
      key: 'temperature',
      unit: '°C',
      rows: [
        [at, 21.4],
        [at + 1, 'broken'],
      ],
    },
    {
      key: 'pump',
      kind: 'boolean',
      rows: [
        [at, true],
        [at + 1, false],
      ],
    },
    { key: 'mode', kind: 'text', rows: [[at + 1, 'auto']] },
  ]
  const { answers } = await ask(
    channels,
    { layout: 'wide' },
    describe,
    'select * exclude (time) from r order by time',
  )
  expect(answers[0]?.slice(1)).toEqual([
    ['temperature [°C]', 'DOUBLE'],
    ['pump', 'BOOLEAN'],
    ['mode', 'VARCHAR'],
  ])
  const expected: (ReadingValue | null)[][] = [
    [21.4, true, null],
    [null, false, 'auto'],
  ]
  expect(answers[1]).toEqual(expected)
})

test('nothing in the range is a file with its columns', async () => {
  const { answers } = await ask([{ key: 'a', rows: [] }], {}, 'select count(*) from r', describe)
  expect(answers[0]).toEqual([['0']])
  expect(answers[1]?.length).toBe(8)
})

test.each(['long', 'wide'] as const)(
  '%s: long texts end a row group, so that few are held',
  async (layout) => {
    const text = 'x'.repeat(1_000_000)
    const rows = Array.from({ length: 20 }, (_, n): Row => [at + n, `${n}${text}`])
    const { answers } = await ask(
      [{ key: 'log', kind: 'text', rows }],
      { layout },
      `select count(distinct row_group_id) from parquet_metadata('${join(dir, 'x.parquet')}')`,
      'select count(*) from r',
    )
    expect(answers).toEqual([[['3']], [['20']]])
  },
)
