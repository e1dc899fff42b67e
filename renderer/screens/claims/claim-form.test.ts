import { describe, expect, it } from 'vitest'
import { becomesOf, type ClaimForm, fieldsOf, firstCodes, isPattern, problemsOf } from './claim-form.ts'

const form: ClaimForm = { tenant: 't', group: null, profile: null, dialect: null, code: '', name: '' }

describe('claiming a box', () => {
  it('needs no more than a tenant', () => {
    expect(problemsOf(form, false)).toEqual([])
    expect(fieldsOf(form)).toEqual({ tenant: 't' })
    expect(problemsOf({ ...form, tenant: null }, true)).toEqual(['tenant', 'group'])
  })

  it('takes a code and a name as the site does', () => {
    expect(problemsOf({ ...form, code: 'GW 1', name: 'x'.repeat(101) }, false)).toEqual(['code', 'name'])
    expect(problemsOf({ ...form, code: ' GW014 ' }, false)).toEqual([])
    expect(fieldsOf({ ...form, code: ' GW014 ', name: ' Pump ', group: 'g', profile: 'p' })).toEqual({
      tenant: 't',
      group: 'g',
      profile: 'p',
      code: 'GW014',
      name: 'Pump',
    })
    expect(becomesOf({ ...form, dialect: 'tds' })).toEqual({ tenant: 't', dialect: 'tds' })
  })
})

describe('a pattern of codes', () => {
  it('has one place for a number', () => {
    for (const pattern of ['GW{n}', 'GW{n:3}', '{n:03}-A', 'a.b_c-{n:9}'])
      expect([pattern, isPattern(pattern)]).toEqual([pattern, true])
    for (const pattern of ['GW', 'GW{n}{n}', 'GW{n:0}', 'GW{n:10}', 'GW {n}', `${'x'.repeat(38)}{n}`])
      expect([pattern, isPattern(pattern)]).toEqual([pattern, false])
  })

  it('counts on from the highest that is there', () => {
    expect(firstCodes('GW{n:03}', [], 2)).toEqual(['GW001', 'GW002'])
    expect(firstCodes('GW{n:03}', ['GW007', 'GW12', 'XX099', 'GW', 'GWa'], 2)).toEqual(['GW013', 'GW014'])
    expect(firstCodes('{n}-A', ['9-A', '40-B'], 1)).toEqual(['10-A'])
    expect(firstCodes('L2-{n:03}', ['L2-999'], 1)).toEqual(['L2-1000'])
  })
})
