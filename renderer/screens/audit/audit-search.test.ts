import { describe, expect, it } from 'vitest'
import { filterOf, noFilter, readAuditSearch, writeAuditSearch } from './audit-search.ts'

const all = {
  text: 'pump',
  period: null,
  from: 1_000,
  to: 2_000,
  actor: 'u1',
  action: 'gateway.',
  objectKind: 'gateway',
  objectId: 'g1',
  outcome: 'refused',
  entry: 7,
} as const

describe('the filters in the address', () => {
  it('are read as they were written', () => {
    expect(readAuditSearch(writeAuditSearch({ ...all }))).toEqual(all)
    expect(writeAuditSearch({ ...noFilter, entry: null })).toEqual({})
    expect(readAuditSearch({})).toEqual({ ...noFilter, entry: null })
  })

  it('do no harm when somebody typed them', () => {
    const typed = { q: 42, period: 'toString', from: 'x', to: -1, outcome: 'maybe', entry: 1.5, actor: {} }
    expect(readAuditSearch(typed)).toEqual({ ...noFilter, text: '42', entry: null })
  })

  it('know either a period or a span', () => {
    expect(readAuditSearch({ period: '24h', from: 1, to: 2 })).toMatchObject({
      period: '24h',
      from: null,
      to: null,
    })
  })
})

describe('what the site is asked', () => {
  it('is what is set', () => {
    const { entry: _, period: __, ...filter } = all
    expect(filterOf({ ...all }, 'north', 5)).toEqual({ ...filter, tenant: 'north' })
    expect(filterOf({ ...noFilter, entry: 3 }, null, 5)).toEqual({})
  })

  it('counts a period back from now', () => {
    expect(filterOf({ ...noFilter, entry: null, period: '1h' }, null, 10_000_000)).toEqual({
      from: 6_400_000,
    })
  })
})
