import { describe, expect, it } from 'vitest'
import { find, fold } from './find.ts'

const items = [
  { id: '1', words: ['GW010', 'Boiler house', 'ESP-A1B2C3'] },
  { id: '2', words: ['GW001', 'Estação de água', 'ESP-GW0100'] },
  { id: '3', words: ['GW100', 'House boiler', ''] },
]
const ids = (query: string, limit = 9) => find(items, query, limit).map(({ id }) => id)

describe('find', () => {
  it('puts the start of the best field first', () => {
    expect(ids('gw010')).toEqual(['1', '2'])
    expect(ids('boiler')).toEqual(['1', '3'])
    expect(ids('house')).toEqual(['3', '1'])
  })

  it('wants every word of the query', () => {
    expect(ids('boiler gw100')).toEqual(['3'])
    expect(ids('boiler nothing')).toEqual([])
  })

  it('overlooks case and accents', () => {
    expect(fold('Estação')).toBe('estacao')
    expect(ids('AGUA')).toEqual(['2'])
  })

  it('gives the first ones for an empty query, and no more than asked for', () => {
    expect(ids('  ', 2)).toEqual(['1', '2'])
    expect(ids('gw', 1)).toHaveLength(1)
  })
})
