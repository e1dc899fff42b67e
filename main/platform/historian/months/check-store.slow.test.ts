import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import { STORE_FILE } from '../ingest/store-file.ts'
import { FOLD_START, flipBit, folded, foldStore, inMonth, rowsOf, SEPTEMBER } from '../testing/fold-store.ts'
import type { LocalStore } from '../testing/local-store.ts'
import { contentsOf } from '../testing/store-contents.ts'
import { makeVersion1 } from '../testing/version-1.ts'
import { compactStore } from './compact.ts'
import { monthFile } from './month-file.ts'
import { repairStore } from './repair.ts'
import { verifyStore } from './verify.ts'

const kindsOf = async (dir: string): Promise<string[]> =>
  (await verifyStore(dir)).findings.map(({ kind }) => kind)
const now = FOLD_START + 30 * 24 * HOUR

/** Three hours of one series, a text series and a late one, closed. */
function stopped(): LocalStore {
  const store = foldStore()
  folded(store, rowsOf('a', 3 * 3_600), rowsOf('t', 50, { kind: 'text', value: (at) => `n${at}` }))
  store.close()
  return store
}

test('each kind of damage is found where it is', async () => {
  const cases: { damage: string; kind: string; at?: { from: number; to: number } }[] = [
    {
      damage: 'UPDATE blocks SET sum = sum + 1 WHERE id = 2',
      kind: 'block_damaged',
      at: { from: HOUR, to: 2 * HOUR },
    },
    {
      damage: `UPDATE blocks SET data = x'00' WHERE id = 1`,
      kind: 'block_damaged',
      at: { from: 0, to: HOUR },
    },
    { damage: 'UPDATE rollups SET crc = crc + 1 WHERE id = 1', kind: 'rollup_damaged' },
    { damage: 'DELETE FROM rollups WHERE level = 1800000', kind: 'rollup_wrong' },
    { damage: 'DELETE FROM rollups', kind: 'rollup_wrong' },
    {
      damage: 'INSERT INTO corrections VALUES (1, 5, 9, 1, 0)',
      kind: 'correction_misplaced',
      at: { from: 5 - FOLD_START, to: 6 - FOLD_START },
    },
    { damage: `UPDATE meta SET value = value + 1 WHERE key = 'readings'`, kind: 'count_wrong' },
    { damage: `UPDATE meta SET value = 99 WHERE key = 'format'`, kind: 'newer_version' },
  ]
  const store = stopped()
  expect(await verifyStore(store.dir)).toMatchObject({
    findings: [],
    files: 2,
    blocks: 4,
    readings: 3 * 3_600 + 50,
  })
  const file = monthFile(store.dir, SEPTEMBER)
  const sound = readFileSync(file)
  for (const { damage, kind, at } of cases) {
    inMonth(store, SEPTEMBER, (db) => db.exec(damage))
    const { findings } = await verifyStore(store.dir)
    expect(findings.map((one) => [damage, one.kind, one.file])).toEqual([
      [damage, kind, 'months/2026-09.standard.sqlite'],
    ])
    if (at) expect(findings[0]).toMatchObject({ from: FOLD_START + at.from, to: FOLD_START + at.to })
    writeFileSync(file, sound)
  }
  writeFileSync(join(store.dir, STORE_FILE), Buffer.alloc(9_000, 'x'))
  expect(await kindsOf(store.dir)).toEqual(['file_damaged'])
})

test('any flipped bit of a block or a rollup is found', async () => {
  const store = stopped()
  const file = monthFile(store.dir, SEPTEMBER)
  const sound = readFileSync(file)
  for (const table of ['blocks', 'rollups'] as const) {
    for (const id of [1, 2]) {
      inMonth(store, SEPTEMBER, (db) => flipBit(db, table, `id = ${id}`))
      expect(await kindsOf(store.dir)).toEqual([table === 'blocks' ? 'block_damaged' : 'rollup_damaged'])
      writeFileSync(file, sound)
    }
  }
})

