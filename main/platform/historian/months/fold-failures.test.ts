import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HOUR } from '../blocks/rollup-columns.ts'
import { STORE_FILE } from '../ingest/store-file.ts'
import { FOLD_START, flipBit, folded, foldStore, inMonth, rowsOf, SEPTEMBER } from '../testing/fold-store.ts'
import type { LocalStore } from '../testing/local-store.ts'
import { contentsOf } from '../testing/store-contents.ts'
import { MONTHS_FOLDER, monthFile } from './month-file.ts'
import { verifyStore } from './verify.ts'

const FILE = 'months/2026-09.standard.sqlite'
const timesOf = (store: LocalStore, series = 1): number[] =>
  contentsOf(store.dir, store.store, series).map(({ ts }) => ts - FOLD_START)

test('a full disk in the middle of a fold is told once, loses nothing, and is over when there is room', async () => {
  const store = foldStore()
  folded(store, rowsOf('a', 100))
  const { db } = store.files.get(SEPTEMBER)
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
  const value = (): number => Math.random()
  store.write(rowsOf('a', 20_000, { from: HOUR, value }))
  store.settleAll()
  expect(store.fold()).toMatchObject({ type: 'foldFailed', code: 'disk_full' })
  expect(store.fold()).toMatchObject({ code: 'disk_full' })
  expect(store.events).toEqual([expect.objectContaining({ type: 'foldFailed', code: 'disk_full' })])
  expect(timesOf(store)).toHaveLength(20_100)
  // Commits go on: it is another file.
  expect(store.write(rowsOf('b', 10))).toBe(10)
  db.pragma('max_page_count = 1000000')
  expect(store.fold()).toBeNull()
  expect(store.events[1]).toEqual({ type: 'foldRecovered' })
  expect(timesOf(store)).toHaveLength(20_100)
  expect((await verifyStore(store.dir)).findings).toEqual([])
  store.close()
})

test('one file that cannot be written keeps none of the others waiting', () => {
  const store = foldStore()
  folded(store, rowsOf('a', 10))
  store.files.get(SEPTEMBER).db.pragma('query_only = ON')
  const october = 30 * 24 * HOUR
  store.now += 5 * 24 * HOUR
  store.write(rowsOf('a', 10, { from: HOUR }))
  store.write(rowsOf('a', 10, { from: october }))
  store.settleAll()
  expect(store.fold()).toMatchObject({ type: 'foldFailed', code: 'store_failed' })
  expect(existsSync(monthFile(store.dir, { month: '2026-10', retentionClass: 'standard' }))).toBe(true)
  expect(store.store.prepare('SELECT count(*) FROM readings').pluck().get()).toBe(10)
  store.files.get(SEPTEMBER).db.pragma('query_only = OFF')
  expect(store.fold()).toBeNull()
  expect(store.store.prepare('SELECT count(*) FROM readings').pluck().get()).toBe(0)
  store.close()
})

test('a damaged block that late readings meet is kept apart, its rollups stay, and the readings have a new one', async () => {
  const store = foldStore()
  folded(store, rowsOf('a', 2 * 3_600))
  const minutes = (): unknown =>
    inMonth(store, SEPTEMBER, (db) =>
      db.prepare('SELECT data FROM rollups WHERE level = 60000').pluck().get(),
    )
  inMonth(store, SEPTEMBER, (db) => flipBit(db, 'blocks', `startTs = ${FOLD_START}`))
  const before = minutes()
  folded(store, rowsOf('a', 5, { from: 100 }))
  expect(store.events).toEqual([
    {
      type: 'blockDamaged',
      file: FILE,
      seriesId: 1,
      from: FOLD_START,
      to: FOLD_START + HOUR,
      cause: expect.any(String),
    },
  ])
  expect(timesOf(store)).toHaveLength(3_605)
  expect(minutes(), 'all that is left of 3,600 readings').toEqual(before)
  expect(inMonth(store, SEPTEMBER, (db) => db.prepare('SELECT series, count FROM damaged').all())).toEqual([
    { series: 1, count: 3_600 },
  ])
  // And so it stays with the next late reading.
  folded(store, rowsOf('a', 5, { from: 200 }))
  expect(minutes()).toEqual(before)
  expect(timesOf(store)).toHaveLength(3_610)
  expect((await verifyStore(store.dir)).findings.map(({ kind }) => kind)).toEqual(['block_lost'])
  store.close()
})

test('a damaged rollup is made anew from the blocks', async () => {
  const store = foldStore()
  folded(store, rowsOf('a', 7_200))
  inMonth(store, SEPTEMBER, (db) => flipBit(db, 'rollups', 'level = 60000'))
  expect((await verifyStore(store.dir)).findings.map(({ kind }) => kind)).toEqual(['rollup_damaged'])
  folded(store, rowsOf('a', 1, { from: 3 * HOUR }))
  expect((await verifyStore(store.dir)).findings).toEqual([])
  store.close()
})

test('a file that is no database any more is set aside, and another one begun', async () => {
  const store = foldStore()
  folded(store, rowsOf('a', 10))
  store.files.closeAll()
  const file = monthFile(store.dir, SEPTEMBER)
  writeFileSync(file, Buffer.alloc(70_000, 'no database '))
  folded(store, rowsOf('a', 10, { from: 500 }))
  expect(store.events).toEqual([expect.objectContaining({ type: 'blockDamaged', file: FILE, seriesId: 0 })])
  expect(timesOf(store), 'nothing that was acknowledged and not folded is missing').toHaveLength(10)
  expect(readFileSync(`${file}.damaged-1`).subarray(0, 11).toString()).toBe('no database')
  store.close()
})

