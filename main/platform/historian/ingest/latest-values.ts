import { Quality } from '#contract/model/quality.ts'
import { type CommittedBatch, kindOf, qualityOf, ROW_WIDTH } from '#contract/model/reading-batch.ts'
import type { LatestReading } from '../historian.ts'
import { readingValue } from '../reading-value.ts'
import type { LatestSnapshot } from './writer-protocol.ts'

/** The newest reading of every series, in columns by series id: no object a reading comes into being. */
export class LatestValues {
  private ts: (number | undefined)[] = []
  private value: (number | string)[] = []
  private flags: number[] = []
  private seq: number[] = []

  load({ series, ts, value, flags, seq }: LatestSnapshot): void {
    this.ts = []
    series.forEach((id, at) => {
      this.set(id, ts[at] as number, value[at] as number | string, flags[at] as number, seq[at] as number)
    })
  }

  /** The newest by time, and of the same time the one that came last; those `ahead` of the site never count. */
  add({ firstSeq, rows, texts }: CommittedBatch): void {
    for (let at = 0, seq = firstSeq; at < rows.length; at += ROW_WIDTH, seq++) {
      const id = rows[at] as number
      const ts = rows[at + 1] as number
      const flags = rows[at + 3] as number
      const known = this.ts[id]
      if ((flags & Quality.ahead) !== 0 || (known !== undefined && known > ts)) continue
      const value = rows[at + 2] as number
      this.set(id, ts, kindOf(flags) === 'text' ? (texts[value] ?? '') : value, flags, seq)
    }
  }

  remove(id: number): void {
    this.ts[id] = undefined
    this.value[id] = 0
  }

  get(id: number): LatestReading | null {
    const ts = this.ts[id]
    if (ts === undefined) return null
    const flags = this.flags[id] as number
    const value = readingValue(this.value[id] as number | string, flags)
    return {
      seriesId: id,
      kind: kindOf(flags),
      ts,
      value,
      quality: qualityOf(flags),
      seq: this.seq[id] as number,
    }
  }

  /** Every series that has one. */
  ids(): number[] {
    const ids: number[] = []
    for (const [id, ts] of this.ts.entries()) if (ts !== undefined) ids.push(id)
    return ids
  }

  private set(id: number, ts: number, value: number | string, flags: number, seq: number): void {
    this.ts[id] = ts
    this.value[id] = value
    this.flags[id] = flags
    this.seq[id] = seq
  }
}
