import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SqlitePersistence } from './sqlite-persistence.ts'
import { matchesFilter } from './topic-filter.ts'

let folder: string
let persistence: SqlitePersistence
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retained-test-'))
  persistence = new SqlitePersistence(join(folder, 'mqtt.sqlite'), {
    queuedMessagesPerClient: 10,
    queuedBytesPerClient: 10_000,
    subscriptionsPerClient: 3,
    onQueueFull: () => {},
    maySubscribe: () => true,
    mayReceive: () => true,
  })
})
afterEach(async () => {
  await persistence.destroy()
  rmSync(folder, { recursive: true })
})

const topicsOf = (filter: string, mayRead?: (topic: string) => boolean): string[] =>
  Array.from(persistence.retained.matching([filter], mayRead), ({ topic = '' }) => topic).toSorted()

test('a wildcard finds what it matches, however many there are, and reads nothing that it may not', async () => {
  const topics = Array.from({ length: 1_000 }, (_, n) => `mw/${String(n).padStart(4, '0')}/status`)
  await Promise.all(topics.map((topic) => persistence.storeRetained({ topic, payload: 'x' })))
  expect(topicsOf('#')).toEqual(topics)
  expect(topicsOf('mw/+/status', (topic) => topic.includes('77/'))).toEqual(
    topics.filter((topic) => topic.includes('77/')),
  )
  expect(topicsOf('mw/0500/status', () => false)).toEqual([])
})

test('filters mean the same here as for a message that is sent', async () => {
  const level = fc.constantFrom('a', 'b', 'ab', '', 'é', '\u{1f600}')
  const topics = fc.uniqueArray(
    fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/')),
    {
      maxLength: 12,
    },
  )
  const filter = fc
    .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }), fc.constantFrom('#', 'a', '+'))
    .map(([levels, last]) => [...levels, last].join('/'))
  await fc.assert(
    fc.asyncProperty(topics, filter, async (some, wanted) => {
      const named = some.filter((topic) => topic !== '')
      await Promise.all(named.map((topic) => persistence.storeRetained({ topic, payload: 'x' })))
      expect(topicsOf(wanted)).toEqual(named.filter((topic) => matchesFilter(wanted, topic)).toSorted())
      await persistence.retained.remove(named)
    }),
    { numRuns: 60 },
  )
})

test('counts and removes what lies under a prefix, and no neighbour', async () => {
  for (const topic of ['c/ana', 'c/ana/1', 'c/ana/1/2', 'c/anab', 'c/ana.x', 'c'])
    await persistence.storeRetained({ topic, payload: 'x' })
  expect(persistence.retained.countUnder('c/ana')).toBe(3)
  await persistence.retained.removeUnder('c/ana', (topic) => topic !== 'c/ana/1/2')
  expect(topicsOf('#')).toEqual(['c', 'c/ana.x', 'c/ana/1/2', 'c/anab'])
  expect(persistence.retained.count).toBe(4)
})

test('what lies under a name goes, in any case and any letters', async () => {
  const topics = [
    'acme/CAFÉ-1/status',
    'acme/café-1',
    'ACME/Café-1/a/b',
    'acme/café-10/status',
    'acme/cafe-1/x',
  ]
  await Promise.all(topics.map((topic) => persistence.storeRetained({ topic, payload: 'x' })))
  await persistence.retained.removeUnderAnyCase(['acme/café-1'], () => true)
  expect(topicsOf('#')).toEqual(['acme/cafe-1/x', 'acme/café-10/status'])
  await persistence.retained.removeInTurns((topic) => topic.endsWith('x'))
  expect(topicsOf('#')).toEqual(['acme/café-10/status'])
})
