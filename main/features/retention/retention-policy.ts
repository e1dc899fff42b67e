import type { RetentionClass } from '#contract/model/retention.ts'
import type { RetentionPolicy } from '#platform/historian/historian.ts'
import { cappedClass } from './quota-classes.ts'

/** Whose readings a series holds, and what was chosen for it. */
export interface SeriesChoice {
  seriesId: number
  tenantId: string
  retentionClass: string | null
}

export interface PolicyChoices {
  /** Those that people made, and those that quotas need. */
  classes: readonly RetentionClass[]
  defaultClass: string
  /** By tenant, where one was chosen. */
  byTenant: ReadonlyMap<string, string>
  /** Days that readings are kept at most, by tenant, where it has such a quota. */
  mostDays: ReadonlyMap<string, number>
  budgetBytes: number | null
}

/** What the historian is told: a channel's own class beats its tenant's, and that the site's default. None keeps longer than the tenant's quota. */
export function policyOf(choices: PolicyChoices, series: readonly SeriesChoice[]): RetentionPolicy {
  const { classes, defaultClass, byTenant, mostDays, budgetBytes } = choices
  const byId = new Map(classes.map((one) => [one.id, one]))
  const bySeries = new Map<number, string>()
  let knownSeries = 0
  for (const { seriesId, tenantId, retentionClass } of series) {
    knownSeries = Math.max(knownSeries, seriesId)
    const chosen =
      byId.get(retentionClass ?? byTenant.get(tenantId) ?? defaultClass) ?? byId.get(defaultClass)
    if (!chosen) continue
    const most = mostDays.get(tenantId)
    const { id } = most === undefined ? chosen : cappedClass(chosen, most)
    if (id !== defaultClass) bySeries.set(seriesId, id)
  }
  return {
    classes: classes.map(({ id, days, evictable }) => ({ id, days, evictable })),
    defaultClass,
    bySeries,
    knownSeries,
    budgetBytes,
  }
}