test('repair sets damaged blocks aside, makes rollups anew, and is idle the second time', async () => {
  const store = stopped()
  inMonth(store, SEPTEMBER, (db) => {
    flipBit(db, 'blocks', 'id = 2')
    flipBit(db, 'rollups', `level = ${30 * MINUTE}`)
    db.exec(`UPDATE meta SET value = 3 WHERE key = 'blocks'`)
  })
  const { repairs, findings } = await repairStore(store.dir, { now })
  expect(repairs.map(({ kind }) => kind)).toEqual(['block_set_aside', 'rollup_rebuilt', 'counted'])
  expect(findings.map(({ kind, settled }) => [kind, settled])).toEqual([['block_lost', true]])
  // The minutes of the lost hour are still there.
  const slots = inMonth(store, SEPTEMBER, (db) => db.prepare('SELECT count(*) FROM rollups').pluck().get())
  expect(slots).toBe(2)
  store.open()
  expect(contentsOf(store.dir, store.store, 1)).toHaveLength(2 * 3_600)
  expect(contentsOf(store.dir, store.store, 2)).toHaveLength(50)
  store.close()
  expect((await repairStore(store.dir, { now })).repairs).toEqual([])
})

test('a broken index is made anew, with every row', async () => {
  const store = stopped()
  inMonth(store, SEPTEMBER, (db) => {
    db.unsafeMode(true)
    db.pragma('writable_schema = ON')
    // An index that says less than the table has: as a lost write leaves it.
    db.exec(
      `UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX blocksBySeries ON blocks (series, endTs)' WHERE name = 'blocksBySeries'`,
    )
  })
  expect(await kindsOf(store.dir)).toContain('file_damaged')
  const { repairs, findings } = await repairStore(store.dir, { now })
  expect(repairs[0]).toMatchObject({ kind: 'salvaged', kept: 'months/2026-09.standard.sqlite.damaged-1' })
  expect(findings.map(({ kind }) => kind)).toEqual(['file_set_aside'])
  store.open()
  expect(contentsOf(store.dir, store.store, 1)).toHaveLength(3 * 3_600)
  store.close()
})

test('a damaged hot.sqlite is replaced by what can be read of it', async () => {
  const store = foldStore()
  folded(store, rowsOf('a', 100))
  const value = (at: number): string => `${at}`.repeat(200)
  store.write(rowsOf('b', 600, { kind: 'text', value }))
  store.write(rowsOf('c', 600, { kind: 'text', value }))
  store.settleAll()
  store.write(rowsOf('d', 30))
  const { lastSeq } = store
  store.close()
  const file = join(store.dir, STORE_FILE)
  const bytes = readFileSync(file)
  // One leaf of the settled rows: an index page in SQLite's terms, as of any table without rowids.
  const page = Array.from({ length: bytes.length / 4_096 }, (_, at) => at).filter(
    (at) => at > 0 && bytes[at * 4_096] === 10,
  )
  bytes.fill(
    255,
    (page[page.length >> 1] as number) * 4_096 + 8,
    (page[page.length >> 1] as number) * 4_096 + 64,
  )
  writeFileSync(file, bytes)
  expect(await kindsOf(store.dir)).toContain('file_damaged')
  const { repairs, findings } = await repairStore(store.dir, { now })
  expect(repairs.map(({ kind, kept }) => [kind, kept])).toEqual([['salvaged', 'hot.sqlite.damaged-1']])
  expect(findings).toEqual([])
  expect(existsSync(join(store.dir, 'hot.sqlite.damaged-1'))).toBe(true)
  store.open()
  expect(store.lastSeq).toBe(lastSeq)
  const counts = ['a', 'b', 'c', 'd'].map(
    (channel) => contentsOf(store.dir, store.store, store.seriesId(channel)).length,
  )
  expect([counts[0], counts[3]]).toEqual([100, 30])
  expect((counts[1] as number) + (counts[2] as number)).toBeGreaterThan(1_000)
  store.close()
})

test('a repair that was ended with the store taken apart is gone on with, and nothing starts before', async () => {
  const store = stopped()
  const path = (name: string): string => join(store.dir, name)
  copyFileSync(path(STORE_FILE), path('hot.sqlite.salvaged'))
  renameSync(path(STORE_FILE), path('hot.sqlite.damaged-1'))
  writeFileSync(path('hot.sqlite-wal'), 'of the damaged one')
  expect(() => store.open()).toThrow('millwright historian repair')
  expect(existsSync(path(STORE_FILE))).toBe(false)
  const { repairs, findings } = await repairStore(store.dir, { now })
  expect(repairs.map(({ kind, kept }) => [kind, kept])).toEqual([['salvaged', 'hot.sqlite.damaged-1']])
  expect(findings).toEqual([])
  expect(readFileSync(path('hot.sqlite.damaged-1-wal'), 'utf8')).toBe('of the damaged one')
  expect(existsSync(path('hot.sqlite.salvaged'))).toBe(false)
  store.open()
  expect(store.seriesId('t')).toBe(2)
  expect(contentsOf(store.dir, store.store, 1)).toHaveLength(3 * 3_600)
  store.close()
})

