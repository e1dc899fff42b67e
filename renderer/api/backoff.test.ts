import { expect, it } from 'vitest'
import { backoff, sleep } from './backoff.ts'

it('doubles up to ten seconds', () => {
  const plain = (attempt: number) => backoff(attempt, () => 0)
  expect([0, 1, 2, 3, 4, 5, 50].map(plain)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

it('spreads by up to a quarter', () => {
  expect(backoff(5, () => 1)).toBe(7_500)
})

it('ends its sleep when it is aborted', async () => {
  const controller = new AbortController()
  const asleep = sleep(60_000, controller.signal)
  controller.abort()
  await asleep
  await sleep(60_000, controller.signal)
  expect(controller.signal.aborted).toBe(true)
})
