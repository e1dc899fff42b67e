import type { ReadingBatch } from '#contract/model/reading-batch.ts'
import { KIND_SHIFT, kindOf, packFlags, ROW_WIDTH } from '#contract/model/reading-batch.ts'
import type { SeriesEntry, SeriesRegistry } from './series-registry.ts'

/** Above the flags of the last kind. */
const FLAGS_END = packFlags('text', 0) + KIND_SHIFT

/** One sender of batches: its handles, which mean nothing on another port. */
export class IngestSender {
  private readonly handles = new Map<number, SeriesEntry>()

  /** Handles stay known when the batch that introduced them fails: the sender introduces each of them once. */
  introduce(batch: ReadingBatch, registry: SeriesRegistry): void {
    for (const introduction of batch.introductions) {
      this.handles.set(introduction.handle, registry.introduce(introduction))
    }
  }

  entryOf(handle: number): SeriesEntry {
    const entry = this.handles.get(handle)
    if (!entry) throw new Error(`the series handle ${handle} was never introduced`)
    return entry
  }

  /**
   * What is wrong with a batch, if anything. One that breaks the protocol would break the commit of every batch
   * beside it, or be stored as something else than it says (SQLite keeps NaN as NULL).
   */
  faultOf({ rows, texts, undated }: ReadingBatch): string | null {
    if (rows.length % ROW_WIDTH !== 0) return `${rows.length} is not a multiple of ${ROW_WIDTH} columns`
    const count = rows.length / ROW_WIDTH
    for (let row = 0; row < count; row++) {
      const at = row * ROW_WIDTH
      const value = rows[at + 2] as number
      const flags = rows[at + 3] as number
      if (!this.handles.has(rows[at] as number)) return `row ${row}: unknown series handle ${rows[at]}`
      if (!Number.isSafeInteger(rows[at + 1])) return `row ${row}: ${rows[at + 1]} is not a time in ms`
      if (!Number.isSafeInteger(flags) || flags < 0 || flags >= FLAGS_END)
        return `row ${row}: ${flags} are not flags`
      if (kindOf(flags) === 'text') {
        if (texts[value] === undefined) return `row ${row}: there is no text ${value}`
      } else if (!Number.isFinite(value)) return `row ${row}: ${value} is not a finite number`
    }
    let end = 0
    for (const message of undated) {
      if (message.start < end || message.end < message.start || message.end > count) {
        return `undated rows ${message.start} to ${message.end} of ${count} are out of order`
      }
      end = message.end
    }
    return null
  }
}