/** Six hours, of which a page is damaged, and late readings that meet it. */
function withDamagedPage(): LocalStore {
  const store = foldStore()
  const value = (): number => Math.random()
  for (let hour = 0; hour < 6; hour++) folded(store, rowsOf('a', 3_600, { from: hour * HOUR, value }))
  damagePage(store)
  store.write(rowsOf('a', 3_600, { from: 100, value: () => 1 }))
  store.write(rowsOf('b', 10))
  store.settleAll()
  return store
}

function damagePage(store: LocalStore): void {
  const leaf = inMonth(store, SEPTEMBER, (db) =>
    db
      .prepare<[], number>(
        `SELECT pageno FROM dbstat WHERE name = 'blocks' AND pagetype = 'leaf' LIMIT 1 OFFSET 1`,
      )
      .pluck()
      .get(),
  )
  // A header that says that the page has more cells than fit (SQLite's file format, 1.6).
  const handle = openSync(monthFile(store.dir, SEPTEMBER), 'r+')
  writeSync(handle, Buffer.from([13, 255, 255, 255, 255, 255, 255, 255]), 0, 8, ((leaf ?? 0) - 1) * 65_536)
  closeSync(handle)
}

test('of a file with a damaged page everything else is kept', async () => {
  const store = withDamagedPage()
  expect((await verifyStore(store.dir)).findings.map(({ kind }) => kind)).toContain('file_damaged')
  // The first round meets the damage, the file is replaced; the next one folds.
  store.fold()
  folded(store)
  const kept = readdirSync(join(store.dir, MONTHS_FOLDER)).filter((name) => name.includes('damaged'))
  expect(kept).toEqual(['2026-09.standard.sqlite.damaged-1'])
  const times = timesOf(store)
  expect(times.length).toBeGreaterThanOrEqual(3_600 + 3_600)
  expect(timesOf(store, 2)).toHaveLength(10)
  // What was on that page is known to be lost, and nothing else is wrong.
  const kinds = (await verifyStore(store.dir)).findings.map(({ kind }) => kind)
  expect(new Set(kinds)).toEqual(new Set(['block_lost', 'file_set_aside']))
  store.close()
})

test('a damaged file that could not be replaced is put back, and replaced by the next round', () => {
  const store = withDamagedPage()
  const file = monthFile(store.dir, SEPTEMBER)
  const names = (): string[] => readdirSync(join(store.dir, MONTHS_FOLDER)).sort()
  store.fold((step) => {
    if (step === 'renamed') rmSync(`${file}.salvaged`)
  })
  expect(names()).toEqual(['2026-09.standard.sqlite'])
  expect(store.events).toEqual([expect.objectContaining({ type: 'foldFailed' })])
  // A place that is taken: what was salvaged waits for it, and no new file is begun.
  store.fold((step) => {
    if (step === 'renamed') mkdirSync(join(file, 'in the way'), { recursive: true })
  })
  rmSync(file, { recursive: true })
  expect(names()).toEqual(['2026-09.standard.sqlite.damaged-1', '2026-09.standard.sqlite.salvaged'])
  folded(store)
  expect(names().filter((name) => !/-(wal|shm)$/.test(name))).toEqual([
    '2026-09.standard.sqlite',
    '2026-09.standard.sqlite.damaged-1',
  ])
  expect(timesOf(store).length).toBeGreaterThanOrEqual(3_600 + 3_600)
  expect(timesOf(store, 2)).toHaveLength(10)
  store.close()
})

test('a damaged page of settled rows costs no month file, and keeps neither other channels nor retention waiting', () => {
  const store = foldStore()
  const months = (): string[] => readdirSync(join(store.dir, MONTHS_FOLDER)).sort()
  const june = -70 * 24 * HOUR
  folded(store, rowsOf('a', 10, { from: june }), rowsOf('a', 3_600))
  store.write(rowsOf('a', 3_600, { from: HOUR }))
  for (const hour of [0, 1]) store.write(rowsOf('b', 20, { from: hour * HOUR }))
  store.settleAll()
  store.store.pragma('wal_checkpoint(TRUNCATE)')
  store.close()
  const file = join(store.dir, STORE_FILE)
  const bytes = readFileSync(file)
  // Leaves of a table without rowids that are full of readings.
  const leaves = Array.from({ length: bytes.length / 4_096 }, (_, page) => page * 4_096).filter(
    (at) => bytes[at] === 10 && bytes.readUInt16BE(at + 3) > 50,
  )
  const leaf = leaves[leaves.length >> 1] as number
  bytes.fill(255, leaf, leaf + 16)
  writeFileSync(file, bytes)
  store.open()
  store.setRetention({
    classes: [{ id: 'standard', days: 31, evictable: false }],
    defaultClass: 'standard',
    bySeries: new Map(),
    budgetBytes: null,
  })
  expect(store.fold()).toMatchObject({ code: 'store_failed', cause: expect.stringContaining('hot.sqlite') })
  expect(store.events.map(({ type }) => type)).toEqual(['foldFailed', 'monthRetired'])
  expect(months().filter((name) => !/-(wal|shm)$/.test(name))).toEqual(['2026-09.standard.sqlite'])
  const counts = inMonth(store, SEPTEMBER, (db) =>
    db.prepare('SELECT sum(count) FROM blocks GROUP BY series ORDER BY series').pluck().all(),
  )
  expect(counts).toEqual([3_600, 40])
  store.close()
})
