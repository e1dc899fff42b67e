import { DAY } from '../blocks/rollup-columns.ts'
import type { RetentionClass, RetentionPolicy } from '../historian.ts'
import { monthOf, monthRange } from './month-file.ts'

const CLASS_ID = /^[a-z0-9-]{1,32}$/

/** Until `setRetention`: everything is kept. */
export const keepForEver: RetentionPolicy = {
  classes: [{ id: 'standard', days: null, evictable: false }],
  defaultClass: 'standard',
  bySeries: new Map(),
  budgetBytes: null,
}

/** What the retention policy says of files and series. */
export class FoldPolicy {
  readonly budgetBytes: number | null
  private readonly policy: RetentionPolicy
  private readonly classes: Map<string, RetentionClass>

  constructor(policy: RetentionPolicy) {
    this.policy = policy
    this.budgetBytes = policy.budgetBytes
    this.classes = new Map(policy.classes.map((one) => [one.id, one]))
  }

  /** Whether the class of a series was thought of; else its hours wait. */
  knows(series: number): boolean {
    return series <= (this.policy.knownSeries ?? Number.POSITIVE_INFINITY)
  }

  /** The class that hours of a series are folded to. A class that is gone counts as the default. */
  classOf(series: number): string {
    const { bySeries, defaultClass } = this.policy
    const id = bySeries.get(series)
    if (id !== undefined && this.classes.has(id) && CLASS_ID.test(id)) return id
    return CLASS_ID.test(defaultClass) ? defaultClass : 'standard'
  }

  /** When a file's last reading is older than its class keeps, ms; null: never. */
  expiresAt(month: string, retentionClass: string): number | null {
    const days = this.ruleOf(retentionClass)?.days ?? null
    return days === null ? null : monthRange(month).to + days * DAY
  }

  isExpired(month: string, retentionClass: string, now: number): boolean {
    const at = this.expiresAt(month, retentionClass)
    return at !== null && at < now
  }

  /** Readings of a series before this may be gone, for they are past their time; ms. null: all are kept. */
  keptFrom(series: number, now: number): number | null {
    const days = this.ruleOf(this.classOf(series))?.days ?? null
    return days === null ? null : monthRange(monthOf(now - days * DAY)).from
  }

  /** Whether a file may go before its time; never one that is still being filled. */
  isEvictable(month: string, retentionClass: string, now: number): boolean {
    return this.ruleOf(retentionClass)?.evictable === true && month < monthOf(now)
  }

  private ruleOf(id: string): RetentionClass | undefined {
    return this.classes.get(id) ?? this.classes.get(this.policy.defaultClass)
  }
}
