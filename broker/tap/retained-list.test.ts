import { expect, test } from 'vitest'
import { Policy } from '#broker/auth/policy.ts'
import type { BrokerEvent } from '#broker/port.ts'
import { TopicTap } from './topic-tap.ts'

test('a file that cannot be read leaves the list of retained messages short, and is told', async () => {
  const events: BrokerEvent[] = []
  const retained = {
    removed: null,
    matchingInTurns: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('database disk image is malformed')),
      }),
    }),
  }
  const tap = new TopicTap({
    policy: new Policy(),
    retained: retained as never,
    emit: (event) => events.push(event),
    now: () => 7,
  })
  tap.set({ tenants: null, follows: [] })
  await expect
    .poll(() => events)
    .toEqual([{ type: 'retainedUnreadable', at: 7, cause: 'database disk image is malformed' }])
  expect(tap.on).toBe(true)
  tap.stop()
})
