import { expect, test } from 'vitest'
import { LocalStore } from '../testing/local-store.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { listMonths } from './month-file.ts'

const DAY = 24 * 3_600_000
const NOW = Date.UTC(2026, 10, 21)

const policy = {
  classes: [
    { id: 'standard', days: 30, evictable: false },
    { id: 'ever', days: null, evictable: false },
  ],
  defaultClass: 'standard',
  budgetBytes: null,
}

test('a series that the policy does not know yet waits, and loses nothing that its own class keeps', () => {
  const store = new LocalStore(tempFolder()).open()
  store.now = NOW
  store.setRetention({ ...policy, bySeries: new Map(), knownSeries: 0 })
  store.write([{ channel: 'imported', kind: 'number', ts: NOW - 400 * DAY, value: 1, quality: 0 }])
  store.settleAll()
  expect(store.fold()).toBeNull()
  expect(store.events).toEqual([])
  expect(listMonths(store.dir)).toEqual([])

  const series = store.seriesId('imported')
  store.setRetention({ ...policy, bySeries: new Map([[series, 'ever']]), knownSeries: series })
  expect(store.fold()).toBeNull()
  expect(store.events).toEqual([])
  expect(listMonths(store.dir)).toEqual([{ month: '2025-10', retentionClass: 'ever' }])
  store.close()
})
