import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ValueKind } from '#contract/model/reading.ts'
import {
  type IngestReply,
  kindOf,
  qualityOf,
  type ReadingBatch,
  ROW_WIDTH,
  type UndatedMessage,
} from '#contract/model/reading-batch.ts'

export interface TestRow {
  assignmentId: string
  channel: string
  unit: string | null
  kind: ValueKind
  quality: number
  ts: number
  value: number | boolean | string
}

/**
 * Speaks the historian's side of the ingest port over a real `MessageChannel`, and keeps the rows in memory. Batches
 * that name a handle which was never introduced on their port fail, as at the real one.
 */
export class TestHistorian {
  readonly rows: TestRow[] = []
  readonly undated: UndatedMessage[] = []
  batches = 0
  /** What the next batches are answered with; null commits them. */
  failure: { code: 'disk_full' | 'store_failed'; cause: string } | null = null
  /** Batches are kept unanswered while true. */
  private held: (() => void)[] | null = null
  private readonly ports = new Set<MessagePort>()

  readonly openIngest = (): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    this.ports.add(port1)
    const handles = new Map<number, { assignmentId: string; channel: string; unit: string | null }>()
    port1.on('message', (batch: ReadingBatch) => {
      const answer = (): void => port1.postMessage(this.answer(batch, handles))
      if (this.held) this.held.push(answer)
      else answer()
    })
    return port2
  }

  /** Batches that came and are held. */
  get waiting(): number {
    return this.held?.length ?? 0
  }

  hold(): void {
    this.held ??= []
  }

  release(): void {
    const held = this.held ?? []
    this.held = null
    for (const answer of held) answer()
  }

  /** The batches held are lost with their port, as when the writer dies. */
  loseHeld(): void {
    this.held = null
  }

  close(): void {
    for (const port of this.ports) port.close()
  }

  values(channel: string): (number | boolean | string)[] {
    return this.rows.filter((row) => row.channel === channel).map(({ value }) => value)
  }

  private answer(
    batch: ReadingBatch,
    handles: Map<number, Omit<TestRow, 'kind' | 'quality' | 'ts' | 'value'>>,
  ): IngestReply {
    this.batches += 1
    for (const { handle, ...series } of batch.introductions) handles.set(handle, series)
    if (this.failure) return { id: batch.id, committed: false, ...this.failure }
    for (let at = 0; at < batch.rows.length; at += ROW_WIDTH) {
      const [handle = 0, ts = 0, raw = 0, flags = 0] = batch.rows.subarray(at, at + ROW_WIDTH)
      const series = handles.get(handle)
      if (!series)
        return { id: batch.id, committed: false, code: 'store_failed', cause: `unknown handle ${handle}` }
      const kind = kindOf(flags)
      const value = kind === 'text' ? (batch.texts[raw] ?? '?') : kind === 'boolean' ? raw === 1 : raw
      const { assignmentId, channel, unit } = series
      this.rows.push({ assignmentId, channel, unit, kind, quality: qualityOf(flags), ts, value })
    }
    this.undated.push(...batch.undated)
    return { id: batch.id, committed: true }
  }
}
