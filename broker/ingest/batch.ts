import type { Gateway } from '#broker/auth/gateway.ts'
import {
  type ReadingBatch,
  ROW_WIDTH,
  type SeriesIntroduction,
  type UndatedMessage,
} from '#contract/model/reading-batch.ts'
import type { Series } from './series-book.ts'

const FIRST_ROWS = 64

/** Readings on their way to the historian, and what is to happen once they are on disk. */
export class Batch {
  readonly sequence: number
  state: 'open' | 'waiting' | 'sent' | 'committed' = 'open'
  /** Rows so far. */
  count = 0
  readonly gateways = new Set<Gateway>()
  readonly undated: UndatedMessage[] = []
  /** Called in order after the commit: acknowledgements. */
  readonly settled: (() => void)[] = []
  private rows = new Float64Array(FIRST_ROWS * ROW_WIDTH)
  private readonly texts: string[] = []
  private readonly series: Series[] = []

  constructor(sequence: number) {
    this.sequence = sequence
  }

  add(series: Series, ts: number, value: number | boolean | string, flags: number): void {
    if (series.batch !== this.sequence) {
      series.batch = this.sequence
      this.series.push(series)
    }
    const at = this.count * ROW_WIDTH
    if (at === this.rows.length) this.grow()
    this.rows[at] = series.handle
    this.rows[at + 1] = ts
    this.rows[at + 2] = typeof value === 'string' ? this.texts.push(value) - 1 : Number(value)
    this.rows[at + 3] = flags
    this.count += 1
  }

  /**
   * The batch as it is sent. The rows are a copy, for they are transferred and a failed commit needs them again.
   * Every series that is not known to be committed on this port is introduced, again if need be: the batch
   * that introduced it first may have failed.
   *
   * @param port number of the port, from 1
   */
  message(id: number, port: number): ReadingBatch {
    return {
      id,
      rows: this.rows.slice(0, this.count * ROW_WIDTH),
      texts: this.texts,
      introductions: this.series.filter((series) => series.introducedOn !== port).map(introduction),
      undated: this.undated,
    }
  }

  /** Its series need no introduction from now on. */
  introducedOn(port: number): void {
    for (const series of this.series) series.introducedOn = port
  }

  private grow(): void {
    const larger = new Float64Array(this.rows.length * 2)
    larger.set(this.rows)
    this.rows = larger
  }
}

function introduction({ handle, assignmentId, channel, kind, unit }: Series): SeriesIntroduction {
  return { handle, assignmentId, channel, kind, unit }
}
