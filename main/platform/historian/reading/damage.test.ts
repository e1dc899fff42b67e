import { readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { monthFile } from '../months/month-file.ts'
import { LocalStore } from '../testing/local-store.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 4, 31, 20)
const may = { month: '2026-05', retentionClass: 'standard' }
const june = { month: '2026-06', retentionClass: 'standard' }
const MAY_FILE = join('months', '2026-05.standard.sqlite')

/** Ten hours of one reading a minute, four of them in May, folded. */
function tenHours(): LocalStore {
  const store = new LocalStore(tempFolder())
  store.now = START + 40 * DAY
  store.open()
  store.write(
    Array.from({ length: 600 }, (_, at) => ({
      channel: 'flow',
      kind: 'number' as const,
      ts: START + at * 60_000,
      value: at,
      quality: 0,
    })),
  )
  store.settleAll()
  expect(store.fold()).toBe(null)
  return store
}

const all = { from: START, to: START + DAY, order: 'ascending' as const, limit: 10_000 }

test('a block with a flipped bit is left out, named in each answer and told once; all others answer', () => {
  const store = tenHours()
  const { db } = store.files.get(may)
  const data = db
    .prepare<[number], Buffer>('SELECT data FROM blocks WHERE startTs = ?')
    .pluck()
    .get(START + HOUR)
  if (!data) throw new Error('no block')
  data.writeUInt8(data.readUInt8(9) ^ 4, 9)
  db.prepare('UPDATE blocks SET data = ? WHERE startTs = ?').run(data, START + HOUR)
  const damaged = [{ from: START + HOUR, to: START + 2 * HOUR }]
  for (const order of ['ascending', 'descending'] as const) {
    const page = store.page('flow', { ...all, order })
    expect(page.damaged).toEqual(damaged)
    expect(page.readings.length).toBe(540)
    expect(page.next).toBe(null)
  }
  // A page that does not get that far says nothing of it.
  expect(store.page('flow', { ...all, limit: 60 }).damaged).toEqual([])
  expect(store.page('flow', { ...all, limit: 61 }).damaged).toEqual(damaged)
  expect(store.ask('columns', { seriesId: 1, from: START, to: START + DAY })).toMatchObject({
    columns: { count: 540 },
    damaged,
  })
  // Its rollups still answer: only a bucket that cuts a minute needs the readings.
  expect(store.buckets('flow', { from: START, to: START + 4 * HOUR, count: 4 })).toMatchObject({
    count: [60, 60, 60, 60],
    damaged: [],
  })
  const seconds = store.buckets('flow', { from: START, to: START + 3 * HOUR, count: 10_000 })
  expect(seconds.damaged).toEqual(damaged)
  const near = store.ask('neighbours', { seriesId: 1, ts: START + 90 * 60_000 })
  expect([near.previous?.value, near.at, near.next?.value]).toEqual([59, null, 120])
  expect(store.damaged).toEqual([
    { file: MAY_FILE, seriesId: 1, from: START + HOUR, to: START + 2 * HOUR, cause: expect.any(String) },
  ])
  store.close()
})

test('a block that folding has set aside stays a damaged span', () => {
  const store = tenHours()
  const late = { channel: 'flow', kind: 'number' as const, ts: START + HOUR + 1, value: -1, quality: 0 }
  store.files.get(may).db.exec(`UPDATE blocks SET crc = crc + 1 WHERE startTs = ${START + HOUR}`)
  store.write([late])
  store.settleAll()
  expect(store.fold()).toBe(null)
  const page = store.page('flow', all)
  expect(page.damaged).toEqual([{ from: START + HOUR, to: START + 2 * HOUR }])
  expect(page.readings.length).toBe(541)
  store.close()
})

test('a file that is no database is a damaged span, and the other months answer', () => {
  const store = tenHours()
  store.close()
  const file = monthFile(store.dir, may)
  renameSync(file, `${file}.kept`)
  writeFileSync(file, Buffer.alloc(65_536, 'not a database '))
  store.open()
  const monthEnd = Date.UTC(2026, 5, 1)
  for (const order of ['ascending', 'descending'] as const) {
    const page = store.page('flow', { ...all, order })
    expect(page.damaged).toEqual([{ from: START, to: monthEnd }])
    expect(page.readings.length).toBe(360)
  }
  const chart = store.buckets('flow', { from: START, to: START + 10 * HOUR, count: 10 })
  expect(chart.count).toEqual([60, 60, 60, 60, 60, 60])
  expect(chart.damaged).toEqual([{ from: START, to: monthEnd }])
  expect(store.damaged.map(({ file: name }) => name)).toEqual([MAY_FILE, MAY_FILE, MAY_FILE])
  store.close()
})

test('a file that retention has taken is gone, and one that is just being made is empty', () => {
  const store = tenHours()
  expect(store.page('flow', all).readings.length).toBe(600)
  store.release(may)
  // Until it is gone, what is in it cannot be read, which is no damage to tell of.
  expect(store.page('flow', all)).toMatchObject({ damaged: [{ from: START, to: Date.UTC(2026, 5, 1) }] })
  store.files.close(may)
  const folder = join(store.dir, 'months')
  for (const name of readdirSync(folder)) {
    if (name.startsWith('2026-05')) renameSync(join(folder, name), join(store.dir, name))
  }
  expect(store.page('flow', all)).toMatchObject({ damaged: [], readings: { length: 360 } })
  new Database(monthFile(store.dir, may)).exec('CREATE TABLE other (a)').close()
  expect(store.page('flow', all)).toMatchObject({ damaged: [], readings: { length: 360 } })
  expect(store.damaged).toEqual([])
  store.close()
})

test('more files than are kept open are read one after the other', () => {
  const store = new LocalStore(tempFolder())
  store.now = START + 4_000 * DAY
  store.open()
  const rows = Array.from({ length: 40 }, (_, at) => ({
    channel: 'flow',
    kind: 'number' as const,
    ts: START + at * 31 * DAY,
    value: at,
    quality: 0,
  }))
  store.write(rows)
  store.settleAll()
  expect(store.fold()).toBe(null)
  for (const order of ['ascending', 'descending'] as const) {
    const page = store.page('flow', { from: 0, to: store.now, order, limit: 100 })
    expect(page.readings.map(({ value }) => value)).toEqual(
      order === 'ascending' ? rows.map(({ value }) => value) : rows.map(({ value }) => value).reverse(),
    )
  }
  const near = store.ask('neighbours', { seriesId: 1, ts: store.now })
  expect([near.previous?.value, near.at, near.next]).toEqual([39, null, null])
  const first = store.ask('neighbours', { seriesId: 1, ts: 0 })
  expect([first.previous, first.next?.value]).toEqual([null, 0])
  expect(store.files.get(june).db.open).toBe(true)
  store.close()
})
