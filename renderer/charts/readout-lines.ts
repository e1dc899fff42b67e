import { type BucketRows, gapsOf, lowerBound } from './bucket-rows.ts'
import { type ChartChannel, isNumeric } from './chart-channel.ts'
import { middleOf } from './columns.ts'
import { stateName } from './state-strip.ts'
import { rowAt } from './statistics.ts'
import type { TimeWindow } from './time-range.ts'

/** What a channel was at a time. */
export interface ReadoutLine {
  channel: ChartChannel
  /** Average of the bucket at that time, or null. */
  value: number | null
  /** Of a channel of states: its name; null for several. */
  state?: string | null
  /** Where readings of the bucket differ. */
  min: number | null
  max: number | null
  /** The average of what it is compared with, or null. */
  before: number | null
}

/** The values of all channels at `ts`; `compared` are the earlier ones, laid onto the same axis. */
export function readoutLines(
  ts: number,
  channels: readonly ChartChannel[],
  rows: ReadonlyMap<string, BucketRows>,
  window: TimeWindow,
  compared?: ReadonlyMap<string, BucketRows>,
): ReadoutLine[] {
  const reach = (window.to - window.from) / 40
  return channels.map((channel) => {
    const own = rows.get(channel.id)
    if (!isNumeric(channel)) {
      const row = own === undefined ? -1 : lastBefore(own, ts)
      const empty = { channel, value: null, min: null, max: null, before: null }
      return row < 0 || own === undefined
        ? empty
        : { ...empty, state: stateName(channel.kind, own.last[row] ?? '') }
    }
    const earlier = compared?.get(channel.id)
    const row = own === undefined ? -1 : rowSeen(own, ts, reach)
    const spread = own !== undefined && row >= 0 && own.min[row] !== own.max[row]
    return {
      channel,
      value: averageAt(own, row),
      min: spread ? (own.min[row] ?? null) : null,
      max: spread ? (own.max[row] ?? null) : null,
      before: earlier === undefined ? null : averageAt(earlier, rowSeen(earlier, ts, reach)),
    }
  })
}

/** A single reading holds until the next one, unless a gap begins; of buckets the one at that time counts. */
function rowSeen(rows: BucketRows, ts: number, reach: number): number {
  const next = lowerBound(rows.ts, ts)
  const row = next > 0 && middleOf(rows, next - 1, Number.POSITIVE_INFINITY) <= ts ? next - 1 : next - 2
  const isSingle = (of: number) => rows.count[of] === 1
  if (!isSingle(row) || !isSingle(row + 1)) return rowAt(rows, ts, reach)
  const from = rows.ts[row] as number
  const isGap = gapsOf(rows).some((gap) => gap.from >= from && gap.from <= ts && gap.to > ts)
  return isGap ? rowAt(rows, ts, reach) : row
}

function averageAt(rows: BucketRows | undefined, row: number): number | null {
  if (rows === undefined || row < 0) return null
  return (rows.sum[row] ?? 0) / Math.max(1, rows.count[row] ?? 1)
}

/** A state holds until the next one. */
function lastBefore(rows: BucketRows, ts: number): number {
  let row = rows.ts.length - 1
  while (row >= 0 && (rows.ts[row] as number) > ts) row--
  return row
}
