import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReadingValue, ValueKind } from '#contract/model/reading.ts'
import type { BucketSeries } from './historian.ts'
import { readingValue } from './reading-value.ts'
import { LocalStore } from './testing/local-store.ts'
import { type ModelRow, StoreModel } from './testing/store-model.ts'
import { makeFolder } from './testing/temp-folder.ts'
import type { LatestSnapshot } from './ingest/writer-protocol.ts'

const START = 1_780_000_000_000
const channels: { channel: string; kind: ValueKind }[] = [
  { channel: 'temperature', kind: 'number' },
  { channel: 'counter', kind: 'integer' },
  { channel: 'pump', kind: 'boolean' },
  { channel: 'state', kind: 'text' },
  { channel: 'mixed', kind: 'number' },
]

const values: Record<ValueKind, fc.Arbitrary<number | boolean | string>> = {
  number: fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, -0, 21.5, 1e-300)),
  integer: fc.oneof(fc.integer(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)),
  boolean: fc.boolean(),
  // Text that looks like something else must stay what it is.
  text: fc.oneof(fc.string(), fc.constantFrom('', '12', '1e3', 'NULL', 'á\u{1f600}')),
}

/** Few times, so that they meet: within a bucket, across cells of 5 minutes, and a day later. */
const time = fc
  .oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 0, max: 2_000 }).map((s) => s * 1_000),
    fc.constant(86_400_000),
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
      value: values[of],
      quality: fc.constantFrom(0, 0, 1, 2),
    }),
  )
})

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(row, { minLength: 1, maxLength: 30 }).map((rows) => ({ do: 'write' as const, rows })),
  },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }).map((rows) => ({ do: 'settle' as const, rows })) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
)

const range = fc.record({
  from: time,
  length: fc.constantFrom(1, 7, 1_000, 3_600_000, 100_000_000),
  count: fc.constantFrom(1, 3, 10, 500),
  limit: fc.constantFrom(1, 3, 100),
  order: fc.constantFrom('ascending' as const, 'descending' as const),
})

test('whatever is written, settled and interrupted reads back as the model says', () => {
  const runs = Number(process.env['MILLWRIGHT_PROPERTY_RUNS'] ?? 60)
  const property = () =>
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 14 }),
        range,
        (steps, { from, length, count, limit, order }) => {
          const store = new LocalStore(makeFolder()).open()
          const model = new StoreModel()
          // The kind of a series is that of its first reading.
          const first = channels.map(({ channel, kind }) => ({
            channel,
            kind,
            ts: START,
            value: sample(kind),
            quality: 0,
          }))
          try {
            for (const now of [{ do: 'write' as const, rows: first }, ...steps]) {
              if (now.do === 'write') {
                store.write(now.rows)
                model.write(now.rows)
              } else if (now.do === 'settle') store.settle(now.rows)
              else store.restart()
            }
            compare(store, model, from, from + length, count, limit, order)
            store.settleAll()
            compare(store, model, from, from + length, count, limit, order)
            compareCorrections(store, model)
          } finally {
            store.close()
            rmSync(store.dir, { recursive: true })
          }
        },
      ),
      { numRuns: runs },
    )
  expect(property).not.toThrow()
})

function compare(
  store: LocalStore,
  model: StoreModel,
  from: number,
  to: number,
  count: number,
  limit: number,
  order: 'ascending' | 'descending',
): void {
  const latest = store.latest()
  for (const { channel } of channels) {
    let after: number | undefined
    do {
      const query = { from, to, limit, order, ...(after === undefined ? {} : { after }) }
      const page = store.page(channel, query)
      expect(page).toEqual(model.page(channel, query))
      after = page.next ?? undefined
    } while (after !== undefined)
    expectBuckets(store.buckets(channel, { from, to, count }), model.buckets(channel, from, to, count))
    const at = latest.series.indexOf(store.seriesId(channel))
    const found = at < 0 ? null : { ts: latest.ts[at], value: valueAt(latest, at), seq: latest.seq[at] }
    const newest = model.latest(channel)
    expect(found).toEqual(newest && { ts: newest.ts, value: newest.value, seq: newest.seq })
  }
  expect(store.lastSeq).toBe(model.rows.length)
}

function valueAt({ value, flags }: LatestSnapshot, at: number): ReadingValue {
  return readingValue(value[at] as number | string, flags[at] as number)
}

function expectBuckets(actual: BucketSeries, expected: BucketSeries): void {
  const { sum, avg, ...exact } = actual
  const { sum: expectedSum, avg: expectedAvg, ...expectedExact } = expected
  // Which of 0 and -0 is the smaller is a matter of taste.
  const plain = (series: typeof exact) => ({
    ...series,
    min: series.min.map((n) => n + 0),
    max: series.max.map((n) => n + 0),
  })
  expect(plain(exact)).toEqual(plain(expectedExact))
  // SQLite adds with compensation, the model does not.
  for (const [ours, theirs] of [
    [sum, expectedSum],
    [avg, expectedAvg],
  ] as const) {
    expect(ours.length).toBe(theirs.length)
    ours.forEach((number, at) => {
      const other = theirs[at] as number
      expect(Math.abs(number - other)).toBeLessThanOrEqual(1e-9 * Math.max(1e7, Math.abs(other)))
    })
  }
}

function compareCorrections(store: LocalStore, model: StoreModel): void {
  const select = store.store
    .prepare<[number], [number, number | string, number, number]>(
      'SELECT ts, value, flags, replacedBy FROM corrections WHERE series = ? ORDER BY replacedBy',
    )
    .raw()
  for (const { channel } of channels) {
    const kept = select.all(store.seriesId(channel))
    expect(
      kept.map(([ts, value, flags, replacedBy]) => ({ ts, value: readingValue(value, flags), replacedBy })),
    ).toEqual(model.corrections(channel))
  }
}

function sample(kind: ValueKind): number | boolean | string {
  if (kind === 'text') return 'idle'
  return kind === 'boolean' ? true : 1
}
