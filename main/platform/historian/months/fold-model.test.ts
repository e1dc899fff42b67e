import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reading, ValueKind } from '#contract/model/reading.ts'
import { STORE_FILE } from '../ingest/store-file.ts'
import { expectCorrections } from '../testing/expect-corrections.ts'
import { Follower } from '../testing/follower.ts'
import { LocalStore } from '../testing/local-store.ts'
import { contentsOf, correctionsIn } from '../testing/store-contents.ts'
import { type ModelRow, StoreModel } from '../testing/store-model.ts'
import { makeFolder } from '../testing/temp-folder.ts'
import { compactStore } from './compact.ts'
import { RoundAborted } from './fold-requests.ts'
import { verifyStore } from './verify.ts'

const START = Date.UTC(2026, 6, 31, 22)
const HOUR = 3_600_000
const SYNCED = 'synced'
const channels: { channel: string; kind: ValueKind }[] = [
  { channel: 'flow', kind: 'number' },
  { channel: 'state', kind: 'text' },
  { channel: 'mixed', kind: 'number' },
]

/** Few times, so that they meet: in one hour, across hours, days and months. */
const time = fc
  .oneof(
    fc.integer({ min: 0, max: 12 }).map((n) => n * 60_000 - 1),
    fc.integer({ min: 0, max: 5 }).map((n) => n * HOUR),
    fc.constantFrom(70 * 86_400_000, 70 * 86_400_000 + 5),
  )
  .map((offset) => START + offset)

const row: fc.Arbitrary<ModelRow> = fc.constantFrom(...channels).chain(({ channel, kind }) => {
  const kinds =
    channel === 'mixed' ? fc.constantFrom<ValueKind>('number', 'text', 'boolean') : fc.constant(kind)
  return kinds.chain((of) =>
    fc.record({
      channel: fc.constant(channel),
      kind: fc.constant(of),
      ts: time,
      value:
        of === 'text'
          ? fc.constantFrom('', '12', 'idle', 'á\u{1f600}')
          : of === 'boolean'
            ? fc.boolean()
            : fc.constantFrom(0, -0, 1.5, 21.25, 1e300),
      quality: fc.constantFrom(0, 0, 1),
    }),
  )
})

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(row, { minLength: 1, maxLength: 25 }).map((rows) => ({ do: 'write' as const, rows })),
  },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 30 }).map((rows) => ({ do: 'settle' as const, rows })) },
  { weight: 1, arbitrary: fc.constant({ do: 'settleAll' as const }) },
  // Most rounds end before their last step.
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }).map((steps) => ({ do: 'fold' as const, steps })) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constantFrom('standard', 'other').map((to) => ({ do: 'class' as const, to })) },
  { weight: 1, arbitrary: fc.constant({ do: 'powerCut' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'compact' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('follow' as const),
      rows: fc.integer({ min: 1, max: 30 }),
      pages: fc.integer({ min: 0, max: 6 }),
      late: fc.array(row, { maxLength: 3 }),
    }),
  },
)
type Follow = Extract<typeof step extends fc.Arbitrary<infer One> ? One : never, { do: 'follow' }>

test('whatever is folded, in whatever order and interrupted at any step, reads back as the model says', {
  timeout: 600_000,
}, async () => {
  const runs = Number(process.env['MILLWRIGHT_PROPERTY_RUNS'] ?? 25)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
      const store = new LocalStore(makeFolder()).open()
      store.now = START + 100 * 24 * HOUR
      const model = new StoreModel()
      const follower = new Follower()
      try {
        const first = channels.map(({ channel, kind }) => ({
          channel,
          kind,
          ts: START,
          value: kind === 'text' ? 'idle' : 1,
          quality: 0,
        }))
        for (const now of [{ do: 'write' as const, rows: first }, ...steps]) {
          if (now.do === 'write') write(store, model, now.rows)
          else if (now.do === 'compact') await compact(store)
          else if (now.do === 'follow') follow(store, model, follower, now)
          else if (now.do === 'settle') store.settle(now.rows)
          else if (now.do === 'settleAll') store.settleAll()
          else if (now.do === 'restart') store.restart()
          else if (now.do === 'powerCut') cutPower(store)
          else if (now.do === 'class') store.setRetention(policyOf(now.to))
          else if (now.do === 'fold') interrupt(store, now.steps)
          compare(store, model)
        }
        store.settleAll()
        expect(store.fold()).toBeNull()
        compare(store, model)
        compareCorrections(store, model)
        follower.drain(store)
        for (const { channel } of channels)
          compareReadings(follower.readings(store.seriesId(channel)), model.readings(channel))
        expect(store.store.prepare('SELECT count(*) FROM readings').pluck().get()).toBe(0)
        const report = await verifyStore(store.dir)
        expect(report.findings).toEqual([])
        expect(report.readings).toBe(
          channels.reduce((sum, { channel }) => sum + model.readings(channel).length, 0),
        )
        expect(store.events).toEqual([])
      } finally {
        store.close()
        rmSync(store.dir, { recursive: true })
      }
    }),
    { numRuns: runs },
  )
})

function write(store: LocalStore, model: StoreModel, rows: ModelRow[]): void {
  store.write(rows)
  model.write(rows)
  copyHot(store.dir, join(store.dir, SYNCED))
}

/** While the site is stopped. Days become one block each. */
async function compact(store: LocalStore): Promise<void> {
  store.close()
  await compactStore(store.dir)
  store.open()
}

/** A part of the tail and of what has left it, while more comes and moves on. */
function follow(
  store: LocalStore,
  model: StoreModel,
  follower: Follower,
  { rows, pages, late }: Follow,
): void {
  follower.tail(store, rows)
  let slices = 0
  const between = (): void => {
    slices += 1
    if (slices % 7 === 3 && late.length > 0) write(store, model, late)
    if (slices % 3 === 1) store.settle(9)
    if (slices % 11 === 7) expect(store.fold()).toBe(null)
  }
  for (let page = 0; page < pages; page++) follower.sweep(store, between)
}

/** Leaves the round at one of its steps, and what is in memory with it. */
function interrupt(store: LocalStore, steps: number): void {
  let left = steps
  store.fold(() => {
    left -= 1
    if (left < 0) throw new RoundAborted()
  })
  if (left < 0) store.restart()
}

/**
 * What was written since the last group commit was not synced (settling and forgetting are not): it may be gone. A fold is
 * synced, and stays.
 */
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

function policyOf(retentionClass: string) {
  return {
    classes: ['standard', 'other'].map((id) => ({ id, days: null, evictable: false })),
    defaultClass: retentionClass,
    bySeries: new Map<number, string>(),
    budgetBytes: null,
  }
}

function compare(store: LocalStore, model: StoreModel): void {
  for (const { channel } of channels) {
    const found = contentsOf(store.dir, store.store, store.seriesId(channel))
    compareReadings(found, model.readings(channel))
  }
  expect(store.lastSeq).toBe(model.rows.length)
}

function compareReadings(found: Reading[], expected: Reading[]): void {
  expect(found.map(({ ts, value, quality }) => [ts, value, quality])).toEqual(
    expected.map(({ ts, value, quality }) => [ts, value, quality]),
  )
  // The version of a folded reading is that of its block.
  found.forEach(({ seq }, at) => expect(seq).toBeGreaterThanOrEqual(expected[at]?.seq ?? Infinity))
}

function compareCorrections(store: LocalStore, model: StoreModel): void {
  for (const { channel } of channels) {
    const found = correctionsIn(store.dir, store.store, store.seriesId(channel))
    expectCorrections(found, model.corrections(channel))
  }
}
