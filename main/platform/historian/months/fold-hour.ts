import { kindOf } from '#contract/model/reading-batch.ts'
import { BlockDamaged } from '../blocks/block-damaged.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'
import { HOUR } from '../blocks/rollup-columns.ts'
import { BlockCutter } from './block-cutter.ts'
import { readingsOf } from './checked-block.ts'
import { valueAt } from './column-builder.ts'
import type { BlockRow } from './month-file.ts'
import type { BlockSpan, MonthCorrection, MonthWriter } from './month-writer.ts'
import type { RollupEdits } from './rollup-edits.ts'
import type { SettledCorrection, SettledRow, SettledRows } from './settled-rows.ts'

/** Rows of `series` in [from, to) with sequences up to `seq`: what one fold moves, and then has forgotten. */
export interface FoldSpan {
  series: number
  from: number
  to: number
  seq: number
}

interface HourTarget {
  writer: MonthWriter
  rollups: RollupEdits
  /** The site's time. */
  now: number
  onDamaged: (block: BlockSpan, cause: string) => void
}

interface OldBlock {
  block: BlockRow
  columns: ReadingColumns
}

/** What answers for a part of an hour by now, if anything. */
interface Piece {
  from: number
  to: number
  block: BlockSpan | null
}

const PAGE_ROWS_MIN = 64
const PAGE_ROWS_FIRST = 512
const PAGE_ROWS_MAX = 8_192
const PAGE_BYTES = 8 * 1024 * 1024
/** A block of a day that has grown beyond this is cut into hours again. */
const DAY_BLOCK_ROWS = 4_000

/**
 * Joins the settled rows of one hour with the blocks that answer for it, and writes what has changed. Yields now and then;
 * returns how many rows there were.
 *
 * On one `ts` the row wins, for whatever is not folded yet is at least as new as what is.
 */
export function* foldHour(source: SettledRows, span: FoldSpan, target: HourTarget): Generator<void, number> {
  let rows = 0
  for (const piece of piecesOf(span, target.writer.blocksIn(span.series, span.from, span.to))) {
    const from = Math.max(piece.from, span.from)
    const to = Math.min(piece.to, span.to)
    rows += yield* foldPiece(source, { ...span, from, to }, piece, target)
    yield
  }
  return rows
}

function piecesOf({ from, to }: FoldSpan, blocks: BlockSpan[]): Piece[] {
  const pieces: Piece[] = []
  let end = from
  for (const block of blocks) {
    if (block.startTs > end) pieces.push({ from: end, to: block.startTs, block: null })
    pieces.push({ from: block.startTs, to: block.endTs, block })
    end = block.endTs
  }
  if (end < to) pieces.push({ from: end, to, block: null })
  return pieces
}

function* foldPiece(
  source: SettledRows,
  span: FoldSpan,
  piece: Piece,
  target: HourTarget,
): Generator<void, number> {
  if (source.page(span.series, span.from, span.to, span.seq, 1).length === 0) return 0
  const old = piece.block ? readOld(piece.block, target) : null
  // What a damaged block says of its span is not to be trusted either.
  const { from, to } = old ? piece : span
  if (old) {
    const { same, rows, seq } = yield* compare(source, span, old, target.writer)
    if (same) {
      if (seq > old.block.toSeq) target.writer.raiseSeq(old.block, seq)
      return rows
    }
  }
  return yield* rewrite(source, span, { from, to }, old, target)
}

function readOld(span: BlockSpan, { writer, now, onDamaged }: HourTarget): OldBlock | null {
  const block = writer.readBlock(span.id)
  if (!block) return null
  try {
    return { block, columns: readingsOf(block) }
  } catch (error) {
    if (!(error instanceof BlockDamaged)) throw error
    writer.setAside(span, error.message, now)
    onDamaged(span, error.message)
    return null
  }
}

/**
 * Whether the block has every row as it is; stops at the first that it has not. `seq` is the highest of the rows. A value that
 * was replaced and came back leaves the block as it is, and is noted all the same.
 */
function* compare(
  source: SettledRows,
  span: FoldSpan,
  old: OldBlock,
  writer: MonthWriter,
): Generator<void, { same: boolean; rows: number; seq: number }> {
  const { columns } = old
  let at = 0
  let rows = 0
  let highest = 0
  for (const page of pagesOf(source, span)) {
    const corrections = correctionsOf(source, span, page)
    for (const row of page) {
      const [ts, value, flags, seq] = row
      while (at < columns.count && (columns.ts[at] as number) < ts) at++
      const known = at < columns.count && columns.ts[at] === ts && columns.flags[at] === flags
      if (!known || !Object.is(valueAt(columns, at), value)) return { same: false, rows, seq: highest }
      const versions = corrections.get(ts)
      if (versions) noteVersions(writer, span.series, replacedBy(old, at, row, versions), versions)
      highest = Math.max(highest, seq)
      rows++
    }
    yield
  }
  return { same: true, rows, seq: highest }
}

