import type { MessagePort } from 'node:worker_threads'
import type { IngestReply, ReadingBatch } from '#contract/model/reading-batch.ts'

/** The broker's side of an ingest port. */
export class IngestClient {
  readonly closed: Promise<void>
  private readonly port: MessagePort
  private readonly waiting = new Map<number, (reply: IngestReply) => void>()
  private lastId = 0

  constructor(port: MessagePort) {
    this.port = port
    port.on('message', (reply: IngestReply) => {
      this.waiting.get(reply.id)?.(reply)
      this.waiting.delete(reply.id)
    })
    this.closed = new Promise((closed) => port.on('close', closed))
  }

  send(batch: ReadingBatch): Promise<IngestReply> {
    const id = ++this.lastId
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.port.postMessage({ ...batch, id }, [batch.rows.buffer])
    })
  }
}
