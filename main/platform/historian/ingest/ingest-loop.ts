import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { CommittedBatch, IngestReply, ReadingBatch } from '#contract/model/reading-batch.ts'
import { ROW_WIDTH } from '#contract/model/reading-batch.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { FoldSpan } from '../months/fold-hour.ts'
import { isStorageError, storeFailure } from '../store-errors.ts'
import type { Checkpoints } from './checkpoints.ts'
import { CommitTimes } from './commit-times.ts'
import type { ErasedReadings, Eraser } from './eraser.ts'
import type { Forgetter } from './forgetter.ts'
import { HotRows } from './hot-rows.ts'
import type { HotWriter, ReceivedBatch } from './hot-writer.ts'
import { IngestSender } from './ingest-sender.ts'
import type { SeriesRegistry } from './series-registry.ts'
import type { Settler } from './settler.ts'
import { type Durability, type Store, setDurability } from './store-file.ts'

export interface IngestParts {
  store: Store
  registry: SeriesRegistry
  writer: HotWriter
  settler: Settler
  forgetter: Forgetter
  eraser: Eraser
  checkpoints: Checkpoints
  clock: Clock
  durability: Durability
  runRows: number | null
  onCommitted: (batch: CommittedBatch) => void
}

interface Received extends ReceivedBatch {
  port: MessagePort
}

/** Rows of one group: bounds how long its first batch waits for its last. */
const GROUP_ROWS = 20_000
/** What a slice of settling or forgetting may take while batches could arrive, ms. */
const SLICE_TIME = 3
const SLICE_ROWS_MIN = 250
const SLICE_ROWS_MAX = 4_000
const RUN_ROWS_MIN = 32_768
const RUN_ROWS_MAX = 131_072
const ROWS_PER_SERIES = 32
/** Runs that may be hot before senders are slowed. */
const RUNS_MAX = 3
const RETRY_AFTER = 1_000
/** Rows settle at the latest after this, ms, so that an hour is whole when it is folded, ten minutes after its end. */
const SETTLE_AFTER = 9 * 60_000
/** Rows to forget for each row that comes in while senders wait: the folder is never slower than they are. */
const FORGETTING_SHARE = 4
/** Of the time that a slice of erasing took, while batches come. */
const ERASING_REST = 9

/**
 * The writer's one loop: takes what is queued on the ports, commits it as one group, answers, and settles a
 * slice of older rows. While batches wait, settling takes only its share, in proportion to what came in; the
 * share grows with the hot table, so that it stays bounded and senders are slowed instead.
 */
export class IngestLoop {
  readonly times = new CommitTimes()
  private readonly parts: IngestParts
  private readonly senders = new Map<MessagePort, IngestSender>()
  private readonly queue: Received[] = []
  private tail: HotRows
  private scheduled: NodeJS.Immediate | null = null
  private stopped = false
  private durability: Durability | 'NORMAL'
  /** Settling that the rows committed so far are due. */
  private owed = 0
  private sliceRows = SLICE_ROWS_MIN
  private settleAfter = 0
  private forgetAfter = 0
  private forgetOwed = 0
  private forgetRows = SLICE_ROWS_MIN
  private eraseAfter = 0
  private eraseRows = SLICE_ROWS_MIN
  /** When the oldest row of the tail came, at the latest. */
  private tailSince: number | null = null
  private tailIsOld = false

  constructor(parts: IngestParts, recovered: HotRows) {
    this.parts = parts
    this.tail = recovered
    this.durability = parts.durability
  }

  get hotRows(): number {
    return this.tail.count + this.parts.settler.hotRows
  }

  addPort(port: MessagePort): void {
    this.senders.set(port, new IngestSender())
    port.on('message', (batch: ReadingBatch) => {
      this.receive(port, batch)
      this.schedule()
    })
    port.on('close', () => this.senders.delete(port))
  }

  /** `done` is called when these rows are gone. */
  forget(spans: FoldSpan[], done: () => void): void {
    this.parts.forgetter.add(spans, done)
    this.schedule()
  }

