import type { RetentionClass } from '#contract/model/retention.ts'

/**
 * A tenant's quota of storage days is kept by classes of its own, one for each number of days: `quota-30`, and
 * `quota-30-early` for readings that may go early. Nobody chooses them; they stay when no tenant needs them any more, for
 * there may be files of them.
 */
const PREFIX = 'quota-'

export function isQuotaClass(id: string): boolean {
  return id.startsWith(PREFIX)
}

/** The class that readings go to which were to go to `chosen`, of a tenant that may keep them `most` days. */
export function cappedClass(chosen: RetentionClass, most: number): RetentionClass {
  if (chosen.days !== null && chosen.days <= most) return chosen
  const { evictable } = chosen
  const id = `${PREFIX}${most}${evictable ? '-early' : ''}`
  return { id, name: id, days: most, evictable }
}

/** The quota classes that these tenants need, whichever class is chosen for a channel of theirs. */
export function neededQuotaClasses(
  classes: readonly RetentionClass[],
  quotas: Iterable<number>,
): RetentionClass[] {
  const needed = new Map<string, RetentionClass>()
  for (const most of new Set(quotas)) {
    for (const one of classes) {
      const capped = cappedClass(one, most)
      if (capped !== one) needed.set(capped.id, capped)
    }
  }
  return [...needed.values()]
}
