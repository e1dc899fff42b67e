import { BlockDamaged } from '../blocks/block-damaged.ts'
import { summaryOf } from '../blocks/block-summary.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'
import { joinSlots, replaceSlots, rollupOf } from '../blocks/rollup-build.ts'
import {
  DAY,
  HALF_HOUR,
  MINUTE,
  makeRollup,
  type RollupColumns,
  type RollupLevel,
  rollupColumnNames,
} from '../blocks/rollup-columns.ts'
import { readingsOf, slotsOf } from './checked-block.ts'
import { type Finding, type FindingKind, finding } from './findings.ts'
import { type BlockRow, type MonthDb, monthRange } from './month-file.ts'
import type { StoredRollup } from './month-writer.ts'

export interface MonthCounts {
  blocks: number
  readings: number
}

interface Span {
  startTs: number
  endTs: number
}

/**
 * Reads all of a month file, series by series and day by day, each day in one snapshot, so that it may be written meanwhile.
 * Yields after each; returns what it holds.
 */
export function* checkMonth(
  db: MonthDb,
  file: string,
  month: string,
  found: (finding: Finding) => void,
): Generator<void, MonthCounts> {
  const counts: MonthCounts = { blocks: 0, readings: 0 }
  const range = monthRange(month)
  const nextBlock = nextOf(
    db,
    'SELECT series, startTs FROM blocks WHERE (series, startTs) >= (?, ?) ORDER BY series, startTs LIMIT 1',
  )
  const check = new DayCheck(db, file, range, found)
  for (let at = nextBlock(0, Number.MIN_SAFE_INTEGER); at; ) {
    const day = Math.floor(at[1] / DAY) * DAY
    const [series] = at
    db.transaction(() => {
      const seen = check.day(series, day)
      counts.blocks += seen.blocks
      counts.readings += seen.readings
    })()
    yield
    at = nextBlock(series, day + DAY)
  }
  checkStrayRollups(db, file, found)
  checkDamaged(db, file, found)
  checkCorrections(db, file, range, found)
  return counts
}

class DayCheck {
  private readonly blocks
  private readonly rollup
  private readonly damaged
  private readonly file: string
  private readonly month: { from: number; to: number }
  private readonly found: (finding: Finding) => void
  private series = -1
  private lastEnd = Number.NEGATIVE_INFINITY

  constructor(
    db: MonthDb,
    file: string,
    month: { from: number; to: number },
    found: (finding: Finding) => void,
  ) {
    this.file = file
    this.month = month
    this.found = found
    this.blocks = db.prepare<[number, number, number], BlockRow>(
      'SELECT * FROM blocks WHERE series = ? AND startTs >= ? AND startTs < ? ORDER BY startTs',
    )
    this.rollup = db.prepare<[number, number, number], StoredRollup>(
      'SELECT * FROM rollups WHERE level = ? AND series = ? AND day = ?',
    )
    this.damaged = db.prepare<[number, number, number], Span>(
      'SELECT startTs, endTs FROM damaged WHERE series = ? AND startTs < ? AND endTs > ?',
    )
  }

  day(series: number, day: number): MonthCounts {
    if (series !== this.series) this.lastEnd = Number.NEGATIVE_INFINITY
    this.series = series
    const rows = this.blocks.all(series, day, day + DAY)
    const unsure: Span[] = this.damaged.all(series, day + DAY, day)
    let minutes = makeRollup(0)
    for (const row of rows) {
      const columns = this.block(row)
      if (columns === null) unsure.push(row)
      else {
        const fresh = rollupOf(columns, row.startTs, row.endTs, MINUTE)
        minutes = replaceSlots(minutes, (row.startTs - day) / MINUTE, (row.endTs - day) / MINUTE, fresh)
      }
      this.lastEnd = Math.max(this.lastEnd, row.endTs)
    }
    this.rollups(series, day, minutes, unsure)
    return { blocks: rows.length, readings: rows.reduce((sum, { count }) => sum + count, 0) }
  }

  private block(row: BlockRow): ReadingColumns | null {
    const { series: seriesId, startTs: from, endTs: to } = row
    const tell = (kind: FindingKind, cause: string): null => {
      this.found(finding(kind, this.file, cause, { seriesId, from, to }))
      return null
    }
    let columns: ReadingColumns
    try {
      columns = readingsOf(row)
    } catch (error) {
      if (!(error instanceof BlockDamaged)) throw error
      return tell('block_damaged', error.message)
    }
    const fault = faultOf(row, columns)
    if (fault) return tell('block_damaged', fault)
    if (from < this.month.from || to > this.month.to)
      return tell('block_misplaced', 'it is not of this month')
    if (from < this.lastEnd) return tell('block_misplaced', 'another block is of the same time')
    return columns
  }