function* rewrite(
  source: SettledRows,
  span: FoldSpan,
  { from, to }: Pick<Piece, 'from' | 'to'>,
  old: OldBlock | null,
  { writer, rollups }: HourTarget,
): Generator<void, number> {
  const { series } = span
  const columns = old?.columns ?? null
  let highest = old?.block.toSeq ?? 0
  let rows = 0
  /** The first block takes the row of the old one. */
  let reused = old?.block.id ?? null
  if (old) writer.removeBlock(old.block)
  const most = DAY_BLOCK_ROWS - (columns?.count ?? 0)
  const hourly = to - from > HOUR && source.count(series, span.from, span.to, span.seq, most + 1) > most
  const cutter = new BlockCutter(from, to, hourly, (block, start, end) => {
    writer.putBlock(series, start, end, block, highest, reused)
    reused = null
    rollups.replace(series, block, start, end)
  })
  let at = 0
  const keepOld = (before: number): void => {
    if (!columns) return
    for (; at < columns.count && (columns.ts[at] as number) < before; at++) {
      cutter.add(columns.ts[at] as number, valueAt(columns, at), columns.flags[at] as number)
    }
  }
  for (const page of pagesOf(source, span)) {
    const corrections = correctionsOf(source, span, page)
    for (const row of page) {
      const [ts, value, flags, seq] = row
      const versions = corrections.get(ts) ?? []
      keepOld(ts)
      let replaced: MonthCorrection | null = null
      if (old && at < old.columns.count && old.columns.ts[at] === ts) {
        replaced = replacedBy(old, at, row, versions)
        at++
      }
      noteVersions(writer, series, replaced, versions)
      highest = Math.max(highest, seq)
      cutter.add(ts, value, flags)
      rows++
    }
    yield
  }
  keepOld(Number.POSITIVE_INFINITY)
  cutter.end()
  return rows
}

function noteVersions(
  writer: MonthWriter,
  series: number,
  folded: MonthCorrection | null,
  versions: SettledCorrection[],
): void {
  if (folded) writer.addCorrection(series, folded)
  for (const version of versions) writer.addCorrection(series, version)
}

/**
 * The folded value, if the first version to come after it replaces it: that is the oldest that settling replaced in turn, or the row.
 * domain.md: an equal value is a redelivery; the replaced one stays for the audit.
 */
function replacedBy(
  { block, columns }: OldBlock,
  at: number,
  [, rowValue, rowFlags, rowSeq]: SettledRow,
  versions: SettledCorrection[],
): MonthCorrection | null {
  const next = versions[0] ?? { value: rowValue, flags: rowFlags, seq: rowSeq }
  // A power cut can bring back rows that were folded: what they replaced was noted then.
  if (next.seq <= block.toSeq) return null
  const value = valueAt(columns, at)
  const flags = columns.flags[at] as number
  if (value === next.value && kindOf(flags) === kindOf(next.flags)) return null
  return { ts: columns.ts[at] as number, value, flags, replacedBy: next.seq }
}

/** What settling replaced at the times of these rows, oldest version first. */
function correctionsOf(
  source: SettledRows,
  { series, seq }: FoldSpan,
  page: SettledRow[],
): Map<number, SettledCorrection[]> {
  const byTime = new Map<number, SettledCorrection[]>()
  const [first] = page[0] ?? [0]
  const [last] = page.at(-1) ?? [0]
  for (const correction of source.corrections(series, first, last + 1, seq)) {
    const others = byTime.get(correction.ts)
    if (others) others.push(correction)
    else byTime.set(correction.ts, [correction])
  }
  return byTime
}

/** Pages of some MB at the most, also where the rows are texts. */
function* pagesOf(source: SettledRows, { series, from, to, seq }: FoldSpan): Generator<SettledRow[]> {
  let limit = PAGE_ROWS_FIRST
  for (let next = from; ; ) {
    const page = source.page(series, next, to, seq, limit)
    if (page.length > 0) yield page
    if (page.length < limit) return
    next = (page.at(-1) as SettledRow)[0] + 1
    let bytes = 0
    for (const [, value] of page) if (typeof value === 'string') bytes += value.length
    const fitting = Math.floor(PAGE_BYTES / Math.max(1, bytes / page.length))
    limit = Math.min(PAGE_ROWS_MAX, Math.max(PAGE_ROWS_MIN, fitting))
  }
}
