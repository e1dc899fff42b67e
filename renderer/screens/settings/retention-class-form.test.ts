import { describe, expect, it } from 'vitest'
import {
  classFormOf,
  classOf,
  classProblems,
  lossesOf,
  readBudget,
  writeBudget,
} from './retention-class-form.ts'

const now = Date.UTC(2026, 10, 21)

const file = (month: string, retentionClass = 'standard') => ({
  month,
  retentionClass,
  bytes: 1_000,
  readings: 500,
  series: 1,
  blocks: 1,
  damagedBlocks: 0,
  expiresAt: null,
})

describe('a retention class as a form', () => {
  it('goes there and back', () => {
    const own = { id: 'ten-years', name: 'Ten years', days: 3_650, evictable: true }
    expect(classOf(classFormOf(own))).toEqual({ name: 'Ten years', days: 3_650, evictable: true })
    expect(classOf(classFormOf({ ...own, days: null })).days).toBeNull()
    expect(classOf(classFormOf(null))).toEqual({ name: '', days: 365, evictable: false })
  })

  it('says what is wrong', () => {
    const form = classFormOf({ id: 'x', name: 'X', days: 30, evictable: false })
    expect(classProblems(form)).toEqual({})
    expect(classProblems({ ...form, name: '  ' })).toEqual({ name: 'nameMissing' })
    expect(classProblems({ ...form, name: 'x'.repeat(61) })).toEqual({ name: 'nameLong' })
    for (const days of ['', '0', '-3', '1.5', 'many', '36501'])
      expect(classProblems({ ...form, days })).toEqual({ days: 'days' })
    expect(classProblems({ ...form, days: '', ever: true })).toEqual({})
  })
})

describe('what fewer days delete', () => {
  const files = [file('2025-11'), file('2026-09'), file('2026-10'), file('2026-11'), file('2026-01', 'other')]

  it('is the months whose last day is older than that', () => {
    const shorter = { id: 'standard', before: 365, after: 30 }
    expect(lossesOf(files, shorter, now)).toEqual({
      months: ['2025-11', '2026-09'],
      readings: 1_000,
      bytes: 2_000,
    })
    expect(lossesOf(files, { ...shorter, after: 20 }, now)?.months).toEqual(['2025-11', '2026-09', '2026-10'])
  })

  it('is nothing where readings are kept as long or longer', () => {
    expect(lossesOf(files, { id: 'standard', before: 365, after: 365 }, now)).toBeNull()
    expect(lossesOf(files, { id: 'standard', before: 365, after: null }, now)).toBeNull()
    expect(lossesOf(files, { id: 'standard', before: null, after: 400 }, now)).toBeNull()
    expect(lossesOf(files, { id: 'standard', before: null, after: 300 }, now)?.months).toEqual(['2025-11'])
  })
})

describe('a budget', () => {
  it('is read in both ways of writing decimals', () => {
    expect(readBudget(' 30 ')).toBe(30e9)
    expect(readBudget('0,5')).toBe(5e8)
    expect(readBudget('0.5')).toBe(5e8)
    expect(readBudget('')).toBeNull()
    for (const text of ['0', '-1', 'x', '1e3', '0.001', '9999999']) expect(readBudget(text)).toBeNaN()
  })

  it('is written as it is read', () => {
    for (const bytes of [30e9, 5e8, 1.25e12]) {
      expect(readBudget(writeBudget(bytes, 'en'))).toBe(bytes)
      expect(readBudget(writeBudget(bytes, 'pt-BR'))).toBe(bytes)
    }
    expect(writeBudget(null, 'en')).toBe('')
  })
})
