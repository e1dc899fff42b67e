import { expect, test } from 'vitest'
import { policyOf } from './retention-policy.ts'

const classes = [
  { id: 'standard', name: 'Standard', days: 365, evictable: false },
  { id: 'ten-years', name: 'Ten years', days: 3_650, evictable: false },
  { id: 'short', name: 'Short', days: 7, evictable: true },
]

test('a channel beats its tenant, and the tenant the site', () => {
  const choices = {
    classes,
    defaultClass: 'standard',
    byTenant: new Map([['dairy', 'ten-years']]),
    budgetBytes: 5_000_000,
  }
  const policy = policyOf(choices, [
    { seriesId: 1, tenantId: 'mill', retentionClass: null },
    { seriesId: 2, tenantId: 'mill', retentionClass: 'short' },
    { seriesId: 3, tenantId: 'dairy', retentionClass: null },
    { seriesId: 4, tenantId: 'dairy', retentionClass: 'short' },
    { seriesId: 5, tenantId: 'dairy', retentionClass: 'standard' },
  ])
  expect(policy).toEqual({
    classes: classes.map(({ id, days, evictable }) => ({ id, days, evictable })),
    defaultClass: 'standard',
    bySeries: new Map([
      [2, 'short'],
      [3, 'ten-years'],
      [4, 'short'],
    ]),
    knownSeries: 5,
    budgetBytes: 5_000_000,
  })
})
