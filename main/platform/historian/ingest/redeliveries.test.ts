import { expect, test } from 'vitest'
import type { UndatedMessage } from '#contract/model/reading-batch.ts'
import { LocalStore } from '../testing/local-store.ts'
import type { ModelRow } from '../testing/store-model.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { REDELIVERY_WINDOW } from './redeliveries.ts'

const message: UndatedMessage = { gatewayId: 'g1', packetId: 7, payloadHash: 'aa', start: 0, end: 1 }

function rowAt(store: LocalStore): ModelRow {
  return { channel: 'slot/1', kind: 'number', ts: store.now, value: 42, quality: 1 }
}

/** How many rows were stored. */
function deliver(store: LocalStore, change: Partial<UndatedMessage> = {}): number {
  store.now += 1_000
  return store.write([rowAt(store)], [{ ...message, ...change }])
}

test('the same message again is dropped, also after a restart; another one is not', () => {
  const store = new LocalStore(tempFolder()).open()
  expect(deliver(store)).toBe(1)
  expect(deliver(store, { duplicate: true })).toBe(0)
  store.now += 10 * REDELIVERY_WINDOW
  store.restart()
  expect(deliver(store), 'the time the site was off does not count').toBe(0)
  expect(deliver(store, { payloadHash: 'bb' })).toBe(1)
  expect(deliver(store), 'the id was used for another message since').toBe(1)
  expect(deliver(store, { gatewayId: 'g2' })).toBe(1)
  expect(store.lastSeq).toBe(4)
  store.close()
})

test('the same id and bytes are a new reading when their sender says so, or much later', () => {
  const store = new LocalStore(tempFolder()).open()
  expect(deliver(store)).toBe(1)
  expect(deliver(store, { duplicate: false })).toBe(1)
  store.now += REDELIVERY_WINDOW
  expect(deliver(store)).toBe(1)
  store.close()
})

test('only the rows of the redelivered message are dropped', () => {
  const store = new LocalStore(tempFolder()).open()
  deliver(store)
  const rows = [1, 2, 3, 4].map((offset) => ({ ...rowAt(store), ts: store.now + offset, value: offset }))
  const stored = store.write(rows, [
    { ...message, start: 1, end: 3 },
    { ...message, packetId: 8, start: 3, end: 4 },
  ])
  expect(stored).toBe(2)
  const page = store.page('slot/1', { from: 0, to: store.now + 10, order: 'ascending', limit: 10 })
  expect(page.readings.map(({ value, seq }) => [value, seq])).toEqual([
    [42, 1],
    [1, 2],
    [4, 3],
  ])
  store.close()
})

test('what is past the window is pruned in passing', () => {
  const store = new LocalStore(tempFolder()).open()
  const count = () => store.store.prepare('SELECT count(*) FROM redeliveries').pluck().get()
  for (let packetId = 1; packetId <= 1_500; packetId++)
    store.write([rowAt(store)], [{ ...message, packetId }])
  expect(count()).toBe(1_500)
  store.now += 2 * REDELIVERY_WINDOW
  for (let packetId = 1; packetId <= 1_500; packetId++) {
    store.write([rowAt(store)], [{ ...message, gatewayId: 'g2', packetId }])
  }
  expect(count()).toBeLessThanOrEqual(2_000)
  store.close()
})
