import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MOST_OF_NETWORK, MOST_WAITING, WaitingRoom } from './waiting-room.ts'

const QUIET = 10 * 60_000 + 1

/** Fills it with boxes of made-up networks, `each` of one. @returns their ids, in order */
function fill(room: WaitingRoom, count: number, each: number, now = 0): string[] {
  const ids = Array.from({ length: count }, (_, n) => `flood ${n}`)
  for (const [n, id] of ids.entries()) room.enter(id, `net ${Math.floor(n / each)}`, now)
  return ids
}

test('a full site takes from the network that has most boxes that never polled, the oldest first', () => {
  const room = new WaitingRoom()
  fill(room, MOST_WAITING - 60, 10)
  const crowd = Array.from({ length: 60 }, (_, n) => `crowd ${n}`)
  for (const id of crowd) room.enter(id, 'crowd', 0)
  expect(room.enter('a', 'other', 1)).toBe('crowd 0')
  expect(room.enter('b', 'other', 1)).toBe('crowd 1')
  expect(room.size).toBe(MOST_WAITING)
})

test('a full network takes from its own, whatever the others have', () => {
  const room = new WaitingRoom()
  for (let n = 0; n < MOST_OF_NETWORK; n++) room.enter(`own ${n}`, 'own', 0)
  room.enter('neighbour', 'other', 0)
  expect(room.enter('next', 'own', 1)).toBe('own 0')
  expect(room.has('neighbour')).toBe(true)
})

test('who polls keeps its place: no flood pushes it out, and what finds none is told to come again', () => {
  const room = new WaitingRoom()
  const ids = fill(room, MOST_WAITING, MOST_OF_NETWORK)
  for (const id of ids) room.heard(id, 1_000)
  expect(() => room.enter('late', 'elsewhere', 2_000)).toThrow(
    expect.objectContaining({ code: 'knocks_too_many', data: { where: 'site', seconds: 60 } }),
  )
  expect(() => room.enter('late', 'net 0', 2_000)).toThrow(
    expect.objectContaining({ data: { where: 'network', seconds: 60 } }),
  )
  // One that has not been heard for ten minutes waits no more, the quietest first.
  room.heard(ids[0] ?? '', 3_000)
  expect(room.enter('late', 'elsewhere', 1_000 + QUIET)).toBe(ids[1])
})

test('bounds hold whatever comes, and only who never polled or went quiet is pushed out', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('enter' as const), network: fc.nat(3) }),
    fc.record({ do: fc.constant('poll' as const), which: fc.nat(400) }),
    fc.record({ do: fc.constant('leave' as const), which: fc.nat(400) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(QUIET) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const room = new WaitingRoom()
      fill(room, MOST_WAITING - 20, 40)
      const heard = new Map<string, number>()
      let now = 0
      for (const [n, one] of steps.entries()) {
        if (one.do === 'wait') now += one.ms
        if (one.do === 'poll' && room.has(`box ${one.which}`)) {
          heard.set(`box ${one.which}`, now)
          room.heard(`box ${one.which}`, now)
        }
        if (one.do === 'leave') room.leave(`box ${one.which}`)
        if (one.do !== 'enter') continue
        const out = room.enter(`box ${n}`, `own ${one.network}`, now)
        const at = heard.get(out ?? '')
        expect(at === undefined || now - at > QUIET - 1).toBe(true)
        expect(room.size).toBeLessThanOrEqual(MOST_WAITING)
      }
    }),
    { numRuns: 20 },
  )
})
