import { setTimeout as sleep } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'
import { ExpectedError } from '#contract/errors.ts'
import { type CommittedBatch, ROW_WIDTH, type SeriesInfo } from '#contract/model/reading-batch.ts'
import { Topic } from '#platform/events/topic.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'
import type { ChangedQuery, CountQuery, SincePage, SinceQuery, TailPage, TailQuery } from './changes.ts'
import type {
  AppendedReading,
  BucketQuery,
  BucketSeries,
  ColumnsPage,
  ColumnsQuery,
  Correction,
  CorrectionQuery,
  Erasure,
  Gap,
  GapQuery,
  Historian,
  HistorianStats,
  Increase,
  IncreaseQuery,
  LatestReading,
  Neighbours,
  RawPage,
  RawQuery,
  RetentionPolicy,
  StateQuery,
  StateSpan,
  StorageEvent,
  StorageReport,
} from './historian.ts'
import { BulkAppend, ingestChannel } from './ingest/bulk-append.ts'
import type { ErasedReadings } from './ingest/eraser.ts'
import { LatestValues } from './ingest/latest-values.ts'
import { REDELIVERY_WINDOW } from './ingest/redeliveries.ts'
import type { Durability } from './ingest/store-file.ts'
import type { FromWriter, WriterOptions } from './ingest/writer-protocol.ts'
import { FoldingThread } from './months/folding-thread.ts'
import { PendingCalls } from './pending-calls.ts'
import {
  checkBuckets,
  checkChanged,
  checkColumns,
  checkCorrections,
  checkCountQuery,
  checkGaps,
  checkIncreases,
  checkNeighbours,
  checkRaw,
  checkSince,
  checkStates,
  checkTail,
} from './reading/query-limits.ts'
import type {
  FromReader,
  QueryKind,
  ReaderAnswer,
  ReaderOptions,
  ReaderQueries,
} from './reading/reader-protocol.ts'
import { type StartWorker, SupervisedWorker, startWorker, storeDown } from './supervised-worker.ts'
import { fromWireError } from './wire-error.ts'

export interface HistorianOptions {
  /** Folder of the store; made if it is not there. */
  dir: string
}

/** For tests only: nothing here may be reachable from a setting, a flag or the environment. */
export interface HistorianTesting {
  durability?: Durability
  runRows?: number
  maxPages?: number
  redeliveryWindow?: number
  startWorker?: StartWorker
}

type WriterReady = Extract<FromWriter, { type: 'ready' }>
type ReaderReady = Extract<FromReader, { type: 'ready' }>

/** The store behind `Historian`; see docs/adr/0002-historian-format.md. */
export function createHistorian(options: HistorianOptions, testing: HistorianTesting = {}): Historian {
  return new WorkerHistorian(options, testing)
}

class WorkerHistorian implements Historian {
  private readonly writer: SupervisedWorker<FromWriter, WriterReady>
  private readonly reader: SupervisedWorker<FromReader, ReaderReady>
  private readonly folder: FoldingThread
  private readonly committed = new Topic<CommittedBatch>()
  private readonly restarted = new Topic<{ worker: 'writer' | 'reader' | 'folder'; cause: string }>()
  private readonly storageEvents = new Topic<StorageEvent>()
  private readonly statsCalls = new PendingCalls<HistorianStats>()
  private readonly erasures = new PendingCalls<number[]>()
  private readonly writerCalls = [this.statsCalls, this.erasures]
  private readonly queries = new PendingCalls<ReaderAnswer>()
  private readonly latestValues = new LatestValues()
  private readonly known = new Map<number, SeriesInfo>()
  private readonly bulk = new BulkAppend(() => this.openIngest())
  /** Ports that wait for a writer. */
  private waiting: MessagePort[] = []
  private readonly opened = Promise.withResolvers<void>()
  private announcedSeq: number | null = null
  /** Given to a writer that takes over, too. */
  private aboveSeq = 0
  private running = false

