import { ExpectedError } from '#contract/errors.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'
import type { RetentionPolicy, StorageEvent, StorageReport } from '../historian.ts'
import type { Durability } from '../ingest/store-file.ts'
import { PendingCalls } from '../pending-calls.ts'
import { messageOf } from '../store-errors.ts'
import { type StartWorker, SupervisedWorker } from '../supervised-worker.ts'
import { fromWireError } from '../wire-error.ts'
import type { FoldSpan } from './fold-hour.ts'
import { FoldPolicy, keepForEver } from './fold-policy.ts'
import type { FolderOptions, FromFolder, ToFolder } from './fold-protocol.ts'
import type { FoldFailure, MonthsErased } from './fold-requests.ts'
import type { MonthName } from './month-file.ts'

interface FoldingOptions {
  dir: string
  durability: Durability
  start: StartWorker
  /** Resolves when the writer has made the store. */
  opened: Promise<unknown>
  /** Asks the writer to delete rows, and later `done(id)`. False while there is no writer. */
  forget: (id: number, spans: FoldSpan[]) => boolean
  /** Asks the reader to close a file, and later `done(id)`. False while there is no reader. */
  release: (id: number, name: MonthName) => boolean
  onEvent: (event: StorageEvent) => void
  onRestarted: (cause: string) => void
}

type Ready = Extract<FromFolder, { type: 'ready' }>

/** The folder's thread, and what is asked of it. */
export class FoldingThread {
  private readonly options: FoldingOptions
  private readonly worker: SupervisedWorker<FromFolder, Ready>
  private readonly folds = new PendingCalls<FoldFailure | null>()
  private readonly reports = new PendingCalls<StorageReport>()
  private readonly erasures = new PendingCalls<MonthsErased>()
  private retention: RetentionPolicy | null = null
  private tellsRetired = false
  private started: Promise<unknown> = Promise.resolve()
  private stopping = false
  /** Why it has not come up since `start`; null: it has. */
  private startFault: string | null = null

  constructor(options: FoldingOptions) {
    this.options = options
    const { dir, durability, start, opened } = options
    this.worker = new SupervisedWorker<FromFolder, Ready>({
      url: workerUrl('./fold.worker', import.meta.url),
      start,
      insistent: true,
      openAfter: opened,
      workerData: (): FolderOptions => ({
        dir,
        durability,
        retention: this.retention,
        tellRetired: this.tellsRetired,
      }),
      isReady: (message) => message.type === 'ready',
      onMessage: (message) => this.receive(message),
      onDown: (cause) => this.rejectAll(new ExpectedError('store_failed', { cause })),
      onUp: (_, cause) => {
        this.isUp()
        options.onRestarted(cause)
      },
    })
  }

  /** Nothing waits for it: readings are taken and read without it. */
  start(): void {
    this.stopping = false
    this.startFault = null
    this.started = this.worker.start().then(
      () => this.isUp(),
      (error: unknown) => {
        if (this.stopping) return
        this.startFault = messageOf(error)
        this.options.onEvent({ type: 'foldFailed', code: 'store_failed', cause: this.startFault })
      },
    )
  }

  async stop(): Promise<void> {
    this.stopping = true
    this.rejectAll(new ExpectedError('site_stopping'))
    await this.worker.stop({ type: 'stop' } satisfies ToFolder)
  }

  setRetention(policy: RetentionPolicy): void {
    this.retention = policy
    this.post({ type: 'retention', policy })
  }

  keptFrom(seriesId: number, now: number): number | null {
    return new FoldPolicy(this.retention ?? keepForEver).keptFrom(seriesId, now)
  }

  tellRetired(on: boolean): void {
    this.tellsRetired = on
    this.post({ type: 'tellRetired', on })
  }

  /** @throws ExpectedError `disk_full`, `store_failed` */
  async fold(): Promise<void> {
    await this.started
    const failure = await this.folds.open((id) => this.mustPost({ type: 'fold', id }))
    if (failure !== null) throw errorOf(failure)
  }

  /** @returns files that were set aside @throws ExpectedError `disk_full`, `store_failed`: ask again */
  async erase(series: number[]): Promise<string[]> {
    await this.started
    const { failure, setAside } = await this.erasures.open((id) =>
      this.mustPost({ type: 'erase', id, series }),
    )
    if (failure !== null) throw errorOf(failure)
    return setAside
  }

  async storage(): Promise<StorageReport> {
    await this.started
    return await this.reports.open((id) => this.mustPost({ type: 'storage', id }))
  }

  /** What was asked by `forget` or `release` is done. */
  done(id: number): void {
    this.post({ type: 'done', id })
  }

  /** The writer or the reader has died, and whatever it was asked. */
  aborted(): void {
    this.post({ type: 'aborted' })
  }

  private isUp(): void {
    // What was set while it came up did not reach it.
    if (this.retention) this.post({ type: 'retention', policy: this.retention })
    this.post({ type: 'tellRetired', on: this.tellsRetired })
    if (this.startFault === null) return
    this.startFault = null
    this.options.onEvent({ type: 'foldRecovered' })
  }

  private receive(message: FromFolder): void {
    const { forget, release, onEvent } = this.options
    switch (message.type) {
      case 'forget':
        if (!forget(message.id, message.spans)) this.aborted()
        return
      case 'release':
        if (!release(message.id, message.name)) this.aborted()
        return
      case 'folded':
        return this.folds.resolve(message.id, message.failure)
      case 'erased':
        return this.erasures.resolve(message.id, message.outcome)
      case 'storage':
        return this.reports.resolve(message.id, message.report)
      case 'refused':
        return this.reports.reject(message.id, fromWireError(message.error))
      case 'event':
        return onEvent(message.event)
      case 'ready':
      case 'failed':
        return
    }
  }

  private post(message: ToFolder): boolean {
    return this.worker.post(message)
  }

  private mustPost(message: ToFolder): void {
    if (this.post(message)) return
    throw new ExpectedError('store_failed', { cause: this.startFault ?? 'its thread is being restarted' })
  }

  private rejectAll(error: ExpectedError): void {
    this.folds.rejectAll(error)
    this.reports.rejectAll(error)
    this.erasures.rejectAll(error)
  }
}

function errorOf({ code, cause }: FoldFailure): ExpectedError {
  return new ExpectedError(code, code === 'store_failed' ? { cause } : {})
}
