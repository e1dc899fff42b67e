import type { ModelRow } from './store-model.ts'

export const KILL_START = Date.UTC(2026, 4, 31, 20)
const MINUTE = 60_000

/** Batch after batch over the same hours of two months: late readings, corrections and duplicates of the ones before. */
export function killRows(batch: number): ModelRow[] {
  return Array.from({ length: 120 }, (_, at) => ({
    channel: at % 2 ? 'flow' : 'state',
    kind: at % 2 ? 'number' : 'text',
    ts: KILL_START + ((at * 7 + batch * 3) % 120) * 4 * MINUTE + (batch % 3) * 1_000,
    value: at % 2 ? ((at * batch) % 5) / 4 : `s${(at + batch) % 3}`,
    quality: at % 11 === 0 ? 1 : 0,
  }))
}