  constructor({ dir }: HistorianOptions, testing: HistorianTesting) {
    const start = testing.startWorker ?? startWorker
    this.writer = new SupervisedWorker<FromWriter, WriterReady>({
      url: workerUrl('./ingest/writer.worker', import.meta.url),
      start,
      workerData: (): WriterOptions => ({
        dir,
        durability: testing.durability ?? 'FULL',
        redeliveryWindow: testing.redeliveryWindow ?? REDELIVERY_WINDOW,
        runRows: testing.runRows ?? null,
        maxPages: testing.maxPages ?? null,
        announcedSeq: this.announcedSeq,
        aboveSeq: this.aboveSeq,
      }),
      isReady: (message) => message.type === 'ready',
      onMessage: (message) => this.fromWriter(message),
      onDown: (cause) => {
        this.folder.aborted()
        for (const calls of this.writerCalls) calls.rejectAll(new ExpectedError('store_failed', { cause }))
      },
      onUp: (ready, cause) => {
        this.writerIsUp(ready)
        this.restarted.emit({ worker: 'writer', cause })
      },
    })
    this.reader = new SupervisedWorker<FromReader, ReaderReady>({
      url: workerUrl('./reading/reader.worker', import.meta.url),
      start,
      openAfter: this.opened.promise,
      workerData: (): ReaderOptions => ({ dir }),
      isReady: (message) => message.type === 'ready',
      onMessage: (message) => this.fromReader(message),
      onDown: (cause) => {
        this.folder.aborted()
        this.queries.rejectAll(new ExpectedError('store_failed', { cause }))
      },
      onUp: (_, cause) => this.restarted.emit({ worker: 'reader', cause }),
    })
    this.folder = new FoldingThread({
      dir,
      durability: testing.durability ?? 'FULL',
      start,
      opened: this.opened.promise,
      forget: (id, spans) => this.writer.post({ type: 'forget', id, spans }),
      release: (id, month) => this.reader.post({ type: 'release', id, month }),
      onEvent: (event) => this.storageEvents.emit(event),
      onRestarted: (cause) => this.restarted.emit({ worker: 'folder', cause }),
    })
  }

  async start(): Promise<void> {
    const reading = this.reader.start()
    reading.catch(() => {})
    this.folder.start()
    let ready: WriterReady
    try {
      ready = await this.writer.start()
      this.opened.resolve()
      await reading
    } catch (error) {
      await this.folder.stop()
      await this.reader.stop()
      await this.writer.stop({ type: 'stop' })
      throw error
    }
    this.running = true
    this.announcedSeq = ready.lastSeq
    // Only now: a series that is new after a restart of the writer is told of with its first rows.
    for (const series of ready.series) this.known.set(series.seriesId, series)
    this.writerIsUp(ready)
  }

  async skipTo(seq: number): Promise<number> {
    const { lastSeq } = await this.stats()
    this.aboveSeq = Math.max(this.aboveSeq, seq)
    this.writer.post({ type: 'skip', seq })
    return lastSeq
  }

  async stop(): Promise<void> {
    this.running = false
    this.queries.rejectAll(new ExpectedError('site_stopping'))
    // The writer last: with the others gone the WAL can be emptied.
    await this.folder.stop()
    await this.reader.stop()
    await this.writer.stop({ type: 'stop' })
    for (const calls of this.writerCalls) calls.rejectAll(new ExpectedError('site_stopping'))
    this.bulk.close()
    for (const port of this.waiting.splice(0)) port.close()
  }

  openIngest(): MessagePort {
    const { near, far } = ingestChannel()
    if (!this.writer.post({ type: 'ingest', port: far }, [far])) this.waiting.push(far)
    return near
  }

  async append(readings: AppendedReading[]): Promise<void> {
    this.mustRun()
    await this.bulk.append(readings)
    // Comes back behind the announcements on the same channel: what was appended now shows in `latest` too.
    await this.stats()
  }

  onCommitted(listener: (batch: CommittedBatch) => void): void {
    this.committed.subscribe(listener)
  }

  onRestarted(listener: (worker: 'writer' | 'reader' | 'folder', cause: string) => void): void {
    this.restarted.subscribe(({ worker, cause }) => listener(worker, cause))
  }

  async series(): Promise<SeriesInfo[]> {
    return [...this.known.values()]
  }

  async latest(seriesIds: number[] = this.latestValues.ids()): Promise<LatestReading[]> {
    return seriesIds.map((id) => this.latestValues.get(id)).filter((reading) => reading !== null)
  }

  async raw(query: RawQuery, signal?: AbortSignal): Promise<RawPage> {
    checkRaw(query)
    return await this.ask('raw', query, signal)
  }

  async columns(query: ColumnsQuery, signal?: AbortSignal): Promise<ColumnsPage> {
    checkColumns(query)
    return await this.ask('columns', query, signal)
  }

  async buckets(query: BucketQuery, signal?: AbortSignal): Promise<BucketSeries[]> {
    checkBuckets(query)
    return await this.ask('buckets', query, signal)
  }

  async states(query: StateQuery, signal?: AbortSignal): Promise<StateSpan[]> {
    checkStates(query)
    return await this.ask('states', query, signal)
  }

  async increases(query: IncreaseQuery, signal?: AbortSignal): Promise<Increase[]> {
    checkIncreases(query)
    return await this.ask('increases', query, signal)
  }

  async neighbours(seriesId: number, ts: number, signal?: AbortSignal): Promise<Neighbours> {
    checkNeighbours(ts)
    return await this.ask('neighbours', { seriesId, ts }, signal)
  }

