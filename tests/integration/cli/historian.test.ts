import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LocalStore } from '#platform/historian/testing/local-store.ts'
import { lockDataDir } from '#platform/lock/data-lock.ts'
import { millwright, millwrightJson } from './command.ts'

const START = Date.UTC(2026, 8, 1)
const HOUR = 3_600_000

let data: string
let month: string

/** A store as a site leaves it: two channels, two hours, folded. */
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'mw-historian-'))
  const dir = join(data, 'telemetry')
  mkdirSync(dir)
  const store = new LocalStore(dir).open()
  store.now = START + 30 * 24 * HOUR
  store.write(
    Array.from({ length: 3_000 }, (_, at) => ({
      channel: at % 2 === 0 ? 'temperature' : 'state',
      kind: at % 2 === 0 ? ('number' as const) : ('text' as const),
      ts: START + Math.floor(at / 2) * 4_000,
      value: at % 2 === 0 ? 20 + at / 100 : '=running, "fast"',
      quality: 0,
    })),
  )
  store.settleAll()
  const failure = store.fold()
  if (failure !== null) throw new Error(failure.cause)
  store.close()
  month = join(dir, 'months', '2026-09.standard.sqlite')
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

function flipBlock(): void {
  const db = new Database(month)
  const [id, bytes] = db
    .prepare<[], [number, Buffer]>('SELECT id, data FROM blocks WHERE series = 1 ORDER BY startTs LIMIT 1')
    .raw()
    .get() as [number, Buffer]
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 8
  db.prepare('UPDATE blocks SET data = ? WHERE id = ?').run(bytes, id)
  db.close()
}

test('stats tells what is in each month', async () => {
  const { code, stdout } = await millwright(['historian', 'stats', '--data', data])
  expect(code).toBe(0)
  expect(stdout).toMatch(/2026-09 +standard .* 3000 /)
  expect(await millwrightJson(['historian', 'stats', '--data', data])).toMatchObject({
    months: [{ month: '2026-09', readings: 3_000, blocks: 4, series: 2, damaged: 0 }],
    unfolded: { hotRows: 0, settledRows: 0, series: 2 },
  })
})

test('read prints readings and blocks of a file, also far from its store', async () => {
  const { code, stdout } = await millwright([
    'historian',
    'read',
    month,
    '--series',
    '2',
    '--to',
    String(START + 5_000),
  ])
  expect(code).toBe(0)
  expect(stdout).toBe(
    [
      'series,assignment,channel,unit,time,value,kind,quality',
      `2,assignment,state,,2026-09-01T00:00:00.000Z,"'=running, ""fast""",text,0`,
      `2,assignment,state,,2026-09-01T00:00:04.000Z,"'=running, ""fast""",text,0`,
      '',
    ].join('\n'),
  )
  const alone = join(data, '2026-09.standard.sqlite')
  const db = new Database(month, { readonly: true })
  db.prepare('VACUUM INTO ?').run(alone)
  db.close()
  const blocks = await millwright(['historian', 'read', alone, '--blocks', '--format', 'jsonl'])
  const lines = blocks.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(4)
  expect(lines[0]).toMatchObject({ series: 1, channel: null, count: 900, min: 20, drops: 0, state: 'sound' })
  const missing = await millwright(['historian', 'read', join(data, 'nothing.sqlite')])
  expect(missing).toMatchObject({ code: 1, stdout: '' })
  expect(missing.stderr).toMatch(/nothing\.sqlite: it does not exist/)
})

test('verify finds a flipped bit, repair puts its block aside, and then all is sound', async () => {
  expect(await millwright(['historian', 'verify', '--data', data])).toMatchObject({ code: 0 })
  flipBlock()
  const found = await millwright(['historian', 'verify', '--data', data])
  expect(found.code).toBe(1)
  expect(found.stdout).toMatch(/block_damaged +months\/2026-09\.standard\.sqlite +1 +2026-09-01T00:00:00/)
  const read = await millwright(['historian', 'read', month, '--series', '1'])
  expect(read.code).toBe(1)
  expect(read.stdout.trim().split('\n')).toHaveLength(1 + 1_500 - 900)
  expect(read.stderr).toMatch(/is damaged/)

  const repaired = await millwright(['historian', 'repair', '--data', data, '--json'])
  expect(repaired.code).toBe(0)
  expect(JSON.parse(repaired.stdout)).toMatchObject({ sound: true, repairs: [{ kind: 'block_set_aside' }] })
  expect(await millwright(['historian', 'verify', '--data', data])).toMatchObject({ code: 0 })
  expect(await millwrightJson(['historian', 'stats', '--data', data])).toMatchObject({
    months: [{ readings: 2_100, damaged: 1 }],
  })
})

test('repair and compact keep away from a running site, verify does not', async () => {
  const lock = lockDataDir(data)
  try {
    for (const command of ['repair', 'compact']) {
      const refused = await millwright(['historian', command, '--data', data, '--json'])
      expect(refused.code).toBe(1)
      expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'data_in_use' } })
    }
    expect(await millwright(['historian', 'verify', '--data', data])).toMatchObject({ code: 0 })
  } finally {
    lock.release()
  }
})

test('compact joins the blocks of sparse days, and nothing is lost', async () => {
  const before = await millwright(['historian', 'read', month])
  const compacted = await millwrightJson<{ files: { days: number }[] }>([
    'historian',
    'compact',
    '--data',
    data,
  ])
  expect(compacted.files).toMatchObject([{ days: 2 }])
  expect((await millwright(['historian', 'read', month])).stdout).toBe(before.stdout)
  expect(await millwright(['historian', 'verify', '--data', data])).toMatchObject({ code: 0 })
  expect(readdirSync(join(data, 'telemetry', 'months'))).toEqual(['2026-09.standard.sqlite'])
})

test('where there is no store, it says so and makes none', async () => {
  const empty = join(data, 'elsewhere')
  for (const command of ['stats', 'verify', 'repair', 'compact']) {
    const answer = await millwright(['historian', command, '--data', empty])
    expect(answer).toMatchObject({ code: 1, stdout: '' })
    expect(answer.stderr).toMatch(/There is no store of readings/)
  }
  expect(readdirSync(data)).not.toContain('elsewhere')
})
