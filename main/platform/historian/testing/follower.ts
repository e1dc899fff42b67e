import type { Reading } from '#contract/model/reading.ts'
import { TAIL_WIDTH } from '../changes.ts'
import { TEXT_FLAGS, valueAt } from '../reading/rows.ts'
import { toReading } from '../reading-value.ts'
import type { LocalStore } from './local-store.ts'

interface Copied {
  value: number | string
  flags: number
  seq: number
}

/** Versions of (after, upTo], in order of (series, time). */
interface Sweep {
  after: number
  upTo: number
  series: number
  at: number | null
}

/**
 * Copies a store elsewhere, as sync does: the tail, and a sweep over whatever has left it. Everything here is durable, and of two
 * versions of a reading the higher one stays.
 */
export class Follower {
  private readonly copies = new Map<number, Map<number, Copied>>()
  /** null: nothing was asked for yet. */
  private tailSeq: number | null = null
  private readonly sweeps: Sweep[] = []

  /** A page of the tail; at first, what there is already goes to a sweep. False: there was nothing new. */
  tail(store: LocalStore, limit: number): boolean {
    if (this.tailSeq === null) {
      this.tailSeq = store.ask('tail', { after: 0, limit: 1 }).lastSeq
      this.sweeps.push({ after: 0, upTo: this.tailSeq, series: -1, at: null })
    }
    const { rows, count, texts, gapTo, lastSeq } = store.ask('tail', { after: this.tailSeq, limit })
    if (lastSeq < this.tailSeq) throw new Error(`${lastSeq} is before ${this.tailSeq}`)
    if (gapTo !== null) {
      if (gapTo <= this.tailSeq || gapTo > lastSeq) throw new Error(`a gap to ${gapTo}`)
      this.sweeps.push({ after: this.tailSeq, upTo: gapTo, series: -1, at: null })
      this.tailSeq = gapTo
    }
    for (let at = 0; at < count * TAIL_WIDTH; at += TAIL_WIDTH) {
      const [series, ts, stored, flags, seq] = rows.subarray(at, at + TAIL_WIDTH) as unknown as number[]
      const value = (flags as number) >= TEXT_FLAGS ? (texts[stored as number] ?? '') : (stored as number)
      if ((seq as number) <= this.tailSeq) throw new Error(`${seq} came twice`)
      this.tailSeq = seq as number
      this.copy(series as number, ts as number, { value, flags: flags as number, seq: seq as number })
    }
    return gapTo !== null || count > 0
  }

  /** A page of the newest sweep; `between` runs between slices. False: there is nothing left to sweep. */
  sweep(store: LocalStore, between?: () => void): boolean {
    const sweep = this.sweeps.at(-1)
    if (!sweep) return false
    const seqs = { afterSeq: sweep.after, upToSeq: sweep.upTo }
    if (sweep.at === null) {
      const changed = mustBe(store.ask('changed', seqs, between))
      const next = changed.find((series) => series > sweep.series)
      if (next === undefined) {
        this.sweeps.pop()
        return this.sweeps.length > 0
      }
      sweep.series = next
    }
    const after = sweep.at === null ? {} : { after: sweep.at }
    const page = mustBe(store.ask('since', { seriesId: sweep.series, ...seqs, ...after }, between))
    for (let at = 0; at < page.columns.count; at++) {
      const seq = page.seqs[at] as number
      if (seq <= sweep.after) throw new Error(`${seq} is not newer than ${sweep.after}`)
      const flags = page.columns.flags[at] as number
      this.copy(sweep.series, page.columns.ts[at] as number, { value: valueAt(page.columns, at), flags, seq })
    }
    sweep.at = page.next
    return true
  }

  /** Everything that there is. */
  drain(store: LocalStore): void {
    while (this.tail(store, 50));
    while (this.sweep(store));
  }

  /** What there is of a series, by time. */
  readings(series: number): Reading[] {
    const all = [...(this.copies.get(series) ?? [])].sort(([a], [b]) => a - b)
    return all.map(([ts, { value, flags, seq }]) => toReading(ts, value, flags, seq))
  }

  private copy(series: number, ts: number, version: Copied): void {
    let ofSeries = this.copies.get(series)
    if (!ofSeries) {
      ofSeries = new Map()
      this.copies.set(series, ofSeries)
    }
    const known = ofSeries.get(ts)
    if (!known || known.seq < version.seq) ofSeries.set(ts, version)
    else if (known.seq === version.seq && !Object.is(known.value, version.value)) {
      throw new Error(`two values of version ${version.seq}`)
    }
  }
}

function mustBe<Answer>(answer: Answer | null): Answer {
  if (answer === null) throw new Error('no file is being replaced')
  return answer
}
