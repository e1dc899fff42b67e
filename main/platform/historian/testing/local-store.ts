import {
  packFlags,
  type ReadingBatch,
  ROW_WIDTH,
  type UndatedMessage,
} from '#contract/model/reading-batch.ts'
import type { BucketSeries, RawPage, RawQuery, RetentionPolicy, Spans, StorageEvent } from '../historian.ts'
import { Eraser } from '../ingest/eraser.ts'
import { Forgetter } from '../ingest/forgetter.ts'
import { HotRows } from '../ingest/hot-rows.ts'
import { HotWriter } from '../ingest/hot-writer.ts'
import { IngestSender } from '../ingest/ingest-sender.ts'
import { latestOf, recover } from '../ingest/recovery.ts'
import { REDELIVERY_WINDOW, Redeliveries } from '../ingest/redeliveries.ts'
import { SeriesRegistry } from '../ingest/series-registry.ts'
import { Settler } from '../ingest/settler.ts'
import { openStore, openStoreForReading, type Store } from '../ingest/store-file.ts'
import type { LatestSnapshot } from '../ingest/writer-protocol.ts'
import type { FoldSpan } from '../months/fold-hour.ts'
import { type FoldFailure, type FoldStep, RoundAborted } from '../months/fold-requests.ts'
import { Folder } from '../months/folder.ts'
import type { MonthName } from '../months/month-file.ts'
import { MonthFiles } from '../months/month-files.ts'
import { tidyMonths } from '../months/month-parts.ts'
import { SettledRows } from '../months/settled-rows.ts'
import type { DamageNotice } from '../reading/damage.ts'
import type { QueryKind, ReaderQueries, ReaderQuery } from '../reading/reader-protocol.ts'
import { StoreReader } from '../reading/store-reader.ts'
import type { ModelRow } from './store-model.ts'

/** The parts of the store without their threads, so that a test decides what happens when. */
export class LocalStore {
  readonly dir: string
  store!: Store
  now = 1_790_000_000_000
  private reading!: Store
  private registry!: SeriesRegistry
  private writer!: HotWriter
  private settler!: Settler
  private tail!: HotRows
  /** What folding told. */
  readonly events: StorageEvent[] = []
  private readonly ever = new Map<string, number>()
  private readonly retention: RetentionPolicy[] = []
  private forgetter!: Forgetter
  private folding!: Store
  files!: MonthFiles
  folder!: Folder
  private step: (step: FoldStep) => void = () => {}
  private reader!: StoreReader
  /** What queries could not read. */
  readonly damaged: DamageNotice[] = []
  /** ms of a slice of a query: 0 makes as many as there can be. */
  sliceTime = 0

  constructor(dir: string) {
    this.dir = dir
  }

  open(): this {
    // What a killed process leaves behind is what SQLite has handed to the system: no fsync is needed here.
    this.store = openStore(this.dir, 'OFF')
    this.registry = new SeriesRegistry(this.store)
    const { tail, lastSeq } = recover(this.store)
    this.tail = tail
    const redeliveries = new Redeliveries(this.store, REDELIVERY_WINDOW, this.now)
    this.writer = new HotWriter(this.store, this.registry, redeliveries, lastSeq)
    this.settler = new Settler(this.store, this.registry.erased)
    this.reading = openStoreForReading(this.dir)
    this.reader = new StoreReader({
      dir: this.dir,
      store: this.reading,
      now: () => this.now,
      onDamaged: (notice) => this.damaged.push(notice),
      sliceTime: this.sliceTime,
    })
    this.openFolder()
    return this
  }

  private openFolder(): void {
    tidyMonths(this.dir)
    this.forgetter = new Forgetter(this.store)
    this.folding = openStoreForReading(this.dir)
    this.files = new MonthFiles(this.dir, 'OFF')
    const clock = { now: () => this.now }
    this.folder = new Folder({
      dir: this.dir,
      source: new SettledRows(this.folding),
      files: this.files,
      clock,
      retentionClock: clock,
      onEvent: (event) => this.events.push(event),
      onStep: (step) => this.step(step),
    })
    for (const policy of this.retention) this.folder.setRetention(policy)
  }

  setRetention(policy: RetentionPolicy): void {
    this.retention.splice(0, 1, policy)
    this.folder.setRetention(policy)
  }

  /**
   * A whole round of folding and retention; returns its failure. `step` is called at each step: where it throws `RoundAborted`, all is
   * left as it is then, as by a kill (`restart` and go on).
   */
  fold(step?: (step: FoldStep | 'forgetting') => void, thorough = true): FoldFailure | null {
    this.step = step ?? (() => {})
    const slice = step ? 7 : 10_000
    const round = this.folder.round(thorough)
    try {
      for (let next = round.next(); ; next = round.next()) {
        if (next.done) return next.value
        if (next.value.type === 'forget') this.forget(next.value.spans, slice, step)
      }
    } catch (error) {
      if (!(error instanceof RoundAborted)) throw error
      return null
    } finally {
      round.return(null)
      this.step = () => {}
    }
  }

