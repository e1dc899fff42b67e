import { Worker } from 'node:worker_threads'
import { smallYoungGeneration } from '#platform/threads/worker-limits.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'
import type { Durability, Store } from './store-file.ts'

export interface CheckpointWorkerData {
  dir: string
  durability: Durability
}

/** A row of `PRAGMA wal_checkpoint`: pages in the WAL, and how many of them the file has. */
export interface CheckpointPass {
  busy: number
  log: number
  checkpointed: number
}

/** Pages of 4 KiB not yet in the file before a pass is worth its fsyncs. */
const DUE_PAGES = 4_096
/** Pages that the writer copies by itself, between two commits. */
const SMALL_PAGES = 1_024
/** Pages in the WAL before the writer stops for the last few, so that the WAL begins anew from its start. */
const RESTART_PAGES = 12_288
const LOOK_EVERY = 250
const IDLE = 10_000

/**
 * Keeps the WAL short without a commit ever waiting for it. SQLite begins the WAL anew only when all of it is in
 * the file at the start of a write, which never happens by itself under a steady load: so the worker copies
 * nearly all, and the writer the rest, a few pages, between two commits.
 */
export class Checkpoints {
  private readonly store: Store
  private readonly options: CheckpointWorkerData
  private worker: Worker | null = null
  private running = false
  private lookedAt = 0
  private wroteAt = 0
  private truncated = false

  constructor(store: Store, options: CheckpointWorkerData) {
    this.store = store
    this.options = options
  }

  async stop(): Promise<void> {
    const worker = this.worker
    this.worker = null
    await worker?.terminate()
  }

  /** After each commit of the writer. */
  wrote(now: number): void {
    this.wroteAt = now
    this.truncated = false
    if (Math.abs(now - this.lookedAt) < LOOK_EVERY) return
    this.lookedAt = now
    const { log, checkpointed } = this.pass('NOOP')
    if (log - checkpointed >= DUE_PAGES) this.request()
  }

  /** Now and then; gives the disk back when nothing was written for a while. */
  idle(now: number): void {
    if (this.truncated || this.running || Math.abs(now - this.wroteAt) < IDLE) return
    this.truncated = this.pass('TRUNCATE').busy === 0
  }

  /**
   * Copies all of the WAL into the file and cuts it: what was overwritten is gone from it too. False where somebody reads, or
   * where there is too much to copy between two commits: ask again.
   */
  emptied(): boolean {
    const { log, checkpointed } = this.pass('NOOP')
    if (log - checkpointed < SMALL_PAGES) return this.pass('TRUNCATE').busy === 0
    this.request()
    return false
  }

  /** At stop: the whole WAL into the file. */
  last(): void {
    this.pass('TRUNCATE')
  }

  private startWorker(): Worker {
    const worker = new Worker(workerUrl('./checkpoint.worker', import.meta.url), {
      workerData: this.options,
      resourceLimits: smallYoungGeneration,
    })
    worker.on('message', () => this.finish())
    // Without it the WAL grows, and nothing is lost: the next pass starts another.
    worker.on('error', () => {})
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = null
      this.running = false
    })
    worker.unref()
    return worker
  }

  private request(): void {
    if (this.running) return
    this.worker ??= this.startWorker()
    this.running = true
    this.worker.postMessage('checkpoint')
  }

  private finish(): void {
    this.running = false
    const { log, checkpointed } = this.pass('NOOP')
    if (log >= RESTART_PAGES && log > checkpointed) this.pass('PASSIVE')
  }

  /** Never throws: a checkpoint that fails leaves the WAL as it is, with all that was committed. */
  private pass(mode: 'NOOP' | 'PASSIVE' | 'TRUNCATE'): CheckpointPass {
    try {
      const [state] = this.store.pragma(`wal_checkpoint(${mode})`) as CheckpointPass[]
      return state ?? { busy: 1, log: 0, checkpointed: 0 }
    } catch {
      return { busy: 1, log: 0, checkpointed: 0 }
    }
  }
}
