import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { ExpectedError } from '#contract/errors.ts'
import {
  type IngestReply,
  packFlags,
  type ReadingBatch,
  ROW_WIDTH,
  type SeriesIntroduction,
} from '#contract/model/reading-batch.ts'
import type { AppendedReading } from '../historian.ts'
import { PendingCalls } from '../pending-calls.ts'

/** Readings in flight at once: live batches share a group with no more than this. */
const CHUNK = 4_000

/** Sends readings from inside the engine as any other sender would, one chunk at a time. */
export class BulkAppend {
  private readonly connect: () => MessagePort
  private readonly calls = new PendingCalls<IngestReply>()
  private readonly handles = new Map<string, number>()
  private port: MessagePort | null = null
  private queue: Promise<void> = Promise.resolve()

  /** `connect` gives the near end of a new ingest port. */
  constructor(connect: () => MessagePort) {
    this.connect = connect
  }

  /** Calls run one after the other. @throws ExpectedError `disk_full`, `store_failed`: some chunks may be stored */
  append(readings: AppendedReading[]): Promise<void> {
    const done = this.queue.then(() => this.send(readings))
    this.queue = done.catch(() => {})
    return done
  }

  close(): void {
    this.port?.close()
  }

  private async send(readings: AppendedReading[]): Promise<void> {
    for (let start = 0; start < readings.length; start += CHUNK) {
      const chunk = readings.slice(start, start + CHUNK)
      const reply = await this.calls.open((id) => {
        const port = this.open()
        const batch = this.batchOf(id, chunk)
        port.postMessage(batch, [batch.rows.buffer])
      })
      if (!reply.committed) {
        throw new ExpectedError(reply.code, reply.code === 'store_failed' ? { cause: reply.cause } : {})
      }
    }
  }

  private open(): MessagePort {
    if (this.port) return this.port
    const port = this.connect()
    port.on('message', (reply: IngestReply) => this.calls.resolve(reply.id, reply))
    port.on('close', () => {
      this.port = null
      this.handles.clear()
      this.calls.rejectAll(new ExpectedError('store_failed', { cause: 'its writer ended' }))
    })
    port.unref()
    this.port = port
    return port
  }

  private batchOf(id: number, readings: AppendedReading[]): ReadingBatch {
    const rows = new Float64Array(readings.length * ROW_WIDTH)
    const texts: string[] = []
    const introductions: SeriesIntroduction[] = []
    readings.forEach(({ assignmentId, channel, kind, unit, ts, value, quality }, row) => {
      const key = `${assignmentId}\n${channel}`
      let handle = this.handles.get(key)
      if (handle === undefined) {
        handle = this.handles.size
        this.handles.set(key, handle)
        introductions.push({ handle, assignmentId, channel, kind, unit })
      }
      const stored = typeof value === 'string' ? texts.push(value) - 1 : Number(value)
      rows.set([handle, ts, stored, packFlags(kind, quality)], row * ROW_WIDTH)
    })
    return { id, rows, texts, introductions, undated: [] }
  }
}

/** Both ends of a new ingest channel. */
export function ingestChannel(): { near: MessagePort; far: MessagePort } {
  const { port1, port2 } = new MessageChannel()
  return { near: port1, far: port2 }
}
