import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { personOf } from '#tests/fixtures/person.ts'
import { type Actor, anonymous } from './actor.ts'
import { guardStream } from './live-stream.ts'

const viewer = personOf('viewer', 't')
beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

/** A stream that is read while `now` says who its caller is. */
function watch(now: () => Actor) {
  const ended = { yes: false }
  const source = async function* () {
    try {
      for (let i = 1; ; i++) yield i
    } finally {
      ended.yes = true
    }
  }
  const coded = (error: unknown) => (error instanceof ExpectedError ? error.code : error)
  return { ended, stream: guardStream(source(), { actor: viewer, resolve: async () => now(), coded }) }
}

test.each<[string, Actor]>([
  ['signed out', anonymous],
  ['somebody else', { ...viewer, id: 'v' }],
  ['given another role', personOf('operator', 't')],
  ['moved to another tenant', personOf('viewer', 'other')],
  ['asked for a second factor', { ...viewer, pending: 'second_factor' }],
  [
    'kept to some groups',
    {
      ...viewer,
      scope: { all: false, tenantId: 't', within: { groupIds: new Set(['g']), ownerUserId: 'u' } },
    },
  ],
])('it ends within a second of its caller being %s', async (_what, next) => {
  let now: Actor = viewer
  const { stream, ended } = watch(() => now)
  expect((await stream.next()).value).toBe(1)
  vi.advanceTimersByTime(1_000)
  expect((await stream.next()).value).toBe(2)
  now = next
  vi.advanceTimersByTime(1_000)
  await expect(stream.next()).rejects.toBe('not_signed_in')
  expect(ended.yes).toBe(true)
})

test('a receiver that goes ends what it was sent from', async () => {
  const { stream, ended } = watch(() => viewer)
  await stream.next()
  await stream.return(undefined)
  expect(ended.yes).toBe(true)
})
