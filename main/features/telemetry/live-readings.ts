import { Quality } from '#contract/model/quality.ts'
import type { Reading, ReadingValue } from '#contract/model/reading.ts'
import { type CommittedBatch, kindOf, qualityOf, ROW_WIDTH } from '#contract/model/reading-batch.ts'
import type { LiveChannel } from './channel-registry.ts'

/** Readings of one channel kept for one receiver between two sends; beyond it the oldest go. */
const KEPT = 200

/** Reads row `r` of a committed batch. */
export function readingAt(batch: CommittedBatch, r: number): Reading {
  const at = r * ROW_WIDTH
  const flags = batch.rows[at + 3] ?? 0
  return {
    ts: batch.rows[at + 1] ?? 0,
    value: valueOf(batch, batch.rows[at + 2] ?? 0, flags),
    quality: qualityOf(flags),
    seq: batch.firstSeq + r,
  }
}

function valueOf(batch: CommittedBatch, raw: number, flags: number): ReadingValue {
  const kind = kindOf(flags)
  if (kind === 'boolean') return raw === 1
  if (kind === 'text') return batch.texts[raw] ?? ''
  return raw
}

/** Whether a reading replaces the latest: never one that is ahead; a later time, or a newer version of the same. */
export function supersedes(reading: Reading, latest: Reading | null): boolean {
  if ((reading.quality & Quality.ahead) !== 0) return false
  if (latest === null) return true
  return reading.ts > latest.ts || (reading.ts === latest.ts && reading.seq > latest.seq)
}

/** Hears of each reading of the series that it follows; must be quick. */
export interface ReadingReceiver {
  offer(channel: LiveChannel, reading: Reading): void
}

/** Gathers the readings of chosen channels for one receiver; what it is too slow for is thinned, not queued. */
export class ReadingWatcher implements ReadingReceiver {
  readonly #gathered = new Map<string, Reading[]>()

  offer(channel: LiveChannel, reading: Reading): void {
    const kept = this.#gathered.get(channel.row.id)
    if (!kept) this.#gathered.set(channel.row.id, [reading])
    else {
      if (kept.length >= KEPT) kept.shift()
      kept.push(reading)
    }
  }

  take() {
    if (this.#gathered.size === 0) return null
    const channels = [...this.#gathered].map(([channelId, readings]) => ({
      channelId,
      ts: readings.map((reading) => reading.ts),
      values: readings.map((reading) => reading.value),
      quality: readings.map((reading) => reading.quality),
    }))
    this.#gathered.clear()
    return { channels }
  }
}

/** Who watches which series. */
export class ReadingWatchers {
  readonly #bySeries = new Map<number, Set<ReadingReceiver>>()

  /** Returns the watcher and the way to end it. */
  watch(seriesIds: number[]): { watcher: ReadingWatcher; close: () => void } {
    const watcher = new ReadingWatcher()
    return { watcher, close: this.add(seriesIds, watcher) }
  }

  /** Returns the way to end it. */
  add(seriesIds: number[], receiver: ReadingReceiver): () => void {
    for (const seriesId of seriesIds) {
      const receivers = this.#bySeries.get(seriesId) ?? new Set()
      this.#bySeries.set(seriesId, receivers.add(receiver))
    }
    return () => {
      for (const seriesId of seriesIds) {
        const receivers = this.#bySeries.get(seriesId)
        receivers?.delete(receiver)
        if (receivers?.size === 0) this.#bySeries.delete(seriesId)
      }
    }
  }

  of(seriesId: number): Set<ReadingReceiver> | undefined {
    return this.#bySeries.get(seriesId)
  }
}