test('where hot.sqlite is gone and months are not, no channel is numbered anew', async () => {
  const store = stopped()
  const path = join(store.dir, STORE_FILE)
  renameSync(path, `${path}.elsewhere`)
  expect(() => store.open()).toThrow('the names of the channels')
  expect(existsSync(path)).toBe(false)
  // Nor where something has made an empty file of it.
  writeFileSync(path, '')
  expect(() => store.open()).toThrow('the names of the channels')
  const { repairs, findings } = await repairStore(store.dir, { now })
  expect(repairs).toEqual([])
  expect(findings).toMatchObject([{ kind: 'file_damaged', file: STORE_FILE, repairable: false }])
})

test('compact makes one block of a sparse day, gives pages back, and changes no reading', async () => {
  const store = foldStore()
  const day = 24 * HOUR
  folded(store, rowsOf('dense', 86_400 / 4, { every: 4_000 }))
  folded(store, rowsOf('sparse', 2 * 1_440, { every: MINUTE, value: () => Math.random() }))
  // What is not folded yet keeps its day as it is.
  store.write(rowsOf('sparse', 1, { from: day + 7 }))
  store.settleAll()
  inMonth(store, SEPTEMBER, (db) =>
    db.exec('CREATE TABLE filler (x); INSERT INTO filler VALUES (zeroblob(1000000)); DROP TABLE filler'),
  )
  const before = [1, 2].map((series) =>
    contentsOf(store.dir, store.store, series).map(({ ts, value }) => [ts, value]),
  )
  store.close()
  const [compacted] = await compactStore(store.dir)
  expect(compacted).toMatchObject({ file: 'months/2026-09.standard.sqlite', days: 1 })
  expect(compacted?.bytesBefore).toBeGreaterThan((compacted?.bytesAfter ?? 0) + 900_000)
  expect(statSync(monthFile(store.dir, SEPTEMBER)).size).toBe(compacted?.bytesAfter)
  const spans = inMonth(store, SEPTEMBER, (db) =>
    db.prepare('SELECT endTs - startTs FROM blocks WHERE series = 2 ORDER BY startTs').pluck().all(),
  )
  expect(spans).toEqual([day, ...Array<number>(24).fill(HOUR)])
  expect(await kindsOf(store.dir)).toEqual([])
  expect(readdirSync(join(store.dir, 'months'))).toEqual(['2026-09.standard.sqlite'])
  store.open()
  store.fold()
  const after = [1, 2].map((series) =>
    contentsOf(store.dir, store.store, series).map(({ ts, value }) => [ts, value]),
  )
  expect(after[0]).toEqual(before[0])
  expect(after[1]).toHaveLength(2 * 1_440 + 1)
  // A late reading meets the block of its day; many of them make hours of it again.
  folded(store, rowsOf('sparse', 1, { from: 5 }))
  expect(await kindsOf(store.dir)).toEqual([])
  folded(store, rowsOf('sparse', 5_000, { from: 3 * HOUR + 1, every: 500 }))
  expect(await kindsOf(store.dir)).toEqual([])
  expect(contentsOf(store.dir, store.store, 2)).toHaveLength(2 * 1_440 + 2 + 5_000)
  const blocks = inMonth(store, SEPTEMBER, (db) =>
    db
      .prepare(`SELECT count(*) FROM blocks WHERE series = 2 AND startTs < ${FOLD_START + day}`)
      .pluck()
      .get(),
  )
  expect(blocks).toBe(24)
  store.close()
})

test('a store of version 1 is brought up to date with what is in it', () => {
  const store = foldStore()
  store.close()
  makeVersion1(join(store.dir, STORE_FILE))
  store.open()
  expect(store.store.prepare('SELECT version FROM format').pluck().get()).toBe(2)
  expect(store.lastSeq).toBe(5)
  const plain = () => contentsOf(store.dir, store.store, 1).map(({ ts, value }) => [ts - FOLD_START, value])
  const expected = [
    [0, 20.5],
    [1_000, 22],
    [2_000, 'stopped'],
    [3_000, 23],
  ]
  expect(plain()).toEqual(expected)
  store.settleAll()
  store.fold()
  expect(plain()).toEqual(expected)
  expect(store.store.prepare('SELECT count(*) FROM readings').pluck().get()).toBe(0)
  store.close()
})
