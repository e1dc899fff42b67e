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

/** Gathers the readings of chosen channels for one receiver; what it is too slow for is thinned, not queued. */
export class ReadingWatcher {
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
  readonly #bySeries = new Map<number, Set<ReadingWatcher>>()

  /** Returns the watcher and the way to end it. */
  watch(seriesIds: number[]): { watcher: ReadingWatcher; close: () => void } {
    const watcher = new ReadingWatcher()
    for (const seriesId of seriesIds) {
      const watchers = this.#bySeries.get(seriesId) ?? new Set()
      this.#bySeries.set(seriesId, watchers.add(watcher))
    }
    const close = () => {
      for (const seriesId of seriesIds) {
        const watchers = this.#bySeries.get(seriesId)
        watchers?.delete(watcher)
        if (watchers?.size === 0) this.#bySeries.delete(seriesId)
      }
    }
    return { watcher, close }
  }

  of(seriesId: number): Set<ReadingWatcher> | undefined {
    return this.#bySeries.get(seriesId)
  }
}
