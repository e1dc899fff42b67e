import { expect, test } from 'vitest'
import { ByteBudget } from './byte-budget.ts'

test('over any time, no more goes through than the limit and a quarter of a second of it', () => {
  let now = 0
  const budget = new ByteBudget(
    () => 10_000,
    () => now,
  )
  let sent = 0
  while (now < 60_000) {
    const wait = budget.delay(1_600)
    now += wait
    sent += 1_600
    expect(sent).toBeLessThanOrEqual((10_000 * now) / 1_000 + 2_500 + 1_600)
  }
  expect(sent / (now / 1_000)).toBeGreaterThan(9_900)
})

test('a pause saves up no more than a quarter of a second; without a limit nothing waits', () => {
  let now = 0
  let limit: number | null = 10_000
  const budget = new ByteBudget(
    () => limit,
    () => now,
  )
  now = 3_600_000
  expect(budget.delay(2_500)).toBe(0)
  expect(budget.delay(1_000)).toBe(100)
  limit = null
  expect(budget.delay(1e9)).toBe(0)
})

test('waiting ends with the signal, and after the time given', async () => {
  const budget = new ByteBudget(() => 1_000)
  const { signal } = new AbortController()
  expect(await budget.take(10_000, signal, 5)).toBe(5)
  const stop = new AbortController()
  const waiting = budget.take(10_000, stop.signal)
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow()
})
