import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { STORE_FILE } from './ingest/store-file.ts'
import { listMonths, openMonthForReading } from './months/month-file.ts'
import { verifyStore } from './months/verify.ts'
import { Follower } from './testing/follower.ts'
import { LocalStore } from './testing/local-store.ts'
import { contentsOf, correctionsIn } from './testing/store-contents.ts'
import { type ModelRow, StoreModel } from './testing/store-model.ts'
import { makeFolder } from './testing/temp-folder.ts'

const START = Date.UTC(2026, 6, 31, 22)
const HOUR = 3_600_000
const SYNCED = 'synced'
const channels = ['flow', 'state', 'pump', 'notes']

class Ended extends Error {}

/** Few times, so that they meet, in hours of two months. */
const row: fc.Arbitrary<ModelRow> = fc.record({
  channel: fc.constantFrom(...channels),
  ts: fc
    .oneof(
      fc.integer({ min: 0, max: 12 }).map((n) => n * 60_000 - 1),
      fc.integer({ min: 0, max: 5 }).map((n) => n * HOUR),
    )
    .map((offset) => START + offset),
  kind: fc.constant<'text'>('text'),
  value: fc.integer({ min: 0, max: 4 }).map((n) => `reading ${n} of a tenant`),
  quality: fc.constant(0),
})

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(row, { minLength: 1, maxLength: 40 }).map((rows) => ({ do: 'write' as const, rows })),
  },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 30 }).map((rows) => ({ do: 'settle' as const, rows })) },
  { weight: 3, arbitrary: fc.constant({ do: 'fold' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'powerCut' as const }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }).map((rows) => ({ do: 'follow' as const, rows })) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('erase' as const),
      channel: fc.constantFrom(...channels),
      // Some are ended before their last step.
      steps: fc.integer({ min: 0, max: 60 }),
    }),
  },
)

test('erased channels leave nothing, whenever they are and wherever it is ended; the others lose nothing', {
  timeout: 600_000,
}, async () => {
  const runs = Number(process.env['MILLWRIGHT_PROPERTY_RUNS'] ?? 12)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 18 }), async (steps) => {
      const store = new LocalStore(makeFolder()).open()
      store.now = START + 60 * 24 * HOUR
      const model = new StoreModel()
      const follower = new Follower()
      /** Begun, and ended on the way. */
      const pending = new Set<string>()
      try {
        const first = channels.map(
          (channel): ModelRow => ({
            channel,
            kind: 'text',
            ts: START,
            value: `first of ${channel}`,
            quality: 0,
          }),
        )
        store.write(first)
        model.write(first)
        for (const channel of channels) store.seriesIdEver(channel)
        synced(store)
        for (const now of steps) {
          if (now.do === 'write') {
            store.write(now.rows)
            model.write(now.rows)
            synced(store)
          } else if (now.do === 'settle') store.settle(now.rows)
          else if (now.do === 'fold') expect(store.fold()).toBeNull()
          else if (now.do === 'restart') store.restart()
          else if (now.do === 'powerCut') cutPower(store)
          else if (now.do === 'follow') {
            follower.tail(store, now.rows)
            follower.sweep(store)
          } else {
            model.erase(now.channel)
            pending.add(now.channel)
            if (erased(store, now.channel, now.steps)) pending.delete(now.channel)
          }
          compare(store, model, pending)
        }
        expect(store.lastSeq).toBe(model.lastSeq)
        for (const channel of pending) store.erase([channel])
        compare(store, model, new Set())
        follower.drain(store)
        for (const channel of channels) {
          const series = store.seriesIdEver(channel)
          // What is erased here, the copy is told to erase.
          if (model.readings(channel).length === 0) continue
          expect(follower.readings(series).map(({ ts, value }) => [ts, value])).toEqual(
            model.readings(channel).map(({ ts, value }) => [ts, value]),
          )
        }
        store.settleAll()
        expect(store.fold()).toBeNull()
        compare(store, model, new Set())
        const report = await verifyStore(store.dir)
        expect(report.findings).toEqual([])
        expect(report.readings).toBe(
          channels.reduce((sum, channel) => sum + model.readings(channel).length, 0),
        )
      } finally {
        store.close()
        rmSync(store.dir, { recursive: true })
      }
    }),
    { numRuns: runs },
  )
})

