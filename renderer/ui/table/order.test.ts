import { describe, expect, it } from 'vitest'
import { nextSort, parseSort, sortText } from './column.ts'
import { orderRows } from './order.ts'

interface Row {
  id: string
  value: string | number | null
}
const rows = (...values: Row['value'][]): Row[] => values.map((value, index) => ({ id: `r${index}`, value }))
const values = (list: readonly Row[]) => list.map((row) => row.value)
const key = (row: Row) => row.value

describe('orderRows', () => {
  it('sorts digits inside words as numbers', () => {
    expect(values(orderRows(rows('GW10', 'GW2', 'gw1'), 'code', key, 'ascending').rows)).toEqual([
      'gw1',
      'GW2',
      'GW10',
    ])
  })

  it('keeps nulls last in both directions', () => {
    expect(values(orderRows(rows(null, 2, 1), 'n', key, 'ascending').rows)).toEqual([1, 2, null])
    expect(values(orderRows(rows(null, 2, 1), 'n', key, 'descending').rows)).toEqual([2, 1, null])
  })

  it('keeps the order of equal rows in both directions', () => {
    const given = rows(1, 1, 1)
    for (const direction of ['ascending', 'descending'] as const) {
      expect(orderRows(given, 'n', key, direction).rows.map((row) => row.id)).toEqual(['r0', 'r1', 'r2'])
    }
  })

  it('takes over an order whose keys did not change, with the new rows in it', () => {
    const first = orderRows(rows('b', 'a'), 'n', key, 'ascending')
    const renewed = rows('b', 'a')
    const second = orderRows(renewed, 'n', key, 'ascending', first)
    expect(second.places).toBe(first.places)
    expect(second.rows[0]).toBe(renewed[1])
  })

  it('sorts anew when a key, the direction, the column or a row changed', () => {
    const first = orderRows(rows('b', 'a'), 'n', key, 'ascending')
    expect(values(orderRows(rows('b', 'c'), 'n', key, 'ascending', first).rows)).toEqual(['b', 'c'])
    expect(values(orderRows(rows('b', 'a'), 'n', key, 'descending', first).rows)).toEqual(['b', 'a'])
    const other = [{ id: 'x', value: 'b' }, ...rows('z', 'a').slice(1)]
    expect(orderRows(other, 'n', key, 'ascending', first).places).not.toBe(first.places)
    expect(orderRows(rows('b', 'a'), 'm', key, 'ascending', first).places).not.toBe(first.places)
  })
})

describe('the sort in the address', () => {
  const fallback = { column: 'code', direction: 'ascending' } as const

  it('reads what it writes', () => {
    for (const text of ['age', '-age']) expect(sortText(parseSort(text, ['age'], fallback))).toBe(text)
  })

  it('falls back for what it does not know', () => {
    for (const text of [undefined, 7, 'colour', '']) expect(parseSort(text, ['age'], fallback)).toBe(fallback)
  })

  it('begins in the direction of the column and turns with each click', () => {
    const column = {
      id: 'age',
      header: '',
      width: '',
      cell: () => null,
      text: () => '',
      firstDirection: 'descending' as const,
    }
    const first = nextSort(column, fallback)
    expect(first).toEqual({ column: 'age', direction: 'descending' })
    expect(nextSort(column, first).direction).toBe('ascending')
  })
})
