import type { ReadingValue } from '#contract/model/reading.ts'
import type { SimulatedChannel } from './meters.ts'

export interface HistoryReading {
  channel: SimulatedChannel
  /** ms. */
  ts: number
  value: ReadingValue
}

/**
 * What the channels would have sent in [from, to), one message each `step` ms: the same values as live, so that a
 * chart shows no seam. Booleans and text only where they change, and once an hour, as gateways report states.
 */
export function* simulateHistory(
  channels: readonly SimulatedChannel[],
  from: number,
  to: number,
  step: number,
): Generator<HistoryReading> {
  for (const channel of channels) {
    let before: ReadingValue | null = null
    let sentAt = Number.NEGATIVE_INFINITY
    for (let ts = Math.ceil(from / step) * step; ts < to; ts += step) {
      const value = channel.valueAt(ts)
      const isState = channel.kind === 'boolean' || channel.kind === 'text'
      if (isState && value === before && ts - sentAt < 3_600_000) continue
      before = value
      sentAt = ts
      yield { channel, ts, value }
    }
  }
}
