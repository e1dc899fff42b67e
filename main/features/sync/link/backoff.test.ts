import { expect, test } from 'vitest'
import { needsAPerson, nextTry, waitAfter } from './backoff.ts'

test('from a second to five minutes, spread by a quarter', () => {
  const waits = [1, 2, 3, 4, 9, 10, 400].map((failures) => waitAfter(failures, 'cloud_unreachable', 0.5))
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 256_000, 300_000, 300_000])
  expect([0, 1].map((random) => waitAfter(1, 'cloud_silent', random))).toEqual([750, 1_250])
})

test('what a person must mend is asked again rarely', () => {
  expect(needsAPerson('cloud_login_refused')).toBe(true)
  expect(needsAPerson('cloud_link_lost')).toBe(false)
  expect(waitAfter(1, 'cloud_login_refused', 0.5)).toBe(300_000)
})

/** Seconds between tries that each fail in the same way. */
function waits(code: string, heldFor: number, times: number): number[] {
  let failures = 0
  return Array.from({ length: times }, () => {
    const next = nextTry({ failures, code, heldFor, random: 0.5 })
    failures = next.failures
    return next.time / 1_000
  })
}

test('what takes a while to fail is not tried each second for ever', () => {
  expect(waits('cloud_busy', 48_000, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
  expect(waits('cloud_busy', 300_000, 3)).toEqual([1, 1, 1])
})

test('a line that comes and goes is waited for a share of the time that it holds', () => {
  expect(waits('cloud_link_lost', 48_000, 6)).toEqual([1, 2, 4, 6, 6, 6])
  expect(waits('cloud_link_lost', 1_000, 6)).toEqual([1, 2, 4, 8, 16, 32])
})
