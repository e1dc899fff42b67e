import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { BlockDamaged } from '../blocks/block-damaged.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'
import { DAY } from '../blocks/rollup-columns.ts'
import { renameDurably, syncFile } from '../durable-files.ts'
import { openStore, type Store } from '../ingest/store-file.ts'
import { readingsOf } from './checked-block.ts'
import { ColumnBuilder, valueAt } from './column-builder.ts'
import type { CheckOptions } from './findings.ts'
import { listMonths, MONTHS_FOLDER, type MonthName, monthFile, openMonth } from './month-file.ts'
import { MAKING, tidyMonths } from './month-parts.ts'
import { MonthWriter } from './month-writer.ts'
import { SettledRows } from './settled-rows.ts'

interface CompactedFile {
  file: string
  bytesBefore: number
  bytesAfter: number
  /** Days of which the blocks became one. */
  days: number
}

/** A day with fewer readings becomes one block. */
const DAY_ROWS = 2_000
const DAYS_OF_A_TRANSACTION = 64
const DAYS_OF_A_PAGE = 1_000
/** Of its size; a larger copy is thrown away. */
const WORTH_IT = 0.98

interface SparseDay {
  series: number
  day: number
}

/**
 * Gives back what files have in empty pages, and makes one block of the blocks of a day with few readings. The site is
 * stopped. Ending it at any step leaves the files as they were, or as they shall be.
 */
export async function compactStore(
  dir: string,
  { onProgress, signal }: CheckOptions = {},
): Promise<CompactedFile[]> {
  tidyMonths(dir)
  const store = openStore(dir, 'FULL')
  const compacted: CompactedFile[] = []
  try {
    const months = listMonths(dir)
    const total = months.reduce((sum, name) => sum + sizeOf(monthFile(dir, name)), 0)
    let done = 0
    for (const name of months) {
      const file = `${MONTHS_FOLDER}/${name.month}.${name.retentionClass}.sqlite`
      const bytesBefore = sizeOf(monthFile(dir, name))
      const days = await mergeDays(dir, name, store, signal)
      rewrite(monthFile(dir, name))
      compacted.push({ file, bytesBefore, bytesAfter: sizeOf(monthFile(dir, name)), days })
      done += bytesBefore
      onProgress?.({ file: join(dir, file), done, total })
    }
  } finally {
    store.close()
  }
  return compacted
}

async function mergeDays(
  dir: string,
  name: MonthName,
  store: Store,
  signal: AbortSignal | undefined,
): Promise<number> {
  const settled = new SettledRows(store)
  const writer = new MonthWriter(openMonth(dir, name))
  const sparse = writer.db.prepare<[number, number], SparseDay>(
    `SELECT series, floor(startTs / ${DAY}.0) * ${DAY} AS day FROM blocks
     WHERE (series, startTs) >= (?, ?)
     GROUP BY series, day HAVING count(*) > 1 AND sum(count) < ${DAY_ROWS} ORDER BY series, day LIMIT ${DAYS_OF_A_PAGE}`,
  )
  let merged = 0
  try {
    let next: SparseDay | null = { series: 0, day: Number.MIN_SAFE_INTEGER }
    while (next) {
      const days: SparseDay[] = sparse.all(next.series, next.day)
      for (let at = 0; at < days.length; at += DAYS_OF_A_TRANSACTION) {
        await turn()
        signal?.throwIfAborted()
        writer.begin()
        try {
          for (const day of days.slice(at, at + DAYS_OF_A_TRANSACTION))
            if (mergeDay(writer, settled, day)) merged += 1
          writer.commit(null)
        } finally {
          writer.rollback()
        }
      }
      const last = days.at(-1)
      next = last && days.length === DAYS_OF_A_PAGE ? { series: last.series, day: last.day + DAY } : null
    }
  } finally {
    writer.close()
  }
  return merged
}

function mergeDay(writer: MonthWriter, settled: SettledRows, { series, day }: SparseDay): boolean {
  const end = day + DAY
  // The block of a day has one version: what waits to be folded must not look older than it was.
  if ((settled.timeFrom(series, day) ?? end) < end) return false
  if (writer.damagedSpans(series, day, end).length > 0) return false
  const blocks = writer.blocksIn(series, day, end).map(({ id }) => writer.readBlock(id))
  const columns = new ColumnBuilder()
  for (const block of blocks) {
    if (!block) return false
    const read = readable(() => readingsOf(block))
    if (!read) return false
    for (let at = 0; at < read.count; at++) {
      columns.add(read.ts[at] as number, valueAt(read, at), read.flags[at] as number)
    }
  }
  const toSeq = Math.max(...blocks.map((block) => block?.toSeq ?? 0))
  for (const block of blocks) if (block) writer.removeBlock(block)
  writer.putBlock(series, day, end, columns, toSeq, blocks[0]?.id ?? null)
  return true
}

/** A damaged block is for `repair`. */
function readable(read: () => ReadingColumns): ReadingColumns | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof BlockDamaged) return null
    throw error
  }
}

/** A copy without empty pages takes the place of the file, if that is worth it. */
function rewrite(file: string): void {
  const making = file + MAKING
  rmSync(making, { force: true })
  const db = new Database(file, { fileMustExist: true })
  try {
    db.prepare('VACUUM INTO ?').run(making)
    // Empties the WAL: the copy must not find one that is not its own.
    db.pragma('journal_mode = DELETE')
  } finally {
    db.close()
  }
  if (sizeOf(making) > sizeOf(file) * WORTH_IT) {
    rmSync(making)
    return
  }
  syncFile(making)
  renameDurably(making, file)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