  /**
   * Erases channels, in the smallest slices where `step` is given. Where it throws, all is left as it is then, as by a
   * kill (`restart`, and erase the same once more).
   */
  erase(channels: string[], step?: (step: FoldStep | 'erasing') => void): void {
    const slice = step ? 7 : 10_000
    let gone: number[] | null = null
    const emptyWal = (): boolean => {
      const [state] = this.store.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      return state?.busy === 0
    }
    const eraser = new Eraser(this.store, this.registry, emptyWal)
    const seriesIds = channels.map((channel) => this.seriesIdEver(channel))
    eraser.add({ seriesIds, assignmentIds: [], gatewayIds: ['gateway'] }, this.lastSeq, (series) => {
      gone = series
    })
    while (gone === null) {
      eraser.erase(slice)
      step?.('erasing')
    }
    this.step = step ?? (() => {})
    try {
      const round = this.folder.erase(new Set<number>(gone))
      for (let next = round.next(); ; next = round.next()) {
        if (next.done) {
          if (next.value.failure) throw new Error(next.value.failure.cause)
          return
        }
        if (next.value.type === 'release') this.release(next.value.name)
      }
    } finally {
      this.step = () => {}
    }
  }

  /** Also of one that was erased. */
  seriesIdEver(channel: string): number {
    const id = this.seriesId(channel) || (this.ever.get(channel) ?? 0)
    this.ever.set(channel, id)
    return id
  }

  private forget(spans: FoldSpan[], slice: number, step?: (step: 'forgetting') => void): void {
    let done = false
    this.forgetter.add(spans, () => {
      done = true
    })
    while (!done) {
      this.forgetter.forget(slice)
      step?.('forgetting')
    }
  }

  close(): void {
    this.files.closeAll()
    this.folding.close()
    this.reader.close()
    this.reading.close()
    this.store.close()
  }

  /** Forgets everything in memory, as a kill does. */
  restart(): void {
    this.close()
    this.open()
  }

  get lastSeq(): number {
    return this.writer.lastSeq
  }

  write(rows: ModelRow[], undated: UndatedMessage[] = []): number {
    const batch = batchOf(rows, undated)
    const sender = new IngestSender()
    sender.introduce(batch, this.registry)
    const fault = sender.faultOf(batch)
    if (fault) throw new Error(fault)
    return this.writer.commit([{ sender, batch }], this.tail, this.now).rows.length / ROW_WIDTH
  }

  /** One slice; a new run begins when none is in work. */
  settle(rows: number): void {
    if (!this.settler.working) {
      if (this.tail.count === 0) return
      this.settler.start(this.tail)
      this.tail = new HotRows()
    }
    this.settler.settle(rows)
  }

  settleAll(): void {
    do this.settle(1_000)
    while (this.settler.working || this.tail.count > 0)
  }

  seriesId(channel: string): number {
    return this.registry.all().find((series) => series.channel === channel)?.seriesId ?? 0
  }

  latest(): LatestSnapshot {
    return latestOf(this.store, recover(this.store).hot)
  }

  page(channel: string, query: Omit<RawQuery, 'seriesId'>): RawPage {
    return this.ask('raw', { seriesId: this.seriesId(channel), ...query })
  }

  buckets(channel: string, spans: Spans, between = (): void => {}): BucketSeries {
    const [series] = this.ask('buckets', { seriesIds: [this.seriesId(channel)], ...spans }, between)
    if (!series) throw new Error('no answer')
    return series
  }

  /** As the reader is told before a file goes. */
  release(month: MonthName): void {
    this.reader.release(month)
  }

  /** `between` runs between two slices of the query. */
  ask<Kind extends QueryKind>(
    kind: Kind,
    query: ReaderQueries[Kind]['query'],
    between = (): void => {},
  ): ReaderQueries[Kind]['answer'] {
    const work = this.reader.answer({ kind, query } as ReaderQuery)
    for (;;) {
      const step = work.next()
      if (step.done) return step.value
      between()
    }
  }
}

/** Rows of one assignment as a batch that introduces every channel it names. */
export function batchOf(rows: ModelRow[], undated: UndatedMessage[] = [], id = 1): ReadingBatch {
  const batch: ReadingBatch = {
    id,
    rows: new Float64Array(rows.length * ROW_WIDTH),
    texts: [],
    introductions: [],
    undated,
  }
  const handles = new Map<string, number>()
  rows.forEach(({ channel, kind, ts, value, quality }, row) => {
    const handle = handles.get(channel) ?? handles.size
    if (!handles.has(channel)) {
      handles.set(channel, handle)
      batch.introductions.push({ handle, assignmentId: 'assignment', channel, kind, unit: null })
    }
    const stored = typeof value === 'string' ? batch.texts.push(value) - 1 : Number(value)
    batch.rows.set([handle, ts, stored, packFlags(kind, quality)], row * ROW_WIDTH)
  })
  return batch
}
