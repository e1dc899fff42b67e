import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import {
  listMonths,
  type MonthName,
  monthFile,
  monthRange,
  openMonthForReading,
} from '../months/month-file.ts'
import { messageOf } from '../store-errors.ts'
import { MonthReader, type SeriesRange } from './month-reader.ts'
import { MonthSeries, stampOf } from './month-series.ts'

/** The file is about to go. */
export class MonthReleased extends Error {}

/** Open files. A chart of a year reads twelve of each class that its channel has been in. */
const OPEN_FILES = 16
/** For how long a file that is about to go is not opened again, if it does not go, ms. */
const RELEASE_TIME = 2_000

export interface ShelvedMonth extends MonthName {
  key: string
  file: string
  from: number
  to: number
}

/** The month files as the reader sees them: which there are, and those that are open, least recently used first. */
export class MonthShelf {
  private readonly dir: string
  private readonly opened = new Map<string, MonthReader>()
  private readonly reading = new Map<string, MonthReader>()
  private readonly released = new Map<string, { until: number; inode: number | null }>()
  private readonly named = new Map<string, ShelvedMonth>()
  private readonly series = new MonthSeries()
  private listed: ShelvedMonth[] | null = null

  constructor(dir: string) {
    this.dir = dir
  }

  /** Looks which files there are, as they are from now on: whatever has left `readings` is in one of them. */
  refresh(): void {
    this.rest()
    this.listed = null
  }

  /** Files of months that overlap [from, to), in order of time. */
  between(from: number, to: number): ShelvedMonth[] {
    return this.months.filter((month) => month.from < to && month.to > from)
  }

  /** The first month with a file that does not end before `ts`. */
  monthFrom(ts: number): ShelvedMonth | undefined {
    return this.months.find((month) => month.to > ts)
  }

  /** The last month with a file that starts before `ts`. */
  monthBefore(ts: number): ShelvedMonth | undefined {
    return this.months.findLast((month) => month.from < ts)
  }

  /** Ends what was begun by reading: a snapshot that stays open would keep a file's WAL from beginning anew. */
  rest(): void {
    for (const [key, reader] of this.reading) {
      try {
        reader.end()
      } catch {
        // A damaged file; it is opened anew, and says what is wrong, when it is asked for again.
        this.closeOne(key, reader)
      }
    }
    this.reading.clear()
  }

  /**
   * Reads what a file has of a series, as it was when it was first read since `refresh` or `rest`: null where it has
   * nothing of it for certain, is gone, or just being made.
   *
   * @throws whatever keeps it from being read
   */
  read<Result>(month: ShelvedMonth, series: number, read: (reader: MonthReader) => Result): Result | null {
    if (!this.reading.has(month.key) && this.series.lacks(month.file, series)) return null
    return this.readAny(month, read)
  }

  /** The same of whichever series. @throws as `read` */
  readAny<Result>(month: ShelvedMonth, read: (reader: MonthReader) => Result): Result | null {
    const reader = this.reader(month)
    if (reader === null) return null
    if (!this.reading.has(month.key)) {
      reader.begin()
      this.reading.set(month.key, reader)
    }
    return read(reader)
  }

  /** Closes a file that is about to be deleted or replaced, and leaves it alone until then. */
  release(name: MonthName): void {
    const month = this.shelved(name)
    const opened = this.opened.get(month.key)
    if (opened) this.closeOne(month.key, opened)
    this.released.set(month.key, { until: performance.now() + RELEASE_TIME, inode: this.inodeOf(month) })
  }

  close(): void {
    for (const [key, reader] of this.opened) this.closeOne(key, reader)
  }

  /** Listed when somebody asks for the first time since `refresh`. */
  private get months(): ShelvedMonth[] {
    this.listed ??= listMonths(this.dir).map((name) => this.shelved(name))
    return this.listed
  }

  private closeOne(key: string, reader: MonthReader): void {
    reader.close()
    this.reading.delete(key)
    this.opened.delete(key)
  }

  private reader(month: ShelvedMonth): MonthReader | null {
    const { key } = month
    const released = this.released.get(key)
    if (released) {
      if (released.until > performance.now() && released.inode === this.inodeOf(month))
        throw new MonthReleased()
      this.released.delete(key)
    }
    let reader = this.opened.get(key)
    if (reader === undefined) {
      const made = this.open(month)
      if (made === null) return null
      reader = made
    }
    // The one that was used last stands last.
    this.opened.delete(key)
    this.opened.set(key, reader)
    for (const [oldest, old] of this.opened) {
      if (this.opened.size <= OPEN_FILES) break
      this.closeOne(oldest, old)
    }
    return reader
  }

  private open(month: ShelvedMonth): MonthReader | null {
    const stamp = stampOf(month.file)
    try {
      const reader = new MonthReader(openMonthForReading(this.dir, month))
      this.series.note(month.file, stamp, seriesRangeOf(reader))
      return reader
    } catch (error) {
      if (!existsSync(month.file)) return null
      if (isBeingMade(error)) return null
      throw error
    }
  }

  /** Tells a file from one that took its place. */
  private inodeOf({ file }: ShelvedMonth): number | null {
    return statSync(file, { throwIfNoEntry: false })?.ino ?? null
  }

  private shelved(name: MonthName): ShelvedMonth {
    const key = `${name.month}.${name.retentionClass}`
    let known = this.named.get(key)
    if (!known) {
      known = { ...name, key, file: monthFile(this.dir, name), ...monthRange(name.month) }
      this.named.set(key, known)
    }
    return known
  }
}

/** Null where damage hides it: what is wanted of the file may be readable all the same. */
function seriesRangeOf(reader: MonthReader): SeriesRange | null {
  try {
    return reader.seriesRange()
  } catch {
    return null
  }
}

/** The file is there, and its first transaction is not. */
function isBeingMade(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    error.code === 'SQLITE_ERROR' &&
    messageOf(error).startsWith('no such table')
  )
}
