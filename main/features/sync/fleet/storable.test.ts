import { expect, test } from 'vitest'
import { moment } from './moments.ts'
import { storageProblem } from './storable.ts'

test('what Postgres can not hold is named by its column, wherever in it that stands', () => {
  expect(storageProblem({ name: 'a\u0000' })).toMatchObject({
    code: 'cloud_text_nul',
    data: { field: 'name' },
  })
  expect(storageProblem({ a: 'ok', b: '\udc00' })).toMatchObject({
    code: 'cloud_text_surrogate',
    data: { field: 'b' },
  })
  expect(storageProblem({ metadata: { deep: [{ '\ud800': 1 }] } })).toMatchObject({
    data: { field: 'metadata' },
  })
  expect(storageProblem({ metadata: { deep: ['x', { key: '\u0000' }] } })).toMatchObject({
    code: 'cloud_text_nul',
  })
  for (const ms of [Number.MAX_SAFE_INTEGER, -8e15, Number.NaN])
    expect(storageProblem({ at: moment(ms) })).toMatchObject({ code: 'cloud_time_out_of_range' })
})

test('everything else goes through: emoji, nothing, numbers, times', () => {
  const columns = {
    a: '\u{1f600} é',
    b: null,
    c: 1.5,
    d: true,
    e: ['x'],
    f: { g: null },
    h: moment(0),
    i: moment(null),
  }
  expect(storageProblem(columns)).toBeNull()
  expect(moment(1_771_322_400_000)).toBe('2026-02-17T10:00:00.000Z')
})
