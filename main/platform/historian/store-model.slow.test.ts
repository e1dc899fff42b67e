import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reading, ReadingValue, ValueKind } from '#contract/model/reading.ts'
import type { ReadingColumns } from './blocks/reading-columns.ts'
import type { BucketSeries, ColumnsPage, Increase, RawPage, RetentionPolicy, Spans } from './historian.ts'
import type { LatestSnapshot } from './ingest/writer-protocol.ts'
import { RoundAborted } from './months/fold-requests.ts'
import { valueAt } from './reading/rows.ts'
import { readingValue } from './reading-value.ts'
import { expectCorrections } from './testing/expect-corrections.ts'
import { Follower } from './testing/follower.ts'
import { LocalStore } from './testing/local-store.ts'
import { type ModelBuckets, type ModelRow, StoreModel } from './testing/store-model.ts'
import { makeFolder } from './testing/temp-folder.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Twenty minutes before an hour, a day and a month end. */
const START = Date.UTC(2026, 4, 31, 23, 40)
/** Some of the readings are ahead of it, and some in an hour that is not due. */
const NOW = START + 33 * DAY

const channels: { channel: string; kind: ValueKind }[] = [
  { channel: 'temperature', kind: 'number' },
  { channel: 'counter', kind: 'integer' },
  { channel: 'pump', kind: 'boolean' },
  { channel: 'state', kind: 'text' },
  { channel: 'mixed', kind: 'number' },
  { channel: 'notes', kind: 'text' },
]
const names = channels.map(({ channel }) => channel)

const values: Record<ValueKind, fc.Arbitrary<number | boolean | string>> = {
  number: fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.integer({ min: -999, max: 9_999 }).map((hundredths) => hundredths / 100),
    fc.constantFrom(0, -0, 21.5, 1e-300),
  ),
  integer: fc.oneof(
    fc.integer({ min: 0, max: 50 }),
    fc.integer(),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  ),
  boolean: fc.boolean(),
  // Text that looks like something else must stay what it is.
  text: fc.oneof(fc.string(), fc.constantFrom('', '12', '1e3', 'NULL', 'á\u{1f600}', 'idle', 'busy')),
}

/** Few times, so that they meet: in a second, a minute, an hour, over the edges of these, days and months apart. */
const time = fc
  .oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 200 }).map((s) => s * 15 * SECOND) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 90 }).map((m) => m * MINUTE - 1) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 60 }).map((hours) => hours * HOUR) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(DAY, 2 * DAY + 5, 31 * DAY, 62 * DAY, 33 * DAY - MINUTE, 33 * DAY + HOUR),
    },
  )
  .map((offset) => START + offset)

const row: fc.Arbitrary<ModelRow> = fc.constantFrom(...channels).chain(({ channel, kind }) => {
  const mixed = channel === 'mixed' || channel === 'notes'
  const kinds = mixed ? fc.constantFrom<ValueKind>('number', 'text', 'boolean') : fc.constant(kind)
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

/** A series as gateways send it: so many rows at a steady distance, so that blocks and rollups have something in them. */
const run: fc.Arbitrary<ModelRow[]> = fc
  .record({
    of: fc.constantFrom(...channels),
    ts: time,
    every: fc.constantFrom(1, 7 * SECOND, 59 * SECOND, 10 * MINUTE),
    seeds: fc.array(fc.nat({ max: 1_000 }), { minLength: 5, maxLength: 120 }),
  })
  .map(({ of: { channel, kind }, ts, every, seeds }) =>
    seeds.map((seed, at) => ({
      channel,
      kind,
      ts: ts + at * every,
      value: kind === 'text' ? `state ${seed % 3}` : kind === 'boolean' ? seed % 2 === 0 : seed / 10,
      quality: 0,
    })),
  )

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(row, { minLength: 1, maxLength: 30 }).map((rows) => ({ do: 'write' as const, rows })),
  },
  { weight: 2, arbitrary: run.map((rows) => ({ do: 'write' as const, rows })) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }).map((rows) => ({ do: 'settle' as const, rows })) },
  { weight: 2, arbitrary: fc.constant({ do: 'fold' as const }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 }).map((at) => ({ do: 'die' as const, at })) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('follow' as const),
      rows: fc.integer({ min: 1, max: 60 }),
      pages: fc.integer({ min: 0, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('short', 'long').map((id) => ({ do: 'class' as const, id })),
  },
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

const spans: fc.Arbitrary<Spans> = fc.oneof(
  fc
    .record({
      from: fc.oneof(time, fc.constantFrom(START - 40 * MINUTE, START + 20 * MINUTE)),
      length: fc.constantFrom(1, 7, SECOND, 15 * MINUTE, HOUR, 2 * HOUR + 1, DAY, 3 * DAY, 70 * DAY),
      count: fc.constantFrom(1, 3, 10, 24, 120, 500),
    })
    .map(({ from, length, count }) => ({ from, to: from + length, count })),
  fc
    .uniqueArray(fc.oneof(time, fc.constantFrom(START - DAY, START + 20 * MINUTE, START + 80 * DAY)), {
      minLength: 2,
      maxLength: 12,
    })
    .map((edges) => ({ edges: edges.sort((a, b) => a - b) })),
)

const query = fc.record({
  spans,
  limit: fc.constantFrom(1, 3, 100),
  order: fc.constantFrom('ascending' as const, 'descending' as const),
  rollover: fc.constantFrom(null, 100, 2 ** 32),
  longerThan: fc.constantFrom(1, MINUTE, 30 * MINUTE, DAY),
})
type Query = typeof query extends fc.Arbitrary<infer One> ? One : never

test('whatever is written, settled, folded and interrupted reads back as the model says', {
  timeout: 600_000,
}, () => {
  const runs = Number(process.env['MILLWRIGHT_PROPERTY_RUNS'] ?? 30)
  const property = fc.property(fc.array(step, { maxLength: 14 }), query, (steps, asked) => {
    const store = new LocalStore(makeFolder())
    store.now = NOW
    store.open()
    const model = new StoreModel()
    const follower = new Follower()
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
        if (now.do === 'follow') follow(store, follower, now)
        else take(now, store, model, asked)
      }
      compare(store, model, asked)
      store.settleAll()
      expect(store.fold()).toBe(null)
      compare(store, model, asked)
      follower.drain(store)
      for (const channel of names) {
        const copied = follower.readings(store.seriesId(channel))
        expectReadings(copied, model.readings(channel), store.lastSeq, true)
      }
      expect(store.damaged).toEqual([])
    } finally {
      store.close()
      rmSync(store.dir, { recursive: true })
    }
  })
  fc.assert(property, { numRuns: runs })
})

