import type { MessagePort } from 'node:worker_threads'
import type { IngestReply } from '#contract/model/reading-batch.ts'
import { Batch } from './batch.ts'

export interface IngestListener {
  /** Readings could not be committed; they are kept and tried again. Once a stall. */
  stalled(code: 'disk_full' | 'store_failed', cause: string): void
  recovered(): void
  committed(batch: Batch): void
  /** A round of acknowledgements was handed over. */
  released(): void
  /** As many readings wait as may wait: read no more, until `relieved`. */
  pressed(): void
  relieved(): void
}

/** Batches at the historian at a time: one commits, the others form its next group. */
const IN_FLIGHT_MAX = 4
const BATCH_ROWS_MAX = 4_096
const RETRY_FIRST = 250
const RETRY_LAST = 5_000

/**
 * Readings between the sockets and the historian. What arrives in one turn of the event loop goes out as one batch; what
 * waits for a message's commit is called in the order of arrival. A batch that fails is kept and tried again until it is on disk.
 */
export class IngestQueue {
  pendingRows = 0
  private port: MessagePort | null = null
  /** Counts ports: a series is introduced anew on each. */
  private portNumber = 0
  private current = new Batch(1)
  /** Closed and not yet released, oldest first. */
  private readonly unsettled: Batch[] = []
  private readonly inFlight = new Map<number, Batch>()
  private lastId = 0
  private flushing: NodeJS.Immediate | null = null
  private retry: NodeJS.Timeout | null = null
  private retryDelay = RETRY_FIRST
  private isStalled = false
  private isPressed = false
  private stopped = false
  private readonly drained: (() => void)[] = []
  private readonly listener: IngestListener
  private readonly pendingMax: number

  constructor(listener: IngestListener, pendingMax: number) {
    this.listener = listener
    this.pendingMax = pendingMax
  }

  get full(): boolean {
    return this.pendingRows >= this.pendingMax
  }

  get stalled(): boolean {
    return this.isStalled
  }

  /** Nothing more should be read. */
  get pressed(): boolean {
    return this.isPressed
  }

  /** Sends from here on over this port; what was sent over the one before, and not committed, is sent again. */
  attach(port: MessagePort): void {
    this.port?.removeAllListeners('message')
    this.port?.removeAllListeners('close')
    this.port?.close()
    this.port = port
    this.portNumber += 1
    this.inFlight.clear()
    if (this.retry) clearTimeout(this.retry)
    this.retry = null
    for (const batch of this.unsettled) if (batch.state === 'sent') batch.state = 'waiting'
    port.on('message', (reply: IngestReply) => this.answered(reply))
    port.on('close', () => {
      if (this.port === port && !this.stopped) this.stall('store_failed', 'the store closed its port')
    })
    this.pump()
  }

  /** The batch to add the rows of a message to; call `added` after. */
  get open(): Batch {
    return this.current
  }

  /**
   * Takes note of the rows that a message added to `open`.
   *
   * @param settled called once they, and everything that arrived before, are on disk
   */
  added(rows: number, settled: (() => void) | null): void {
    this.pendingRows += rows
    if (settled) this.current.settled.push(settled)
    if (this.full && !this.isPressed) {
      this.isPressed = true
      this.listener.pressed()
    }
    if (this.current.count >= BATCH_ROWS_MAX) this.flush()
    else this.schedule()
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    this.flush()
    if (this.unsettled.length === 0) return
    await new Promise<void>((resolve) => this.drained.push(resolve))
  }

  /** Lets go of the port. What is not committed was not acknowledged either, and comes again. */
  stop(): void {
    this.stopped = true
    if (this.flushing) clearImmediate(this.flushing)
    if (this.retry) clearTimeout(this.retry)
    this.port?.close()
  }

  private schedule(): void {
    if (this.flushing || this.stopped) return
    this.flushing = setImmediate(() => this.flush())
  }

  private flush(): void {
    if (this.flushing) clearImmediate(this.flushing)
    this.flushing = null
    const batch = this.current
    if (batch.count === 0) return
    // While the historian has enough to do, rows gather here: larger batches are cheaper on both sides.
    const busy = this.inFlight.size >= IN_FLIGHT_MAX || (this.isStalled && this.unsettled.length > 0)
    if (busy && batch.count < BATCH_ROWS_MAX) return
    this.current = new Batch(batch.sequence + 1)
    batch.state = 'waiting'
    this.unsettled.push(batch)
    this.pump()
  }

  private pump(): void {
    if (!this.port || this.retry || this.stopped) return
    const most = this.isStalled ? 1 : IN_FLIGHT_MAX
    for (const batch of this.unsettled) {
      if (this.inFlight.size >= most) return
      if (batch.state === 'waiting') this.send(batch, this.port)
    }
  }

  private send(batch: Batch, port: MessagePort): void {
    this.lastId += 1
    const message = batch.message(this.lastId, this.portNumber)
    batch.state = 'sent'
    this.inFlight.set(message.id, batch)
    port.postMessage(message, [message.rows.buffer])
  }

  private answered(reply: IngestReply): void {
    const batch = this.inFlight.get(reply.id)
    if (!batch) return
    this.inFlight.delete(reply.id)
    if (!reply.committed) {
      batch.state = 'waiting'
      this.stall(reply.code, reply.cause)
      return
    }
    batch.state = 'committed'
    batch.introducedOn(this.portNumber)
    this.listener.committed(batch)
    this.recover()
    this.release()
    this.flush()
    this.pump()
  }

  private stall(code: 'disk_full' | 'store_failed', cause: string): void {
    if (!this.isStalled) {
      this.isStalled = true
      this.retryDelay = RETRY_FIRST
      this.listener.stalled(code, cause)
    }
    if (this.retry || this.stopped) return
    this.retry = setTimeout(() => {
      this.retry = null
      this.pump()
    }, this.retryDelay)
    this.retryDelay = Math.min(this.retryDelay * 2, RETRY_LAST)
  }

  private recover(): void {
    if (!this.isStalled || this.retry) return
    this.isStalled = false
    this.listener.recovered()
  }

  /** Hands over what is committed, oldest first, up to the first batch that is not. */
  private release(): void {
    while (this.unsettled[0]?.state === 'committed') {
      const batch = this.unsettled.shift()
      if (!batch) break
      this.pendingRows -= batch.count
      for (const settled of batch.settled) settled()
    }
    this.listener.released()
    if (this.isPressed && this.pendingRows <= this.pendingMax / 2) {
      this.isPressed = false
      this.listener.relieved()
    }
    if (this.unsettled.length === 0 && this.current.count === 0) {
      for (const resolve of this.drained.splice(0)) resolve()
    }
  }
}
