import {
  packFlags,
  type ReadingBatch,
  ROW_WIDTH,
  type UndatedMessage,
} from '#contract/model/reading-batch.ts'
import { BucketReader } from '../reading/bucket-reader.ts'
import { cellSql, NUMBERS } from '../reading/cell-reader.ts'
import type { BucketQuery, BucketSeries, RawPage, RawQuery } from '../historian.ts'
import { HotRows } from '../ingest/hot-rows.ts'
import { HotScan } from '../reading/hot-scan.ts'
import { HotWriter } from '../ingest/hot-writer.ts'
import { IngestSender } from '../ingest/ingest-sender.ts'
import { RawReader } from '../reading/raw-reader.ts'
import { latestOf, recover } from '../ingest/recovery.ts'
import { REDELIVERY_WINDOW, Redeliveries } from '../ingest/redeliveries.ts'
import { SeriesRegistry } from '../ingest/series-registry.ts'
import { Settler } from '../ingest/settler.ts'
import { openStore, openStoreForReading, type Store } from '../ingest/store-file.ts'
import type { LatestSnapshot } from '../ingest/writer-protocol.ts'
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
  private raw!: RawReader
  private charts!: BucketReader

  constructor(dir: string) {
    this.dir = dir
  }

  open(): this {
    // What a killed process leaves behind is what SQLite has handed to the system: no fsync is needed here.
    this.store = openStore(this.dir, 'OFF')
    this.registry = new SeriesRegistry(this.store)
    const { hot, lastSeq } = recover(this.store)
    this.tail = hot
    const redeliveries = new Redeliveries(this.store, REDELIVERY_WINDOW, this.now)
    this.writer = new HotWriter(this.store, this.registry, redeliveries, lastSeq)
    this.settler = new Settler(this.store)
    this.reading = openStoreForReading(this.dir)
    const scan = new HotScan(this.reading)
    this.raw = new RawReader(this.reading, scan)
    this.charts = new BucketReader(this.reading, scan)
    return this
  }

  close(): void {
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
    return this.raw.page({ seriesId: this.seriesId(channel), ...query })
  }

  /** How SQLite would run a chart. */
  chartPlan(): string[] {
    const names = ['series', 'from', 'to', 'width', 'perBucket', 'cellWidth', 'first', 'count']
    const values = Object.fromEntries(names.map((name) => [name, 1n]))
    const plan = this.reading.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${cellSql(NUMBERS)}`)
    return plan.all(values).map(({ detail }) => detail)
  }

  /** `between` runs between two slices of the query. */
  buckets(channel: string, query: Omit<BucketQuery, 'seriesId'>, between = (): void => {}): BucketSeries {
    const work = this.charts.buckets({ seriesId: this.seriesId(channel), ...query })
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
