import { describe, expect, it } from 'vitest'
import { countsOf, readChoice, sizesFor, withFormat, withSize, writeChoice } from './label-choice.ts'

const fresh = readChoice(null)

describe('what is chosen of labels', () => {
  it('is remembered but for copies and start', () => {
    const chosen = { ...fresh, size: 'letter-30' as const, qr: 'url' as const, copies: 3, start: 7 }
    expect(readChoice(writeChoice(chosen))).toEqual({ ...chosen, copies: 1, start: 1 })
  })

  it('is a fresh one where what was kept makes no sense', () => {
    for (const odd of ['', '{', 'null', '[]', '{"size": "a0-1", "format": "exe", "qr": 7, "resolution": 1}'])
      expect(readChoice(odd)).toEqual(fresh)
  })

  it('takes a roll for label printers', () => {
    expect(sizesFor('zpl')).toEqual(['roll-50x25', 'roll-62x29', 'roll-100x50'])
    expect(withFormat(fresh, 'zpl').size).toBe('roll-50x25')
    expect(withFormat({ ...fresh, size: 'roll-62x29' }, 'zpl').size).toBe('roll-62x29')
    expect(readChoice('{"format": "zpl", "size": "a4-24"}').size).toBe('roll-50x25')
  })

  it('begins on the sheet that there is', () => {
    expect(withSize({ ...fresh, size: 'a4-189', start: 120 }, 'a4-24').start).toBe(24)
    expect(withFormat({ ...fresh, start: 5 }, 'zpl').start).toBe(1)
  })

  it('is counted in labels and sheets', () => {
    expect(countsOf(fresh, 24)).toEqual({ labels: 24, sheets: 1, tooMany: false })
    expect(countsOf({ ...fresh, start: 2 }, 24)).toEqual({ labels: 24, sheets: 2, tooMany: false })
    expect(countsOf({ ...fresh, copies: 6 }, 1_000)).toEqual({ labels: 6_000, sheets: 250, tooMany: true })
  })
})
