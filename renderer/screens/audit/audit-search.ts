import { type AuditFilter, auditOutcomes } from '#contract/api/audit.ts'

/** Spans back from now, ms. */
export const periods = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
} as const
export type Period = keyof typeof periods

/** The filters as they stand in the address. */
export interface AuditSearch {
  text: string
  period: Period | null
  /** An own span, ms; with `period` null. */
  from: number | null
  to: number | null
  actor: string | null
  action: string | null
  objectKind: string | null
  objectId: string | null
  outcome: (typeof auditOutcomes)[number] | null
  /** The entry that stands open. */
  entry: number | null
}

export const noFilter: Omit<AuditSearch, 'entry'> = {
  text: '',
  period: null,
  from: null,
  to: null,
  actor: null,
  action: null,
  objectKind: null,
  objectId: null,
  outcome: null,
}

/** Reads an address that anybody may have typed. */
export function readAuditSearch(raw: Record<string, unknown>): AuditSearch {
  const text = (name: string, most: number) => {
    const value = raw[name]
    // Digits alone come out of the address as a number.
    const given = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    return given === '' ? null : given.slice(0, most)
  }
  const number = (name: string) => {
    const value = Number(raw[name] ?? Number.NaN)
    return Number.isSafeInteger(value) && value >= 0 ? value : null
  }
  const period = text('period', 10)
  const isPeriod = period !== null && Object.hasOwn(periods, period)
  return {
    text: text('q', 200) ?? '',
    period: isPeriod ? (period as Period) : null,
    from: isPeriod ? null : number('from'),
    to: isPeriod ? null : number('to'),
    actor: text('actor', 200),
    action: text('action', 100),
    objectKind: text('kind', 100),
    objectId: text('object', 500),
    outcome: auditOutcomes.find((one) => one === raw['outcome']) ?? null,
    entry: number('entry'),
  }
}

/** The other way round: what is not set is not in the address. */
export function writeAuditSearch(search: AuditSearch): Record<string, unknown> {
  return {
    q: search.text || undefined,
    period: search.period ?? undefined,
    from: search.from ?? undefined,
    to: search.to ?? undefined,
    actor: search.actor ?? undefined,
    action: search.action ?? undefined,
    kind: search.objectKind ?? undefined,
    object: search.objectId ?? undefined,
    outcome: search.outcome ?? undefined,
    entry: search.entry ?? undefined,
  }
}

/** What the site is asked. `now`: ms; a period is counted back from it. */
export function filterOf(search: AuditSearch, tenant: string | null, now: number): AuditFilter {
  const { text, period, actor, action, objectKind, objectId, outcome } = search
  const from = period === null ? search.from : now - periods[period]
  return {
    ...(text !== '' && { text }),
    ...(from !== null && { from }),
    ...(search.to !== null && { to: search.to }),
    ...(actor !== null && { actor }),
    ...(action !== null && { action }),
    ...(objectKind !== null && { objectKind }),
    ...(objectId !== null && { objectId }),
    ...(outcome !== null && { outcome }),
    ...(tenant !== null && { tenant }),
  }
}
