import type { History } from '../store/shapes.ts'

/** Another store that holds the same readings as rows of (series, ts, value). */
export interface RowsPeer {
  /** As in a figure's name: `sqlite`, `duckdb`, `postgres`. */
  name: string
  /** What it is, with its version and how its table is laid out. */
  what: string
  /** @returns seconds */
  load(history: History, csv: string): Promise<number>
  /** On the disk, with its indexes. */
  bytes(): Promise<number>
  /** Count, min, max, average and sum of each bucket that holds readings; how many there are. */
  chart(range: { series: number; from: number; to: number; width: number }): Promise<number>
  /** The newest reading of each series; how many there are. */
  latest(): Promise<number>
  /** Every reading as CSV with ISO times. */
  exportCsv(file: string): Promise<void>
  stop(): Promise<void>
}