test('no byte of an erased text is left in any file, and its room is given back', () => {
  const store = new LocalStore(makeFolder()).open()
  store.now = START + 60 * 24 * HOUR
  const secret = 'recipe of the gone tenant'
  const rows = (channel: string, text: string, from: number): ModelRow[] =>
    Array.from({ length: 4_000 }, (_, at) => ({
      channel,
      kind: 'text',
      ts: START + from + at * 5_000,
      value: `${text} ${Math.imul(at, 2_654_435_761) >>> 0}`,
      quality: 0,
    }))
  for (const from of [0, 6 * HOUR, 12 * HOUR]) {
    store.write(rows('mine', 'kept', from))
    store.write(rows('gone', secret, from))
    store.settleAll()
  }
  store.fold()
  // Blocks are compressed: one that is small, or a correction, is not.
  store.write(rows('gone', secret, 0).slice(0, 3))
  store.write(rows('gone', `${secret} again`, 0).slice(0, 3))
  store.write([{ channel: 'gone', kind: 'text', ts: START + 40 * HOUR, value: secret, quality: 0 }])
  store.settleAll()
  store.fold()
  store.write(rows('gone', secret, 20 * HOUR))
  store.settle(500)
  store.write(rows('gone', secret, 30 * HOUR).slice(0, 50))
  store.files.closeAll()
  store.store.pragma('wal_checkpoint(TRUNCATE)')
  expect(filesWith(store.dir, secret)).toContain(STORE_FILE)
  expect(filesWith(store.dir, secret).some((name) => name.endsWith('.standard.sqlite'))).toBe(true)
  const before = readFileSync(join(store.dir, 'months/2026-08.standard.sqlite')).length
  const kept = contentsOf(store.dir, store.store, store.seriesId('mine'))
  store.erase(['gone'])
  expect(filesWith(store.dir, secret)).toEqual([])
  expect(filesWith(store.dir, 'gone')).toEqual([])
  expect(readFileSync(join(store.dir, 'months/2026-08.standard.sqlite')).length).toBeLessThan(before)
  expect(contentsOf(store.dir, store.store, store.seriesId('mine'))).toEqual(kept)
  store.close()
  rmSync(store.dir, { recursive: true })
})

test('a number is never given twice, and what comes late of an erased series is dropped', () => {
  const store = new LocalStore(makeFolder()).open()
  const one = (channel: string): ModelRow[] => [{ channel, kind: 'number', ts: START, value: 1, quality: 0 }]
  store.write([...one('flow'), ...one('state')])
  const id = store.seriesIdEver('state')
  store.erase(['state'])
  expect(store.write(one('state'))).toBe(0)
  store.restart()
  expect(store.write(one('state'))).toBe(0)
  expect(store.write(one('pump'))).toBe(1)
  expect(store.seriesId('state')).toBe(0)
  expect(store.seriesId('pump')).toBe(id + 1)
  store.close()
  rmSync(store.dir, { recursive: true })
})

/** False where it was ended. */
function erased(store: LocalStore, channel: string, steps: number): boolean {
  let left = steps
  try {
    store.erase([channel], () => {
      left -= 1
      if (left < 0) throw new Ended()
    })
    synced(store)
    return true
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    synced(store)
    store.restart()
    return false
  }
}

/** What a power cut leaves is at least what was there at the last fsync. */
function synced(store: LocalStore): void {
  copyHot(store.dir, join(store.dir, SYNCED))
}

function cutPower(store: LocalStore): void {
  store.close()
  copyHot(join(store.dir, SYNCED), store.dir)
  store.open()
}

function copyHot(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of [STORE_FILE, `${STORE_FILE}-wal`]) {
    rmSync(join(to, name), { force: true })
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name))
  }
}

function compare(store: LocalStore, model: StoreModel, pending: Set<string>): void {
  for (const channel of channels) {
    if (pending.has(channel)) continue
    const series = store.seriesIdEver(channel)
    const found = contentsOf(store.dir, store.store, series)
    expect(found.map(({ ts, value }) => [ts, value])).toEqual(
      model.readings(channel).map(({ ts, value }) => [ts, value]),
    )
    if (model.readings(channel).length > 0) continue
    expect(correctionsIn(store.dir, store.store, series)).toEqual([])
    for (const name of listMonths(store.dir)) {
      const db = openMonthForReading(store.dir, name)
      expect(db.prepare('SELECT count(*) FROM rollups WHERE series = ?').pluck().get(series)).toBe(0)
      db.close()
    }
  }
}

function filesWith(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text))
    .map((path) => path.slice(dir.length + 1))
}