  /** `unsure`: spans whose blocks cannot be read; their slots are all that is known of them. */
  private rollups(series: number, day: number, expected: RollupColumns, unsure: Span[]): void {
    const tell = (kind: FindingKind, level: RollupLevel, cause: string): void => {
      const at = { seriesId: series, from: day, to: day + DAY }
      this.found(finding(kind, this.file, `${level === MINUTE ? 'minutes' : 'half hours'}: ${cause}`, at))
    }
    const slots = (level: RollupLevel): RollupColumns | null => {
      const row = this.rollup.get(level, series, day)
      if (!row) return makeRollup(0)
      try {
        return slotsOf(row)
      } catch (error) {
        if (!(error instanceof BlockDamaged)) throw error
        tell('rollup_damaged', level, error.message)
        return null
      }
    }
    const minutes = slots(MINUTE)
    const halves = slots(HALF_HOUR)
    const isKnown = (slot: number): boolean => {
      const start = day + slot * MINUTE
      return !unsure.some(({ startTs, endTs }) => start >= startTs && start < endTs)
    }
    if (minutes && !sameSlots(picked(minutes, isKnown), picked(expected, isKnown))) {
      tell('rollup_wrong', MINUTE, 'they are not what the blocks give')
    } else if (minutes && halves && !sameSlots(halves, joinSlots(minutes))) {
      tell('rollup_wrong', HALF_HOUR, 'they are not what the minutes give')
    }
  }
}

/** What is wrong with a block whose checksum is right. */
function faultOf(row: BlockRow, columns: ReadingColumns): string | null {
  const { startTs, endTs } = row
  if (startTs % MINUTE !== 0 || endTs % MINUTE !== 0 || startTs >= endTs)
    return 'its span is not of whole minutes'
  if (Math.floor(startTs / DAY) !== Math.floor((endTs - 1) / DAY)) return 'its span is of more than a day'
  for (let at = 0; at < columns.count; at++) {
    const ts = columns.ts[at] as number
    if (ts < startTs || ts >= endTs) return 'it holds readings outside of its span'
    if (at > 0 && ts <= (columns.ts[at - 1] as number)) return 'its readings are not in order'
  }
  for (const [name, value] of Object.entries(summaryOf(columns))) {
    if (row[name as keyof BlockRow] !== value) return `its ${name} is wrong`
  }
  return null
}

function checkStrayRollups(db: MonthDb, file: string, found: (finding: Finding) => void): void {
  const rows = db.prepare<[], { series: number; day: number }>(
    `SELECT DISTINCT series, day FROM rollups AS r
     WHERE NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.series = r.series AND b.startTs >= r.day AND b.startTs < r.day + ${DAY})
       AND NOT EXISTS (SELECT 1 FROM damaged AS d WHERE d.series = r.series AND d.startTs >= r.day AND d.startTs < r.day + ${DAY})`,
  )
  for (const { series: seriesId, day } of rows.all()) {
    found(finding('rollup_wrong', file, 'there are no blocks for it', { seriesId, from: day, to: day + DAY }))
  }
}

function checkDamaged(db: MonthDb, file: string, found: (finding: Finding) => void): void {
  const rows = db.prepare<[], { series: number; startTs: number; endTs: number; cause: string }>(
    'SELECT series, startTs, endTs, cause FROM damaged ORDER BY series, startTs',
  )
  for (const { series: seriesId, startTs: from, endTs: to, cause } of rows.all()) {
    found(finding('block_lost', file, cause, { seriesId, from, to }))
  }
}

function checkCorrections(
  db: MonthDb,
  file: string,
  { from, to }: { from: number; to: number },
  found: (finding: Finding) => void,
): void {
  const rows = db.prepare<[number, number], { series: number; ts: number }>(
    'SELECT series, ts FROM corrections WHERE ts < ? OR ts >= ? LIMIT 100',
  )
  for (const { series: seriesId, ts } of rows.all(from, to)) {
    found(
      finding('correction_misplaced', file, 'it is not of this month', { seriesId, from: ts, to: ts + 1 }),
    )
  }
}

function nextOf(db: MonthDb, sql: string): (series: number, from: number) => [number, number] | undefined {
  const statement = db.prepare<[number, number], [number, number]>(sql).raw()
  return (series, from) => statement.get(series, from)
}

function picked(slots: RollupColumns, wanted: (slot: number) => boolean): RollupColumns {
  const all = makeRollup(slots.count)
  for (let at = 0; at < slots.count; at++) {
    if (!wanted(slots.slot[at] as number)) continue
    for (const name of rollupColumnNames) all[name][all.count] = slots[name][at] as number
    all.count += 1
  }
  return all
}

function sameSlots(one: RollupColumns, other: RollupColumns): boolean {
  if (one.count !== other.count) return false
  return rollupColumnNames.every((name) => {
    for (let at = 0; at < one.count; at++) if (one[name][at] !== other[name][at]) return false
    return true
  })
}
