import type { RetentionClass } from '#contract/model/retention.ts'
import type { RetentionPolicy } from '#platform/historian/historian.ts'

/** Whose readings a series holds, and what was chosen for it. */
export interface SeriesChoice {
  seriesId: number
  tenantId: string
  retentionClass: string | null
}

export interface PolicyChoices {
  classes: readonly RetentionClass[]
  defaultClass: string
  /** By tenant, where one was chosen. */
  byTenant: ReadonlyMap<string, string>
  budgetBytes: number | null
}

/** What the historian is told: a channel's own class beats its tenant's, and that the site's default. */
export function policyOf(choices: PolicyChoices, series: readonly SeriesChoice[]): RetentionPolicy {
  const { classes, defaultClass, byTenant, budgetBytes } = choices
  const bySeries = new Map<number, string>()
  let knownSeries = 0
  for (const { seriesId, tenantId, retentionClass } of series) {
    knownSeries = Math.max(knownSeries, seriesId)
    const chosen = retentionClass ?? byTenant.get(tenantId) ?? defaultClass
    if (chosen !== defaultClass) bySeries.set(seriesId, chosen)
  }
  return {
    classes: classes.map(({ id, days, evictable }) => ({ id, days, evictable })),
    defaultClass,
    bySeries,
    knownSeries,
    budgetBytes,
  }
}
