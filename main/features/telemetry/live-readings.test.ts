import { expect, test } from 'vitest'
import { Quality } from '#contract/model/quality.ts'
import type { Reading } from '#contract/model/reading.ts'
import { type CommittedBatch, packFlags } from '#contract/model/reading-batch.ts'
import type { LiveChannel } from './channel-registry.ts'
import { ReadingWatchers, readingAt, supersedes } from './live-readings.ts'

const channel = (id: string): LiveChannel => ({
  row: {
    id,
    seriesId: 1,
    assignmentId: 'a',
    gatewayId: 'g',
    tenantId: 't',
    key: id,
    name: null,
    unit: null,
    kind: 'number',
    lowLimit: null,
    highLimit: null,
    retentionClass: null,
    createdAt: 0,
  },
  latest: null,
})
const reading = (ts: number, change: Partial<Reading> = {}): Reading => ({
  ts,
  value: ts,
  quality: 0,
  seq: ts,
  ...change,
})

test('rows of a batch become readings of their kind, numbered from its first', () => {
  const batch: CommittedBatch = {
    firstSeq: 100,
    rows: new Float64Array([
      1,
      5,
      21.4,
      packFlags('number', 0),
      2,
      6,
      1,
      packFlags('boolean', Quality.siteTime),
      3,
      7,
      0,
      packFlags('text', 0),
      4,
      8,
      3,
      packFlags('integer', 0),
    ]),
    texts: ['auto'],
    newSeries: [],
  }
  expect([0, 1, 2, 3].map((row) => readingAt(batch, row))).toEqual([
    { ts: 5, value: 21.4, quality: 0, seq: 100 },
    { ts: 6, value: true, quality: Quality.siteTime, seq: 101 },
    { ts: 7, value: 'auto', quality: 0, seq: 102 },
    { ts: 8, value: 3, quality: 0, seq: 103 },
  ])
})

test('the latest is the newest time, then the highest version, and never ahead of the site', () => {
  const latest = reading(10, { seq: 5 })
  expect(supersedes(reading(11), null)).toBe(true)
  expect(supersedes(reading(11), latest)).toBe(true)
  expect(supersedes(reading(9, { seq: 99 }), latest)).toBe(false)
  expect(supersedes(reading(10, { seq: 6 }), latest)).toBe(true)
  expect(supersedes(reading(10, { seq: 4 }), latest)).toBe(false)
  expect(supersedes(reading(99, { quality: Quality.ahead }), null)).toBe(false)
})

test('a watcher gets what it asked for, once, in order, until it is closed', () => {
  const watchers = new ReadingWatchers()
  const { watcher, close } = watchers.watch([1, 2])
  expect(watchers.of(3)).toBeUndefined()
  const [one] = watchers.of(1) ?? []
  one?.offer(channel('c'), reading(1))
  one?.offer(channel('c'), reading(2, { quality: Quality.siteTime }))
  expect(watcher.take()).toEqual({
    channels: [{ channelId: 'c', ts: [1, 2], values: [1, 2], quality: [0, Quality.siteTime] }],
  })
  expect(watcher.take()).toBeNull()
  close()
  expect([watchers.of(1), watchers.of(2)]).toEqual([undefined, undefined])
})

test('what a slow receiver misses is bounded: the newest stay', () => {
  const { watcher } = new ReadingWatchers().watch([1])
  for (let ts = 1; ts <= 1_000; ts++) watcher.offer(channel('c'), reading(ts))
  const [kept] = watcher.take()?.channels ?? []
  expect(kept?.ts).toHaveLength(200)
  expect(kept?.ts.at(-1)).toBe(1_000)
})
