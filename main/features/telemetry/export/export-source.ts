import type { ReadingColumns } from '#platform/historian/blocks/reading-columns.ts'
import type { BucketSeries, ColumnsPage, Historian, TimeSpan } from '#platform/historian/historian.ts'
import type { ExportTask } from './export-task.ts'

/** Where an export takes its readings from, channel by channel (numbered as in the task), oldest first. */
export interface ExportSource {
  /** The next readings of a channel; null at its end. */
  next(channel: number): Promise<ReadingColumns | null>
  /** Sums of the spans between `edges`, in the order of `channels`. */
  buckets(channels: number[], edges: number[]): Promise<BucketSeries[]>
}

/** A damaged part of a channel: what is in it is not in the file. */
export interface DamagedPart extends TimeSpan {
  gateway: string
  channel: string
}

const MOST_DAMAGED = 100

/** The store as a source. Reads a page ahead, so that reading and writing overlap. */
export class HistorianSource implements ExportSource {
  readonly #historian: Pick<Historian, 'columns' | 'buckets'>
  readonly #task: ExportTask
  readonly #signal: AbortSignal
  readonly #ahead = new Map<number, Promise<ColumnsPage | null>>()
  /** The first hundred. */
  readonly damaged: DamagedPart[] = []

  constructor(historian: Pick<Historian, 'columns' | 'buckets'>, task: ExportTask, signal: AbortSignal) {
    this.#historian = historian
    this.#task = task
    this.#signal = signal
  }

  async next(channel: number): Promise<ReadingColumns | null> {
    while (true) {
      const page = await (this.#ahead.get(channel) ?? this.#read(channel, null))
      if (page === null) return null
      const { columns, next, damaged } = page
      this.#note(channel, damaged)
      const ahead = next === null ? Promise.resolve(null) : this.#read(channel, next)
      // Whoever asks for it hears of its failure; nobody may ask, when something else failed first.
      ahead.catch(() => {})
      this.#ahead.set(channel, ahead)
      if (columns.count > 0) return columns
    }
  }

  async buckets(channels: number[], edges: number[]): Promise<BucketSeries[]> {
    const seriesIds = channels.map((channel) => this.#seriesId(channel))
    const answers = await this.#historian.buckets({ seriesIds, edges }, this.#signal)
    channels.forEach((channel, index) => this.#note(channel, answers[index]?.damaged ?? []))
    return answers
  }

  #read(channel: number, after: number | null): Promise<ColumnsPage> {
    const { from, to } = this.#task
    const query = { seriesId: this.#seriesId(channel), from, to }
    return this.#historian.columns(after === null ? query : { ...query, after }, this.#signal)
  }

  #seriesId(channel: number): number {
    return this.#task.channels[channel]?.seriesId ?? -1
  }

  #note(channel: number, damaged: TimeSpan[]): void {
    const { gateway = '', key = '' } = this.#task.channels[channel] ?? {}
    for (const { from, to } of damaged)
      if (this.damaged.length < MOST_DAMAGED) this.damaged.push({ gateway, channel: key, from, to })
  }
}