/** A part of the tail, and of what has left it. */
function follow(
  store: LocalStore,
  follower: Follower,
  { rows, pages }: { rows: number; pages: number },
): void {
  follower.tail(store, rows)
  let slices = 0
  const between = (): void => {
    slices += 1
    if (slices % 5 === 1) store.settle(9)
    if (slices % 31 === 7) expect(store.fold()).toBe(null)
  }
  for (let page = 0; page < pages; page++) follower.sweep(store, between)
}

function take(
  step: Exclude<Step, { do: 'follow' }>,
  store: LocalStore,
  model: StoreModel,
  asked: Query,
): void {
  if (step.do === 'write') {
    store.write(step.rows)
    model.write(step.rows)
  } else if (step.do === 'settle') store.settle(step.rows)
  else if (step.do === 'restart') store.restart()
  else if (step.do === 'class') store.setRetention(policyOf(step.id, store))
  else if (step.do === 'fold') {
    // A chart at each step of the fold, as any reader sees the files then.
    expect(
      store.fold(() =>
        expectBuckets(store.buckets('mixed', asked.spans), model.buckets('mixed', asked.spans, NOW)),
      ),
    ).toBe(null)
  } else {
    let steps = 0
    store.fold(() => {
      steps += 1
      if (steps === step.at) throw new RoundAborted()
    })
    store.restart()
  }
}

/** From now on the first few series are folded to this class. */
function policyOf(id: string, store: LocalStore): RetentionPolicy {
  const classes = ['short', 'long'].map((of) => ({ id: of, days: null, evictable: false }))
  const bySeries = new Map(names.slice(0, 3).map((channel) => [store.seriesId(channel), id]))
  return { classes, defaultClass: 'long', bySeries, budgetBytes: null }
}

function compare(store: LocalStore, model: StoreModel, asked: Query): void {
  const { limit, rollover, longerThan } = asked
  const range = rangeOf(asked.spans)
  const latest = store.latest()
  // What others do while a query is between two slices.
  let slices = 0
  const between = (): void => {
    slices += 1
    if (slices % 5 === 1) store.settle(9)
    if (slices % 31 === 7) expect(store.fold()).toBe(null)
  }
  const all = store.ask(
    'buckets',
    { ...asked.spans, seriesIds: names.map((of) => store.seriesId(of)) },
    between,
  )
  names.forEach((channel, at) => {
    const seriesId = store.seriesId(channel)
    expectBuckets(all[at] as BucketSeries, model.buckets(channel, asked.spans, NOW))
    expectPages(store, model, channel, asked, between)
    expectReadings(
      columnsOf(store, { seriesId, ...range }, between),
      model.page(channel, { ...range, order: 'ascending', limit: 1e9 }).readings,
      store.lastSeq,
      false,
    )
    expect(store.ask('states', { ...asked.spans, seriesId }, between)).toEqual(
      model.states(channel, asked.spans, NOW),
    )
    expectIncreases(
      store.ask('increases', { ...asked.spans, seriesId, rollover }, between),
      model.increases(channel, asked.spans, rollover),
    )
    const { previous, at: exact, next } = store.ask('neighbours', { seriesId, ts: range.from }, between)
    const near = model.neighbours(channel, range.from)
    expect([previous?.ts, exact?.ts, next?.ts]).toEqual([near.previous?.ts, near.at?.ts, near.next?.ts])
    expect(store.ask('gaps', { seriesId, ...range, longerThan, limit }, between)).toEqual(
      model.gaps(channel, range, longerThan, limit),
    )
    const corrections = store.ask('corrections', { seriesId, ...range }, between)
    expectCorrections(corrections, model.corrections(channel, range))
    const found = latest.series.indexOf(seriesId)
    const newest = model.latest(channel)
    expect(
      found < 0 ? null : { ts: latest.ts[found], value: latestValue(latest, found), seq: latest.seq[found] },
    ).toEqual(newest && { ts: newest.ts, value: newest.value, seq: newest.seq })
  })
  expect(store.lastSeq).toBe(model.rows.length)
}

