import { type Transferable, Worker } from 'node:worker_threads'
import { ExpectedError } from '#contract/errors.ts'
import { smallYoungGeneration } from '#platform/threads/worker-limits.ts'
import { messageOf } from './store-errors.ts'
import { fromWireError, type WireError } from './wire-error.ts'

/** Replaced in tests, which end workers from outside. */
export type StartWorker = (url: URL, workerData: unknown) => Worker

export const startWorker: StartWorker = (url, workerData) =>
  new Worker(url, { workerData, resourceLimits: smallYoungGeneration })

export interface SupervisedOptions<Message, Ready extends Message> {
  url: URL
  start: StartWorker
  /** Goes on trying after a first start that failed, too. `start` throws then all the same. */
  insistent?: boolean
  /** Started at once, so that threads come up side by side, but told `open` only after this. */
  openAfter?: Promise<unknown>
  /** Asked at each start. */
  workerData: () => unknown
  isReady: (message: Message) => message is Ready
  /** Every message after the first. */
  onMessage: (message: Message) => void
  /** It died; whatever it was doing is lost. */
  onDown: (cause: string) => void
  /** Another took over. */
  onUp: (ready: Ready, cause: string) => void
}

type Reply = { type: string; error?: WireError }

/** ms before each attempt to start a worker anew; the last one repeats. */
const BACK_OFF = [0, 100, 500, 2_000, 5_000]

/**
 * A worker thread that is started again when it dies. It speaks first: `ready`, or `failed` with an error that
 * `start` throws.
 */
export class SupervisedWorker<Message extends { type: string }, Ready extends Message> {
  private readonly options: SupervisedOptions<Message, Ready>
  /** Ready to take messages. */
  private worker: Worker | null = null
  private launched: Worker | null = null
  /** Settled once the worker that is being started is ready or has failed. */
  private opening: Promise<unknown> = Promise.resolve()
  private stopping = false
  private retry: NodeJS.Timeout | null = null
  private exited: Promise<void> = Promise.resolve()

  constructor(options: SupervisedOptions<Message, Ready>) {
    this.options = options
  }

  async start(): Promise<Ready> {
    this.stopping = false
    try {
      return await this.launch()
    } catch (error) {
      if (this.options.insistent && !this.stopping) this.relaunch(messageOf(error), 1)
      throw error
    }
  }

  /** False while there is no worker to take it. */
  post(message: unknown, transfer: readonly Transferable[] = []): boolean {
    this.worker?.postMessage(message, transfer)
    return this.worker !== null
  }

  /** Lets the worker end by itself after `farewell`, or ends it. */
  async stop(farewell?: Message | { type: string }): Promise<void> {
    this.stopping = true
    if (this.retry) clearTimeout(this.retry)
    // A thread that is ended while it loads a native module takes the process with it.
    await this.opening
    if (farewell && this.worker) this.worker.postMessage(farewell)
    else await this.launched?.terminate()
    await this.exited
  }

  private launch(): Promise<Ready> {
    const { options } = this
    const worker = options.start(options.url, options.workerData())
    this.launched = worker
    const ready = this.readyOf(worker)
    const opening = ready.catch(() => {})
    if (!options.openAfter) this.opening = opening
    const open = (): void => {
      worker.postMessage({ type: 'open' })
      if (this.launched === worker) this.opening = opening
    }
    options.openAfter?.then(open, () => {})
    return ready
  }

  private readyOf(worker: Worker): Promise<Ready> {
    const { options } = this
    return new Promise<Ready>((resolve, reject) => {
      let up = false
      let cause = ''
      worker.on('error', (error) => {
        cause = error instanceof Error ? error.message : String(error)
      })
      worker.on('message', (message: Message) => {
        if (up) options.onMessage(message)
        else if (options.isReady(message)) {
          up = true
          this.worker = worker
          resolve(message)
        } else {
          const { error } = message as Reply
          reject(error ? fromWireError(error) : new Error(`unexpected first message ${message.type}`))
          void worker.terminate()
        }
      })
      this.exited = new Promise((exited) => {
        worker.on('exit', (code) => {
          const why = cause || `it ended with code ${code}`
          if (this.worker === worker) this.worker = null
          reject(new Error(why))
          if (up && !this.stopping) {
            options.onDown(why)
            this.relaunch(why, 0)
          }
          exited()
        })
      })
    })
  }

  private relaunch(cause: string, attempt: number): void {
    const wait = BACK_OFF[Math.min(attempt, BACK_OFF.length - 1)]
    this.retry = setTimeout(() => {
      this.launch().then(
        (ready) => this.options.onUp(ready, cause),
        () => {
          if (!this.stopping) this.relaunch(cause, attempt + 1)
        },
      )
    }, wait)
  }
}

/** What is asked of a thread while another takes over. */
export function storeDown(): ExpectedError {
  return new ExpectedError('store_failed', { cause: 'its thread is being restarted' })
}
