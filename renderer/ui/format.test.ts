import { describe, expect, it } from 'vitest'
import { createFormat, regionalLocale } from './format.ts'

const en = createFormat('en-GB', 'America/Sao_Paulo')
const pt = createFormat('pt-BR', 'America/Sao_Paulo')
const SECOND = 1000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR
/** Unit names stand behind a no-break space in some languages. */
const plain = (text: string) => text.replace(/[\u00A0\u202F]/g, ' ')

describe('numbers', () => {
  it('carry as many digits as a person reads', () => {
    expect([8.4199, 72.6, 102_338.4, 1946, 0.004217, 0].map(en.number)).toEqual([
      '8.42',
      '72.6',
      '102,338',
      '1,946',
      '0.0042',
      '0',
    ])
  })

  it('turn to powers of ten where digits would not fit', () => {
    expect(en.number(1.5e12)).toBe('1.5E12')
    expect(en.number(0.00001)).toBe('1E-5')
  })

  it('wear the sign that is as wide as a digit', () => {
    expect(en.number(-24.6)).toBe('−24.6')
    expect(pt.number(-24.6)).toBe('−24,6')
  })

  it('show what is no number as nothing', () => {
    expect(en.number(Number.NaN)).toBe('–')
  })
})

describe('values', () => {
  const words = { on: 'On', off: 'Off' }
  it('are told by kind', () => {
    expect(en.value(true, words)).toBe('On')
    expect(en.value(false, words)).toBe('Off')
    expect(en.value('ready', words)).toBe('ready')
    expect(en.value(9.4, words)).toBe('9.4')
  })
})

describe('sizes', () => {
  it('are in decimal units', () => {
    expect([0, 999, 1500, 97e9, 2.5e12].map((bytes) => plain(en.bytes(bytes)))).toEqual([
      '0 byte',
      '999 byte',
      '1.5 kB',
      '97 GB',
      '2.5 TB',
    ])
  })
})

describe('spans', () => {
  it('have the longest unit that fits', () => {
    const ages = [-5, 4 * SECOND, 41 * 60 * SECOND, 3.5 * HOUR, 26 * DAY, 200 * DAY, 3000 * DAY]
    expect(ages.map((ms) => plain(en.age(ms)))).toEqual([
      '0 s',
      '4 s',
      '41 min',
      '3 h',
      '26 d',
      '6 mths',
      '8 yrs',
    ])
  })

  it('have a second unit where it helps', () => {
    expect(en.span(3 * HOUR + 42 * 60 * SECOND)).toBe('3 h 42 min')
    expect(en.span(3 * HOUR)).toBe('3 h')
    expect(en.span(41 * SECOND)).toBe('41 s')
  })

  it('name months and years in the language', () => {
    expect(plain(pt.age(3000 * DAY))).toBe('8 anos')
  })
})

describe('times', () => {
  const at = Date.UTC(2036, 2, 14, 2, 5, 7)
  it('are in the zone of the site, and in UTC on demand', () => {
    expect(en.date(at)).toBe('13 Mar 2036')
    expect(en.clock(at)).toBe('23:05:07')
    expect(en.zone(at)).toBe('UTC−3')
    expect(en.utc(at)).toBe('2036-03-14 02:05:07 UTC')
    expect(pt.date(at)).toBe('13 de mar. de 2036')
    expect(pt.numericDate(at)).toBe('13/03/2036')
  })

  it('begin the day at 00, not 24', () => {
    expect(en.time(Date.UTC(2036, 2, 14, 3, 0, 0))).toBe('00:00')
  })
})

describe('regionalLocale', () => {
  it('takes the region that the browser tells', () => {
    expect(regionalLocale('en', ['pt-BR', 'en-US'])).toBe('en-US')
    expect(regionalLocale('en', ['pt-BR'])).toBe('en-GB')
    expect(regionalLocale('pt-BR', ['pt-PT'])).toBe('pt-BR')
  })
})
