import type { BucketQuery } from '../historian.ts'

/**
 * A cell is what one step of a query reads at most: a bucket, or an equal part of one. A series has at most one
 * reading in a millisecond, so this bounds a step even for a bucket of years: at 1 kHz some 40 ms.
 */
const CELL_TIME_MAX = 300_000

/** How [from, to) is cut into buckets of whole milliseconds, and those into cells. */
export interface CellGrid {
  from: number
  to: number
  width: number
  perBucket: number
  cellWidth: number
  cells: number
}

export function cellGrid({ from, to, count }: Pick<BucketQuery, 'from' | 'to' | 'count'>): CellGrid {
  const width = Math.max(1, Math.ceil((to - from) / count))
  const perBucket = Math.ceil(width / CELL_TIME_MAX)
  const buckets = Math.ceil((to - from) / width)
  return { from, to, width, perBucket, cellWidth: Math.ceil(width / perBucket), cells: buckets * perBucket }
}

/** The cell that holds `ts`. */
export function cellOf(grid: CellGrid, ts: number): number {
  const bucket = Math.floor((ts - grid.from) / grid.width)
  const inBucket = ts - grid.from - bucket * grid.width
  return bucket * grid.perBucket + Math.floor(inBucket / grid.cellWidth)
}

/** `start` inclusive, `end` exclusive; the last cell of a bucket may be shorter, or even empty. */
export function cellRange(grid: CellGrid, cell: number): { start: number; end: number } {
  const bucket = Math.floor(cell / grid.perBucket)
  const bucketStart = grid.from + bucket * grid.width
  const bucketEnd = Math.min(grid.to, bucketStart + grid.width)
  const start = Math.min(bucketEnd, bucketStart + (cell % grid.perBucket) * grid.cellWidth)
  return { start, end: Math.min(bucketEnd, start + grid.cellWidth) }
}
