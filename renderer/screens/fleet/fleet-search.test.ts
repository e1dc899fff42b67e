import { describe, expect, it } from 'vitest'
import { readFleetSearch, writeFleetSearch } from './fleet-search.ts'

describe('the fleet in the address', () => {
  it('is empty for the whole fleet by code', () => {
    const written = writeFleetSearch(readFleetSearch({}))
    expect(Object.values(written).every((value) => value === undefined)).toBe(true)
  })

  it('reads what it writes', () => {
    const search = {
      view: 'offline',
      q: 'boiler',
      group: 'g',
      firmware: '2.4.1',
      dialect: 'tds',
      sort: '-age',
      look: 'x',
    }
    expect(writeFleetSearch(readFleetSearch(search))).toEqual(search)
  })

  it('takes odd values as absent, and digits as text', () => {
    expect(readFleetSearch({ view: 'red', sort: 'colour', dialect: 7, look: 3 })).toEqual(readFleetSearch({}))
    expect(readFleetSearch({ q: 12 }).text).toBe('12')
  })
})
