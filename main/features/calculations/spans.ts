import type { Spans } from '#platform/historian/historian.ts'

/** Spans of a query, by number. */
export interface SpanGrid {
  count: number
  startOf(index: number): number
  endOf(index: number): number
  /** The span that begins at `start`; -1 where none does. */
  indexOf(start: number): number
}

/** The spans that the store answers for: see `Spans`. */
export function gridOf(spans: Spans): SpanGrid {
  if ('edges' in spans) {
    const { edges } = spans
    const numbers = new Map(edges.map((edge, index) => [edge, index]))
    return {
      count: Math.max(0, edges.length - 1),
      startOf: (index) => edges[index] ?? Number.NaN,
      endOf: (index) => edges[index + 1] ?? Number.NaN,
      indexOf: (start) => numbers.get(start) ?? -1,
    }
  }
  const { from, to } = spans
  const width = Math.max(1, Math.ceil((to - from) / spans.count))
  const count = Math.ceil((to - from) / width)
  return {
    count,
    startOf: (index) => from + index * width,
    endOf: (index) => Math.min(to, from + (index + 1) * width),
    indexOf: (start) => {
      const index = (start - from) / width
      return Number.isInteger(index) && index >= 0 && index < count ? index : -1
    },
  }
}
