import { expect, test } from 'vitest'
import { FoldPolicy } from './fold-policy.ts'
import { monthRange } from './month-file.ts'

const DAY = 24 * 3_600_000

test('what is kept begins with the first month that has not expired', () => {
  const policy = new FoldPolicy({
    classes: [
      { id: 'standard', days: 90, evictable: false },
      { id: 'ever', days: null, evictable: false },
    ],
    defaultClass: 'standard',
    bySeries: new Map([[7, 'ever']]),
    budgetBytes: null,
  })
  for (let now = Date.UTC(2026, 0, 1); now < Date.UTC(2027, 0, 1); now += DAY / 3) {
    const kept = policy.keptFrom(1, now) as number
    const month = new Date(kept).toISOString().slice(0, 7)
    expect(monthRange(month).from).toBe(kept)
    expect(policy.isExpired(month, 'standard', now)).toBe(false)
    const before = new Date(kept - DAY).toISOString().slice(0, 7)
    // Expired, but for the very millisecond in which it does.
    expect(policy.isExpired(before, 'standard', now + 1)).toBe(true)
  }
  expect(policy.keptFrom(7, Date.UTC(2026, 0, 1))).toBeNull()
})
