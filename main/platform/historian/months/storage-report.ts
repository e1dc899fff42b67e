import { statSync } from 'node:fs'
import type { Clock } from '#platform/clock/clock.ts'
import type { StorageReport, StoredFile } from '../historian.ts'
import type { FoldPolicy } from './fold-policy.ts'
import { type FoldedHour, FoldedLog } from './folded-log.ts'
import { listMonths, type MonthDb, type MonthName, monthFile, openMonthForReading } from './month-file.ts'
import { monthBytes, storeBytes } from './month-parts.ts'
import type { SettledRows } from './settled-rows.ts'

type Counted = Pick<StoredFile, 'readings' | 'blocks' | 'series' | 'damagedBlocks'> & { folded: FoldedHour[] }

/** For how long counted rows are taken for the truth, ms: counting goes through all of them. */
const ROWS_FRESH = 60_000

/** What is on the disk. Files that have not changed are not looked into again. */
export class StorageReports {
  private readonly dir: string
  private readonly source: SettledRows
  private readonly clock: Clock
  private readonly known = new Map<string, { stamp: string; counted: Counted }>()
  private rows: { at: number; unfolded: number; hot: number } | null = null

  constructor(dir: string, source: SettledRows, clock: Clock) {
    this.dir = dir
    this.source = source
    this.clock = clock
  }

  report(policy: FoldPolicy): StorageReport {
    const files = listMonths(this.dir).map((name) => {
      const { folded, ...counted } = this.counted(name)
      const { month, retentionClass } = name
      const expiresAt = policy.expiresAt(month, retentionClass)
      return { folded, file: { ...name, bytes: monthBytes(this.dir, name), expiresAt, ...counted } }
    })
    return {
      files: files.map(({ file }) => file),
      totalBytes: storeBytes(this.dir),
      ...this.countedRows(),
      lastDay: sumOf(files.flatMap(({ folded }) => folded)),
      budgetBytes: policy.budgetBytes,
    }
  }

  private countedRows(): { hotRows: number; unfoldedRows: number } {
    const now = performance.now()
    if (!this.rows || now - this.rows.at > ROWS_FRESH) {
      this.rows = { at: now, unfolded: this.source.countAll(), hot: this.source.countHot() }
    }
    return { hotRows: this.rows.hot, unfoldedRows: this.rows.unfolded }
  }

  private counted(name: MonthName): Counted {
    const file = monthFile(this.dir, name)
    const stamp = stampOf(file) + stampOf(`${file}-wal`)
    const known = this.known.get(file)
    if (known?.stamp === stamp) return known.counted
    const counted = countIn(this.dir, name, this.clock.now())
    this.known.set(file, { stamp, counted })
    return counted
  }
}

function countIn(dir: string, name: MonthName, now: number): Counted {
  try {
    const db = openMonthForReading(dir, name)
    try {
      return {
        readings: metaCount(db, 'readings'),
        blocks: metaCount(db, 'blocks'),
        series: countSeries(db),
        damagedBlocks: db.prepare<[], number>('SELECT count(*) FROM damaged').pluck().get() ?? 0,
        folded: new FoldedLog(db).recent(now),
      }
    } finally {
      db.close()
    }
  } catch {
    // Not readable as a whole; what is in it is for `verify` to tell.
    return { readings: 0, blocks: 0, series: 0, damagedBlocks: 1, folded: [] }
  }
}

function metaCount(db: MonthDb, key: string): number {
  return db.prepare<[string], number>('SELECT value FROM meta WHERE key = ?').pluck().get(key) ?? 0
}

/** From one series to the next along the index, instead of over all blocks. */
function countSeries(db: MonthDb): number {
  const next = db
    .prepare<[number], number>('SELECT series FROM blocks WHERE series > ? ORDER BY series LIMIT 1')
    .pluck()
  let count = 0
  for (let series = next.get(-1); series !== undefined; series = next.get(series)) count += 1
  return count
}

function sumOf(folded: FoldedHour[]): StorageReport['lastDay'] {
  return {
    readings: folded.reduce((sum, { readings }) => sum + readings, 0),
    bytes: folded.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.mtimeMs}/${stat.size};` : '-;'
}
