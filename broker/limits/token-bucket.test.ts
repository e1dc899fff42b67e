import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

const START = 1_771_322_400_000

/** Messages that find a token, of those sent at these times. */
function passed(bucket: TokenBucket, times: number[]): number[] {
  return times.filter((at) => {
    const has = bucket.has(at)
    if (has) bucket.take(at, 0)
    return has
  })
}

const everyMs = (ms: number) => Array.from({ length: ms }, (_, at) => START + at)

test('a burst at once, then one an interval', () => {
  const bucket = new TokenBucket({ perSecond: 100, burst: 500 })
  expect(passed(bucket, new Array(2_000).fill(START))).toHaveLength(500)
  expect(passed(bucket, [START + 9, START + 10, START + 10, START + 19, START + 20])).toEqual([
    START + 10,
    START + 20,
  ])
  expect(passed(bucket, new Array(2_000).fill(START + 20 + 5_000))).toHaveLength(500)
})

test('twelve a minute, five at once', () => {
  const bucket = new TokenBucket({ perSecond: 12 / 60, burst: 5 })
  const hour = Array.from({ length: 3_600 }, (_, second) => START + second * 1_000)
  expect(passed(bucket, hour)).toHaveLength(5 + 719)
})

test('who owes waits until the debt is paid, and never longer than the most', () => {
  const bucket = new TokenBucket({ perSecond: 100, burst: 3 })
  expect([1, 2, 3, 4, 5].map(() => bucket.take(START, 10_000))).toEqual([0, 0, 0, 10, 20])
  expect(bucket.has(START + 20)).toBe(false)
  expect(bucket.has(START + 30)).toBe(true)
  for (let n = 0; n < 5_000; n++) expect(bucket.take(START, 10_000)).toBeLessThanOrEqual(10_000)
  expect(bucket.take(START + 10_000, 10_000)).toBe(10)
})

test('a clock that is set neither starves nor spoils', () => {
  const day = 24 * 3_600_000
  const bucket = new TokenBucket({ perSecond: 1, burst: 2 })
  expect(passed(bucket, [START, START, START])).toHaveLength(2)
  expect(passed(bucket, [START - day, START - day + 999])).toHaveLength(0)
  expect(passed(bucket, [START - day + 1_000])).toHaveLength(1)
  expect(passed(bucket, [START + day, START + day, START + day])).toHaveLength(2)
})

test('tells how many tokens are there', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 })
  expect(bucket.count(START)).toBe(5)
  for (let n = 0; n < 7; n++) bucket.take(START, 10_000)
  expect([0, 299, 300, 500, 60_000].map((ms) => bucket.count(START + ms))).toEqual([0, 0, 1, 3, 5])
})

test('another rate keeps what was taken', () => {
  const bucket = new TokenBucket({ perSecond: 1, burst: 10 })
  expect(passed(bucket, new Array(20).fill(START))).toHaveLength(10)
  bucket.change({ perSecond: 10, burst: 15 }, START)
  expect(passed(bucket, new Array(20).fill(START))).toHaveLength(5)
  bucket.change({ perSecond: 10, burst: 5 }, START)
  expect(passed(bucket, [START, START + 99, START + 100])).toEqual([START + 100])
})

const rates = fc.record({
  perSecond: fc.constantFrom(1, 2, 5, 10, 100, 250, 1_000),
  burst: fc.integer({ min: 1, max: 50 }),
})

test('in any span never more than a burst and what the rate gives, and never less than it gives', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 })
  const property = fc.property(rates, gaps, (rate, gaps) => {
    let at = START
    const through = passed(
      new TokenBucket(rate),
      gaps.map((gap) => (at += gap)),
    )
    for (let from = 0; from < through.length; from += 7) {
      for (let to = from; to < through.length; to += 5) {
        const span = ((through[to] ?? 0) - (through[from] ?? 0)) / 1_000
        expect(to - from + 1).toBeLessThanOrEqual(rate.burst + span * rate.perSecond)
      }
    }
    // Whoever always has something to send gets all of it.
    const greedy = passed(
      new TokenBucket(rate),
      everyMs(700).flatMap((ms) => [ms, ms]),
    )
    expect(greedy).toHaveLength(greedyMost(rate, 700))
  })
  fc.assert(property, { numRuns: 60 })
})

/** By counting: what two messages a millisecond get of a bucket that holds `burst` and fills by `perSecond`. */
function greedyMost({ perSecond, burst }: { perSecond: number; burst: number }, ms: number): number {
  let tokens = burst * 1_000
  let count = 0
  for (let at = 0; at < ms; at++) {
    if (at > 0) tokens = Math.min(burst * 1_000, tokens + perSecond)
    for (let n = 0; n < 2; n++) {
      if (tokens < 1_000) continue
      tokens -= 1_000
      count += 1
    }
  }
  return count
}

test('a sender that waits as told is let through at the rate, whatever it is', () => {
  const property = fc.property(rates, fc.integer({ min: 1, max: 400 }), (rate, messages) => {
    const bucket = new TokenBucket(rate)
    let now = START
    for (let n = 0; n < messages; n++) now += bucket.take(now, 10_000)
    expect(now - START).toBeCloseTo(Math.max(0, messages - rate.burst) * (1_000 / rate.perSecond), 3)
  })
  fc.assert(property)
})