  /**
   * `done` is called when nothing of these readings is left. From now on none are taken in.
   * @throws what SQLite throws: then nothing has changed
   */
  erase(readings: ErasedReadings, done: (series: number[]) => void): void {
    this.setDurability(this.parts.durability)
    this.parts.eraser.add(readings, this.parts.writer.lastSeq, done)
    this.schedule()
  }

  /** Call it now and then: on a quiet site a run would take hours to fill. */
  settleOld(now: number): void {
    if (this.tail.count === 0) this.tailSince = null
    else this.tailSince ??= now
    if (this.tailSince === null || Math.abs(now - this.tailSince) < SETTLE_AFTER) return
    this.tailIsOld = true
    this.schedule()
  }

  schedule(): void {
    if (this.scheduled !== null || this.stopped) return
    this.scheduled = setImmediate(() => {
      this.scheduled = null
      this.turn()
    })
  }

  /** Commits and answers what was received, then lets go of the ports. */
  stop(): void {
    do {
      this.poll()
      this.commitGroup()
    } while (this.queue.length > 0)
    this.stopped = true
    for (const port of this.senders.keys()) port.close()
  }

  private turn(): void {
    if (this.stopped) return
    this.poll()
    const busy = this.queue.length > 0
    if (busy) this.commitGroup()
    const settling = this.settleSome(busy)
    const forgetting = this.forgetSome(busy)
    this.eraseSome(busy)
    const now = this.parts.clock.now()
    if (busy || settling || forgetting) this.parts.checkpoints.wrote(now)
    if (this.queue.length > 0 || settling || forgetting) this.schedule()
  }

