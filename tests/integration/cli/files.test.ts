import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { millwright, millwrightJson } from './command.ts'
import { makeSiteProcess, removeSiteProcess, type SiteProcess } from './site-process.ts'

let site: SiteProcess
const data = (): string[] => ['--data', site.dataDir]
const at = (name: string): string => join(site.dir, name)
const range = ['--from', '2026-02-17T10:00:00Z', '--to', '2026-02-17T11:00:00Z']
const ROWS = 5_000

beforeAll(async () => {
  site = await makeSiteProcess()
  await site.create()
  await site.start()
  for (const code of ['GW001', 'GW002'])
    await millwright(['gateways', 'create', ...data(), '--code', code, '--name', code])
  const start = Date.parse('2026-02-17T10:00:00Z')
  const rows = Array.from({ length: ROWS }, (_, row) => `${start + row * 100};${row / 4};on`)
  await writeFile(at('history.csv'), ['time;level [m];mode', ...rows, 'never;1;off'].join('\n'))
})
afterAll(() => removeSiteProcess(site))

test('import: first only looked at, then stored, with a report', async () => {
  const looked = await millwright([
    'telemetry',
    'import',
    at('history.csv'),
    ...data(),
    '--gateway',
    'GW001',
    '--dry-run',
  ])
  expect(looked).toMatchObject({ code: 0 })
  expect(looked.stdout).toMatch(/^readings +10000$/m)
  expect(looked.stdout).toMatch(/^level +number +m +5000 +new$/m)
  expect(looked.stdout).toMatch(/^5002 +level +time +never$/m)
  const { channels } = await millwrightJson(['telemetry', 'latest', ...data(), '--gateway', 'GW001'])
  expect(channels).toEqual([])
  const stored = await millwrightJson([
    'telemetry',
    'import',
    at('history.csv'),
    ...data(),
    '--gateway',
    'GW001',
  ])
  expect(stored).toMatchObject({ state: 'done', result: { stored: 10_000, refused: 2 } })
})

test('export: several gateways, wide, by interval, as Parquet, as a job', async () => {
  const long = await millwright(['telemetry', 'export', ...data(), ...range])
  expect(long.stdout.split('\r\n').length).toBe(10_002)
  const wide = await millwright([
    'telemetry',
    'export',
    ...data(),
    ...range,
    '--gateway',
    'GW001',
    '--channel',
    'level',
    '--wide',
    '--interval',
    '1m',
    '--functions',
    'min,count',
  ])
  expect(wide.stdout.split('\r\n').slice(0, 3)).toEqual([
    'time,level min [m],level count',
    '2026-02-17T10:00:00.000Z,0,600',
    '2026-02-17T10:01:00.000Z,150,600',
  ])
  const parquet = ['telemetry', 'export', ...data(), ...range, '--format', 'parquet', '--job']
  const made = await millwrightJson([...parquet, '-o', at('x.parquet')])
  expect(made).toEqual({ file: at('x.parquet'), bytes: (await stat(at('x.parquet'))).size })
  const db = await DuckDBInstance.create(':memory:')
  const connection = await db.connect()
  const rows = await connection.runAndReadAll(`select count(*)::int, sum(value) from '${at('x.parquet')}'`)
  expect(rows.getRowsJson()).toEqual([[10_000, (ROWS * (ROWS - 1)) / 8]])
  connection.closeSync()
  db.closeSync()
  expect(await millwright([...parquet])).toMatchObject({ code: 2, stderr: expect.stringContaining('--out') })
})

test('jobs: listed, shown, fetched again, deleted', async () => {
  const { jobs } = await millwrightJson<{ jobs: { id: string; kind: string; state: string }[] }>([
    'jobs',
    'list',
    ...data(),
  ])
  const job = jobs.find(({ kind }) => kind === 'telemetry.export')
  expect(job?.state).toBe('done')
  const id = job?.id ?? ''
  expect((await millwright(['jobs', 'show', id, ...data()])).stdout).toMatch(/^state +done$/m)
  await millwrightJson(['jobs', 'download', id, ...data(), '-o', at('again.parquet')])
  expect(await readFile(at('again.parquet'))).toEqual(await readFile(at('x.parquet')))
  expect((await millwright(['jobs', 'cancel', id, ...data()])).stderr).toContain('has ended already')
  expect((await millwright(['jobs', 'delete', id, ...data()])).code).toBe(0)
  expect((await millwright(['jobs', 'show', id, ...data()])).stderr).toContain('There is no job')
})

test('what fails says why', async () => {
  await writeFile(at('letter.csv'), 'Dear all\n')
  const refused = await millwright(['telemetry', 'import', at('letter.csv'), ...data(), '--gateway', 'GW002'])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('no CSV of readings') })
  const missing = await millwright([
    'telemetry',
    'import',
    at('nothing.csv'),
    ...data(),
    '--gateway',
    'GW002',
  ])
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('does not exist') })
})
