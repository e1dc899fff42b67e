import type { Spans, TimeSpan } from '../historian.ts'

/** Spans of time by their number, one after the other from `from` to `to`. */
export interface SpanGrid extends TimeSpan {
  count: number
  /** Of the first one, ms. */
  width: number
  start: (at: number) => number
  /** Start of the next, or `to`. */
  end: (at: number) => number
  /** Which one holds `ts`, of [from, to). */
  indexOf: (ts: number) => number
}

export function spanGrid(spans: Spans): SpanGrid {
  return 'edges' in spans ? edgeGrid(spans.edges) : equalGrid(spans)
}

function equalGrid({ from, to, count: asked }: TimeSpan & { count: number }): SpanGrid {
  const width = Math.max(1, Math.ceil((to - from) / asked))
  return {
    from,
    to,
    count: Math.ceil((to - from) / width),
    width,
    start: (at) => from + at * width,
    end: (at) => Math.min(to, from + (at + 1) * width),
    indexOf: (ts) => Math.floor((ts - from) / width),
  }
}

function edgeGrid(edges: number[]): SpanGrid {
  const edge = (at: number): number => edges[at] as number
  const count = edges.length - 1
  return {
    from: edge(0),
    to: edge(count),
    count,
    width: edge(1) - edge(0),
    start: edge,
    end: (at) => edge(at + 1),
    indexOf: (ts) => {
      let low = 0
      let high = count
      while (low + 1 < high) {
        const middle = (low + high) >>> 1
        if (edge(middle) <= ts) low = middle
        else high = middle
      }
      return low
    },
  }
}