  /** Batches that arrived since the last turn join this group, without a trip through the event loop. */
  private poll(): void {
    for (const port of this.senders.keys()) {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        this.receive(port, next.message as ReadingBatch)
      }
    }
  }

  private receive(port: MessagePort, batch: ReadingBatch): void {
    const sender = this.senders.get(port)
    if (!sender) return
    sender.introduce(batch, this.parts.registry)
    this.queue.push({ port, sender, batch })
  }

  private commitGroup(): void {
    const group: Received[] = []
    let rows = 0
    while (this.queue.length > group.length && rows < GROUP_ROWS) {
      const next = this.queue[group.length] as Received
      rows += next.batch.rows.length / ROW_WIDTH
      group.push(next)
    }
    this.queue.splice(0, group.length)
    const sound = group.filter((received) => this.refuseFaulty(received))
    if (sound.length > 0) this.commit(sound)
  }

  private refuseFaulty({ port, sender, batch }: Received): boolean {
    const fault = sender.faultOf(batch)
    if (fault !== null) reply(port, { id: batch.id, committed: false, code: 'store_failed', cause: fault })
    return fault === null
  }

  private commit(group: Received[]): void {
    const { writer, clock, durability, onCommitted } = this.parts
    try {
      this.setDurability(durability)
      const started = performance.now()
      const committed = writer.commit(group, this.tail, clock.now())
      this.times.add(performance.now() - started)
      for (const { port, batch } of group) reply(port, { id: batch.id, committed: true })
      this.owed += (committed.rows.length / ROW_WIDTH) * this.settlingShare()
      this.forgetOwed += (committed.rows.length / ROW_WIDTH) * FORGETTING_SHARE
      if (committed.rows.length > 0) onCommitted(committed)
    } catch (error) {
      // One batch that SQLite will not take must not fail those beside it.
      if (group.length > 1 && !isStorageError(error)) {
        for (const received of group) this.commit([received])
        return
      }
      const failure = storeFailure(error)
      for (const { port, batch } of group) reply(port, { id: batch.id, committed: false, ...failure })
    }
  }

  /** Rows to settle for each row that comes in while senders wait. */
  private settlingShare(): number {
    return this.isBehind() ? 4 : 1.5
  }

  /** From here on senders wait for settling: they brought more than it could keep up with in passing. */
  private isBehind(): boolean {
    return this.hotRows > this.runRows() * RUNS_MAX
  }

  private runRows(): number {
    const { registry, runRows } = this.parts
    return runRows ?? Math.min(RUN_ROWS_MAX, Math.max(RUN_ROWS_MIN, registry.size * ROWS_PER_SERIES))
  }

  /** True while there is more to settle. */
  private settleSome(busy: boolean): boolean {
    const { settler, durability } = this.parts
    if (!settler.working) {
      if (this.tail.count === 0 || (this.tail.count < this.runRows() && !this.tailIsOld)) return false
      settler.start(this.tail)
      this.tail = new HotRows()
      this.tailSince = null
      this.tailIsOld = false
      this.owed = 0
    }
    if (performance.now() < this.settleAfter) return false
    if (busy && this.owed < SLICE_ROWS_MIN) return true
    try {
      this.setDurability(durability === 'OFF' ? 'OFF' : 'NORMAL')
      do {
        const rows = busy ? Math.min(Math.ceil(this.owed), this.sliceRows) : this.sliceRows
        const started = performance.now()
        settler.settle(rows)
        this.sliceRows = fittingSlice(this.sliceRows, rows, performance.now() - started)
        this.owed = Math.max(0, this.owed - rows)
      } while (settler.working && this.owed >= SLICE_ROWS_MIN)
      return settler.working || this.tail.count >= this.runRows()
    } catch {
      // The disk is full, say: the rows stay hot, and are tried again. Commits tell the senders.
      this.settleAfter = performance.now() + RETRY_AFTER
      setTimeout(() => this.schedule(), RETRY_AFTER).unref()
      return false
    }
  }

  /** True while there is more to forget. */
  private forgetSome(busy: boolean): boolean {
    const { forgetter, durability } = this.parts
    if (!forgetter.working) {
      this.forgetOwed = 0
      return false
    }
    if (performance.now() < this.forgetAfter) return false
    if (busy && this.forgetOwed < SLICE_ROWS_MIN) return true
    try {
      this.setDurability(durability === 'OFF' ? 'OFF' : 'NORMAL')
      const rows = busy ? Math.min(Math.ceil(this.forgetOwed), this.forgetRows) : this.forgetRows
      const started = performance.now()
      const passed = forgetter.forget(rows)
      this.forgetRows = fittingSlice(this.forgetRows, passed, performance.now() - started)
      this.forgetOwed = Math.max(0, this.forgetOwed - rows)
      return forgetter.working
    } catch {
      this.forgetAfter = performance.now() + RETRY_AFTER
      setTimeout(() => this.schedule(), RETRY_AFTER).unref()
      return false
    }
  }

  /** A slice, and then a rest that leaves the time to those who wait for an answer. */
  private eraseSome(busy: boolean): void {
    const { eraser, durability, checkpoints, clock } = this.parts
    if (!eraser.working || performance.now() < this.eraseAfter) return
    let rest = RETRY_AFTER
    try {
      this.setDurability(durability === 'OFF' ? 'OFF' : 'NORMAL')
      const started = performance.now()
      eraser.erase(this.eraseRows)
      const took = performance.now() - started
      this.eraseRows = fittingSlice(this.eraseRows, this.eraseRows, took)
      checkpoints.wrote(clock.now())
      rest = Math.ceil(took * (busy ? ERASING_REST : 1))
    } catch {
      // The disk is full, say: tried again.
    }
    this.eraseAfter = performance.now() + rest
    if (eraser.working) setTimeout(() => this.schedule(), rest + 1).unref()
  }

  /** Must be outside a transaction. Settling alone needs no fsync: see Settler.settle. */
  private setDurability(durability: Durability | 'NORMAL'): void {
    if (this.durability === durability) return
    setDurability(this.parts.store, durability)
    this.durability = durability
  }
}

function reply(port: MessagePort, answer: IngestReply): void {
  port.postMessage(answer)
}

/** Rows of a slice that would have taken its time, given that `rows` took `took` ms; changes a little at a time. */
function fittingSlice(slice: number, rows: number, took: number): number {
  const fitting = (rows * SLICE_TIME) / Math.max(took, 0.05)
  const smoothed = slice + (fitting - slice) / 4
  return Math.round(Math.min(SLICE_ROWS_MAX, Math.max(SLICE_ROWS_MIN, smoothed)))
}
