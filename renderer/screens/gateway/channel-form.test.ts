import { describe, expect, it } from 'vitest'
import type { Channel } from '#contract/model/channel.ts'
import { changeOf, formOf, problemsOf, readNumber } from './channel-form.ts'

const channel: Channel = {
  id: '0190a000-0000-7000-8000-000000000001',
  gatewayId: '0190a000-0000-7000-8000-000000000002',
  gatewayCode: 'GW001',
  key: 'supply',
  name: 'supply',
  unit: '°C',
  kind: 'number',
  lowLimit: null,
  highLimit: 9.5,
  retentionClass: null,
  latest: null,
}

describe('channel form', () => {
  it('shows limits in the language of the person and reads them back', () => {
    expect(formOf(channel, 'pt-BR')).toEqual({
      name: '',
      unit: '°C',
      low: '',
      high: '9,5',
      retentionClass: '',
    })
    expect(changeOf(formOf(channel, 'pt-BR'))).toEqual({
      name: null,
      unit: '°C',
      lowLimit: null,
      highLimit: 9.5,
      retentionClass: null,
    })
  })

  it.each([
    ['9.5', 9.5],
    ['9,5', 9.5],
    [' -3 ', -3],
    ['−3', -3],
    ['1e3', 1000],
    ['.5', 0.5],
    ['', null],
  ])('reads %j as %j', (text, value) => {
    expect(readNumber(text)).toBe(value)
  })

  it.each(['abc', '1.000,5', '0x10', 'Infinity', '1 2'])('does not take %j for a number', (text) => {
    expect(readNumber(text)).toBeNaN()
  })

  it('says what is wrong and where', () => {
    const good = { name: 'Supply', unit: '°C', low: '1', high: '9', retentionClass: '' }
    expect(problemsOf(good)).toEqual({})
    expect(problemsOf({ ...good, low: '9' })).toEqual({ high: 'limits_crossed' })
    expect(problemsOf({ ...good, low: 'x', high: '1e999' })).toEqual({
      low: 'not_a_number',
      high: 'not_a_number',
    })
    expect(problemsOf({ ...good, name: 'n'.repeat(101), unit: 'u'.repeat(21) })).toEqual({
      name: 'too_long',
      unit: 'too_long',
    })
  })
})
