import type { StorageEvent, TimeSpan } from '#platform/historian/historian.ts'

/** Spans remembered of one series. */
const SPANS_MAX = 1_000

/** What the store could not read, as far as any query met it: answers that do not say so themselves say it by this. */
export class KnownDamage {
  readonly #bySeries = new Map<number, TimeSpan[]>()

  note(event: StorageEvent): void {
    if (event.type !== 'blockDamaged') return
    const spans = this.#bySeries.get(event.seriesId) ?? []
    if (spans.some(({ from, to }) => from === event.from && to === event.to)) return
    this.#bySeries.set(event.seriesId, [...spans.slice(-SPANS_MAX + 1), { from: event.from, to: event.to }])
  }

  within(seriesId: number, { from, to }: TimeSpan): TimeSpan[] {
    return joinSpans(
      (this.#bySeries.get(seriesId) ?? [])
        .map((span) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to) }))
        .filter((span) => span.from < span.to),
    )
  }
}

/** Spans in order, those that touch as one. */
export function joinSpans(spans: TimeSpan[]): TimeSpan[] {
  const result: TimeSpan[] = []
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else result.push({ ...span })
  }
  return result
}
