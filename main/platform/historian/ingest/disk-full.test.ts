import { expect, test } from 'vitest'
import { storeFailure } from '../store-errors.ts'
import { LocalStore } from '../testing/local-store.ts'
import type { ModelRow } from '../testing/store-model.ts'
import { tempFolder } from '../testing/temp-folder.ts'

function rows(channel: string, count: number, from: number): ModelRow[] {
  return Array.from({ length: count }, (_, at) => ({
    channel,
    kind: 'number',
    ts: from + at,
    value: from + at,
    quality: 0,
  }))
}

test('a full disk in a commit or a settling changes nothing, and all goes on once there is room', () => {
  const store = new LocalStore(tempFolder()).open()
  const all = (channel: string) =>
    store.page(channel, { from: 0, to: 1e6, order: 'ascending', limit: 10_000 }).readings.map(({ ts }) => ts)
  store.write(rows('a', 3_000, 0))
  const pages = store.store.pragma('page_count', { simple: true }) as number
  store.store.pragma(`max_page_count = ${pages}`)

  let failure: unknown
  try {
    store.write(rows('b', 3_000, 0))
  } catch (error) {
    failure = error
  }
  expect(storeFailure(failure)).toMatchObject({ code: 'disk_full' })
  // The series of the failed batch does not exist, and its sequences are not used up.
  expect(store.seriesId('b')).toBe(0)
  expect(store.lastSeq).toBe(3_000)
  expect(() => store.settle(3_000)).toThrow('full')
  expect(all('a')).toHaveLength(3_000)

  store.store.pragma('max_page_count = 1000000')
  expect(store.write(rows('b', 10, 0))).toBe(10)
  expect(store.lastSeq).toBe(3_010)
  store.settleAll()
  expect(all('a')).toEqual(rows('a', 3_000, 0).map(({ ts }) => ts))
  expect(all('b')).toHaveLength(10)
  expect(store.store.prepare('SELECT count(*) FROM hot').pluck().get()).toBe(0)
  expect(store.lastSeq, 'sequences go on when the hot table is empty').toBe(3_010)
  store.restart()
  expect(store.lastSeq).toBe(3_010)
  store.close()
})
