import { expect, test } from 'vitest'
import { HOUR } from '../blocks/rollup-columns.ts'
import { FOLD_START, foldStore, rowsOf } from '../testing/fold-store.ts'
import { Forgetter } from './forgetter.ts'

test('a slice deletes a bounded number of corrections, each before its reading', () => {
  const store = foldStore()
  for (const add of [0, 1, 2]) store.write(rowsOf('a', 1_000, { value: (at) => at + add }))
  store.settleAll()
  // One that has changed since stays, with its corrections.
  store.write(rowsOf('a', 1, { from: 5_000, value: () => -1 }))
  store.settleAll()
  const count = (table: string): number =>
    store.store.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0
  const without = store.store
    .prepare<[], number>(
      `SELECT count(*) FROM corrections AS c
       WHERE NOT EXISTS (SELECT 1 FROM readings AS r WHERE r.series = c.series AND r.ts = c.ts)`,
    )
    .pluck()
  let done = false
  const forgetter = new Forgetter(store.store)
  forgetter.add([{ series: 1, from: FOLD_START, to: FOLD_START + HOUR, seq: 3_000 }], () => {
    done = true
  })
  while (!done) {
    const before = { readings: count('readings'), corrections: count('corrections') }
    forgetter.forget(100)
    expect(before.readings - count('readings')).toBeLessThanOrEqual(100)
    expect(before.corrections - count('corrections')).toBeLessThanOrEqual(100)
    expect(without.get()).toBe(0)
  }
  expect(count('readings')).toBe(1)
  expect(count('corrections')).toBe(3)
  store.close()
})
