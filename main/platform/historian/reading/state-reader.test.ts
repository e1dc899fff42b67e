import { expect, test } from 'vitest'
import { LocalStore } from '../testing/local-store.ts'
import { StoreModel } from '../testing/store-model.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const START = Date.UTC(2026, 4, 31)

test('of more than fifty states the longest are named and the others summed up', () => {
  const store = new LocalStore(tempFolder())
  store.now = START + 100_000
  store.open()
  const model = new StoreModel()
  const rows = Array.from({ length: 120 }, (_, at) => ({
    channel: 'state',
    kind: 'text' as const,
    ts: START + at * at,
    value: `state ${at}`,
    quality: 0,
  }))
  store.write(rows)
  model.write(rows)
  const spans = { edges: [START - 5, START + 20, START + 10_000, START + 200_000, START + 300_000] }
  const answer = store.ask('states', { seriesId: 1, ...spans })
  expect(answer).toEqual(model.states('state', spans, store.now))
  expect(answer.map(({ states }) => states.length)).toEqual([5, 50, 20, 0])
  expect(answer[1]?.otherMs).toBeGreaterThan(0)
  store.close()
})

test('a series of states without end is bounded, and no time is lost', () => {
  const store = new LocalStore(tempFolder())
  store.now = START + 30_000
  store.open()
  store.write(
    Array.from({ length: 20_000 }, (_, at) => ({
      channel: 'flow',
      kind: 'number' as const,
      ts: START + at,
      value: at,
      quality: 0,
    })),
  )
  const [span] = store.ask('states', { seriesId: 1, from: START, to: START + 20_000, count: 1 })
  expect(span?.states.length).toBe(50)
  expect((span?.otherMs ?? 0) + 50).toBe(20_000)
  store.close()
})
