import { describe, expect, it } from 'vitest'
import { allSelected, extend, nothingSelected, toggle, toggleAll } from './selection.ts'

const shown = ['a', 'b', 'c', 'd'].map((id) => ({ id }))

describe('selection', () => {
  it('turns a row on and off', () => {
    const on = toggle(nothingSelected, 'b')
    expect([...on.ids]).toEqual(['b'])
    expect([...toggle(on, 'b').ids]).toEqual([])
  })

  it('extends from the last row chosen, in both directions', () => {
    expect([...extend(toggle(nothingSelected, 'b'), 'd', shown).ids].sort()).toEqual(['b', 'c', 'd'])
    expect([...extend(toggle(nothingSelected, 'c'), 'a', shown).ids].sort()).toEqual(['a', 'b', 'c'])
  })

  it('keeps its anchor, so that a second Shift extends from the same row', () => {
    const once = extend(toggle(nothingSelected, 'b'), 'c', shown)
    expect([...extend(once, 'a', shown).ids].sort()).toEqual(['a', 'b', 'c'])
  })

  it('chooses only the one row when the anchor is not shown any more', () => {
    expect([...extend({ ids: new Set(), anchor: 'gone' }, 'c', shown).ids]).toEqual(['c'])
  })

  it('chooses all that is shown, then none', () => {
    const all = toggleAll(nothingSelected, shown)
    expect(allSelected(all, shown)).toBe(true)
    expect(toggleAll(all, shown).ids.size).toBe(0)
    expect(allSelected(nothingSelected, [])).toBe(false)
  })
})