function expectPages(
  store: LocalStore,
  model: StoreModel,
  channel: string,
  { spans: asked, limit, order }: Query,
  between: () => void,
): void {
  const seriesId = store.seriesId(channel)
  let after: number | undefined
  do {
    const one = { ...rangeOf(asked), limit, order, ...(after === undefined ? {} : { after }) }
    const page: RawPage = store.ask('raw', { seriesId, ...one }, between)
    const expected = model.page(channel, one)
    expect({ next: page.next, damaged: page.damaged }).toEqual({ next: expected.next, damaged: [] })
    expectReadings(page.readings, expected.readings, store.lastSeq, true)
    after = page.next ?? undefined
  } while (after !== undefined)
}

/** A folded reading has the version of its block: at least its own. */
function expectReadings(actual: Reading[], expected: Reading[], lastSeq: number, versions: boolean): void {
  const plain = ({ ts, value, quality }: Reading) => ({ ts, value, quality })
  expect(actual.map(plain)).toEqual(expected.map(plain))
  if (!versions) return
  actual.forEach(({ seq }, at) => {
    expect(seq).toBeGreaterThanOrEqual(expected[at]?.seq ?? 0)
    expect(seq).toBeLessThanOrEqual(lastSeq)
  })
}

function columnsOf(
  store: LocalStore,
  asked: { seriesId: number; from: number; to: number },
  between: () => void,
): Reading[] {
  const readings: Reading[] = []
  let after: number | null = null
  do {
    const page: ColumnsPage = store.ask(
      'columns',
      { ...asked, ...(after === null ? {} : { after }) },
      between,
    )
    readings.push(...readingsOf(page.columns))
    after = page.next
  } while (after !== null)
  return readings
}

function readingsOf(columns: ReadingColumns): Reading[] {
  return Array.from({ length: columns.count }, (_, at) => {
    const flags = columns.flags[at] as number
    const value = readingValue(valueAt(columns, at), flags)
    return { ts: columns.ts[at] as number, value, quality: flags % 256, seq: 0 }
  })
}

function rangeOf(asked: Spans): { from: number; to: number } {
  return 'edges' in asked ? { from: asked.edges[0] ?? 0, to: asked.edges.at(-1) ?? 0 } : asked
}

function latestValue({ value, flags }: LatestSnapshot, at: number): ReadingValue {
  return readingValue(value[at] as number | string, flags[at] as number)
}

function expectBuckets(actual: BucketSeries, expected: ModelBuckets): void {
  const { seriesId: _, damaged, sum, avg, timeAverage, ...exact } = actual
  expect(damaged).toEqual([])
  // Which of 0 and -0 is the smaller is a matter of taste, and rollups have no -0.
  const plain = (series: typeof exact) => ({
    ...series,
    min: series.min.map((n) => n + 0),
    max: series.max.map((n) => n + 0),
    first: series.first.map((value) => (typeof value === 'number' ? value + 0 : value)),
    last: series.last.map((value) => (typeof value === 'number' ? value + 0 : value)),
  })
  const { sum: expectedSum, avg: expectedAvg, timeAverage: expectedTime, ...expectedExact } = expected
  expect(plain(exact)).toEqual(plain(expectedExact))
  // Large numbers that cancel each other out leave what was rounded of them, which depends on the order.
  const rounded = exact.count.map(
    (count, at) => count * Math.max(Math.abs(exact.min[at] ?? 0), Math.abs(exact.max[at] ?? 0)) * 2 ** -50,
  )
  expectClose(sum, expectedSum, rounded)
  expectClose(avg, expectedAvg, rounded)
  expectClose(timeAverage, expectedTime, rounded)
}

function expectIncreases(actual: Increase[], expected: Increase[]): void {
  const plain = ({ increase, ...rest }: Increase) => ({ ...rest, known: increase !== null })
  expect(actual.map(plain)).toEqual(expected.map(plain))
  expectClose(
    actual.map(({ increase }) => increase ?? 0),
    expected.map(({ increase }) => increase ?? 0),
  )
}

/** The store adds in another order than the model. */
function expectClose(ours: number[], theirs: number[], rounded: number[] = []): void {
  expect(ours.length).toBe(theirs.length)
  ours.forEach((number, at) => {
    const other = theirs[at] as number
    const tolerance = 1e-9 * Math.max(1e7, Math.abs(other)) + (rounded[at] ?? 0)
    expect(Math.abs(number - other)).toBeLessThanOrEqual(tolerance)
  })
}

function sample(kind: ValueKind): number | boolean | string {
  if (kind === 'text') return 'idle'
  return kind === 'boolean' ? true : 1
}
