import { expect, test } from 'vitest'
import type { Correction } from '../historian.ts'
import { FOLD_START, folded, foldStore, rowsOf } from '../testing/fold-store.ts'
import type { LocalStore } from '../testing/local-store.ts'

const HOUR = 3_600_000

function valueRow(value: number, from = 0) {
  return rowsOf('flow', 1, { from, value: () => value })
}

/** [hour, old value] of each, in the order of the answer. */
function corrections(store: LocalStore, between?: () => void): [number, Correction['value']][] {
  const query = { seriesId: store.seriesId('flow'), from: FOLD_START, to: FOLD_START + 4 * HOUR }
  return store
    .ask('corrections', query, between)
    .map(({ ts, value }) => [Math.floor((ts - FOLD_START) / HOUR), value])
}

test('corrections that settle while they are looked for are told', () => {
  const store = foldStore()
  store.write(valueRow(1))
  store.write(valueRow(1, 2 * HOUR))
  store.settleAll()
  store.write(valueRow(2))
  store.write(valueRow(2, 2 * HOUR))
  let slices = 0
  const found = corrections(store, () => {
    slices += 1
    if (slices === 1) store.settleAll()
  })
  expect(slices).toBeGreaterThan(1)
  expect(found).toEqual([
    [0, 1],
    [2, 1],
  ])
  expect(corrections(store)).toEqual(found)
  store.close()
})

test.each(['settled', 'settled and folded'])(
  'each of two corrections of a block is told while they are %s',
  (how) => {
    const store = foldStore()
    folded(store, valueRow(1), valueRow(1, 2 * HOUR))
    store.write(valueRow(2, 2 * HOUR))
    store.settleAll()
    store.write(valueRow(5))
    store.write(valueRow(3, 2 * HOUR))
    let slices = 0
    const found = corrections(store, () => {
      slices += 1
      if (slices > 1) return
      store.settleAll()
      if (how === 'settled and folded') expect(store.fold()).toBe(null)
    })
    expect(slices).toBeGreaterThan(1)
    expect(found).toEqual([
      [0, 1],
      [2, 1],
      [2, 2],
    ])
    expect(corrections(store)).toEqual(found)
    store.close()
  },
)

test('a replacement that is folded while it is looked for is told once, though its value came twice', () => {
  const store = foldStore()
  folded(store, valueRow(1), valueRow(1, 2 * HOUR))
  store.write(valueRow(2, 2 * HOUR))
  store.settleAll()
  store.write(valueRow(5))
  store.write(valueRow(5))
  let slices = 0
  const found = corrections(store, () => {
    slices += 1
    if (slices > 1) return
    store.settleAll()
    expect(store.fold()).toBe(null)
  })
  expect(slices).toBeGreaterThan(1)
  expect(found).toEqual([
    [0, 1],
    [2, 1],
  ])
  store.close()
})
