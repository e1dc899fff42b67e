import { expect, test } from 'vitest'
import type { Actor } from './actor.ts'
import { anonymous, localSiteAdmin } from './actor.ts'
import { CallLimits } from './call-limits.ts'

const key = (id: string): Actor => ({ kind: 'api_key', id, name: id, permissions: [], scope: { all: true } })

/** How many of so many calls at one time pass. */
function passed(limits: CallLimits, actor: Actor, calls: number, now: number): number {
  let count = 0
  for (let i = 0; i < calls; i++) {
    try {
      limits.take(actor, now)
      count++
    } catch (error) {
      expect(error).toMatchObject({ code: 'too_many_requests', data: { seconds: 1 } })
    }
  }
  return count
}

test('a burst, then so many a second, each caller for itself', () => {
  const limits = new CallLimits()
  limits.limits = { addressPerMinute: 60, callsPerSecond: 10, callBurst: 50 }
  expect(passed(limits, key('a'), 80, 1_000)).toBe(50)
  expect(passed(limits, key('b'), 10, 1_000)).toBe(10)
  expect(passed(limits, key('a'), 80, 2_000)).toBe(10)
  expect(passed(limits, key('a'), 80, 3_600_000)).toBe(50)
  expect(limits.limited.caller).toBe(30 + 70 + 30)
})

test('a limit that is made wider counts at once', () => {
  const limits = new CallLimits()
  limits.limits = { addressPerMinute: 60, callsPerSecond: 1, callBurst: 10 }
  expect(passed(limits, key('a'), 20, 0)).toBe(10)
  limits.limits = { ...limits.limits, callsPerSecond: 5 }
  expect(passed(limits, key('a'), 20, 1_000)).toBe(5)
})

test("the machine's own command line and strangers are not counted here", () => {
  const limits = new CallLimits()
  for (const actor of [localSiteAdmin, anonymous]) expect(passed(limits, actor, 2_000, 0)).toBe(2_000)
})