  async gaps(query: GapQuery, signal?: AbortSignal): Promise<Gap[]> {
    checkGaps(query)
    return await this.ask('gaps', query, signal)
  }

  async corrections(query: CorrectionQuery, signal?: AbortSignal): Promise<Correction[]> {
    checkCorrections(query)
    return await this.ask('corrections', query, signal)
  }

  async tail({ signal, ...query }: TailQuery): Promise<TailPage> {
    checkTail(query)
    return await this.ask('tail', query, signal)
  }

  async since(query: SinceQuery, signal?: AbortSignal): Promise<SincePage> {
    checkSince(query)
    return await this.askPatiently('since', query, signal)
  }

  async changed(query: ChangedQuery, signal?: AbortSignal): Promise<number[]> {
    checkChanged(query)
    return await this.askPatiently('changed', query, signal)
  }

  async count(query: CountQuery, signal?: AbortSignal): Promise<number[]> {
    checkCountQuery(query)
    return await this.ask('count', query, signal)
  }

  setRetention(policy: RetentionPolicy): void {
    this.folder.setRetention(policy)
  }

  keptFrom(seriesId: number, now: number): number | null {
    return this.folder.keptFrom(seriesId, now)
  }

  async fold(): Promise<void> {
    this.mustRun()
    await this.folder.fold()
  }

  async storage(): Promise<StorageReport> {
    this.mustRun()
    return await this.folder.storage()
  }

  onStorageEvent(listener: (event: StorageEvent) => void): void {
    this.storageEvents.subscribe(listener)
  }

  async eraseSeries(readings: ErasedReadings): Promise<Erasure> {
    this.mustRun()
    // The writer first: what is not there any more is not folded again.
    const series = await this.erasures.open((id) => {
      if (!this.writer.post({ type: 'erase', id, readings })) throw storeDown()
    })
    for (const id of series) {
      this.known.delete(id)
      this.latestValues.remove(id)
    }
    return { series: series.length, setAside: await this.folder.erase(series) }
  }

  tellRetired(on: boolean): void {
    this.folder.tellRetired(on)
  }

  async stats(): Promise<HistorianStats> {
    this.mustRun()
    return await this.statsCalls.open((id) => {
      if (!this.writer.post({ type: 'stats', id })) throw storeDown()
    })
  }

  private async ask<Kind extends QueryKind>(
    kind: Kind,
    query: ReaderQueries[Kind]['query'],
    signal?: AbortSignal,
  ): Promise<ReaderQueries[Kind]['answer']> {
    this.mustRun()
    signal?.throwIfAborted()
    let cancel = (): void => {}
    const answer = this.queries.open((id) => {
      if (!this.reader.post({ type: 'query', id, kind, query })) throw storeDown()
      cancel = () => {
        this.reader.post({ type: 'cancel', id })
        this.queries.reject(id, signal?.reason)
      }
    })
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await answer
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Asks again, each 50 ms, while a month file that it needs is being replaced, which takes some seconds at the most. */
  private async askPatiently<Kind extends 'since' | 'changed'>(
    kind: Kind,
    query: ReaderQueries[Kind]['query'],
    signal?: AbortSignal,
  ): Promise<NonNullable<ReaderQueries[Kind]['answer']>> {
    for (;;) {
      const answer = await this.ask(kind, query, signal)
      if (answer !== null) return answer
      await sleep(50)
    }
  }

  private writerIsUp(ready: WriterReady): void {
    this.latestValues.load(ready.latest)
    for (const far of this.waiting.splice(0)) this.writer.post({ type: 'ingest', port: far }, [far])
  }

  private fromWriter(message: FromWriter): void {
    if (message.type === 'stats') return this.statsCalls.resolve(message.id, message.stats)
    if (message.type === 'forgotten') return this.folder.done(message.id)
    if (message.type === 'erased') return this.erasures.resolve(message.id, message.series)
    if (message.type === 'refused') return this.erasures.reject(message.id, fromWireError(message.error))
    if (message.type !== 'committed') return
    const { batch } = message
    const newSeries = batch.newSeries.filter(({ seriesId }) => !this.known.has(seriesId))
    for (const series of newSeries) this.known.set(series.seriesId, series)
    this.latestValues.add(batch)
    this.announcedSeq = batch.firstSeq + batch.rows.length / ROW_WIDTH - 1
    this.committed.emit({ ...batch, newSeries })
  }

  private fromReader(message: FromReader): void {
    if (message.type === 'answer') this.queries.resolve(message.id, message.answer)
    else if (message.type === 'refused') this.queries.reject(message.id, fromWireError(message.error))
    else if (message.type === 'released') this.folder.done(message.id)
    else if (message.type === 'damaged') this.storageEvents.emit({ ...message, type: 'blockDamaged' })
  }

  private mustRun(): void {
    if (!this.running) throw new ExpectedError('site_stopping')
  }
}
