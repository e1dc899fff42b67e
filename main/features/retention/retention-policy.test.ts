import { expect, test } from 'vitest'
import { neededQuotaClasses } from './quota-classes.ts'
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
    mostDays: new Map<string, number>(),
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

test('no class keeps longer than the quota of the tenant, and the classes of others stay theirs', () => {
  const quotas = neededQuotaClasses(
    [...classes, { id: 'ever', name: 'Ever', days: null, evictable: true }],
    [30, 365],
  )
  expect(quotas).toEqual([
    { id: 'quota-30', name: 'quota-30', days: 30, evictable: false },
    { id: 'quota-30-early', name: 'quota-30-early', days: 30, evictable: true },
    { id: 'quota-365', name: 'quota-365', days: 365, evictable: false },
    { id: 'quota-365-early', name: 'quota-365-early', days: 365, evictable: true },
  ])
  const choices = {
    classes: [...classes, ...quotas],
    defaultClass: 'standard',
    byTenant: new Map([['dairy', 'ten-years']]),
    mostDays: new Map([
      ['dairy', 365],
      ['mill', 30],
    ]),
    budgetBytes: null,
  }
  const { bySeries } = policyOf(choices, [
    { seriesId: 1, tenantId: 'mill', retentionClass: null },
    { seriesId: 2, tenantId: 'mill', retentionClass: 'short' },
    { seriesId: 3, tenantId: 'dairy', retentionClass: null },
    { seriesId: 4, tenantId: 'dairy', retentionClass: 'standard' },
    { seriesId: 5, tenantId: 'bakery', retentionClass: null },
    { seriesId: 6, tenantId: 'bakery', retentionClass: 'ten-years' },
    { seriesId: 7, tenantId: 'mill', retentionClass: 'a class that is gone' },
  ])
  expect([...bySeries]).toEqual([
    [1, 'quota-30'],
    [2, 'short'],
    [3, 'quota-365'],
    [6, 'ten-years'],
    [7, 'quota-30'],
  ])
})
