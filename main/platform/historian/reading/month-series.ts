import { statSync } from 'node:fs'
import type { SeriesRange } from './month-reader.ts'

/** ms since a file's last change before its time is trusted: a change right after that one may show the same time. */
const SETTLED_TIME = 2_000

interface KnownFile {
  stamp: string
  range: SeriesRange
}

/**
 * Which series month files can have, so that files of years need not be opened for a series that is newer. It counts as
 * long as a file is what it was: what is folded into it is first in its WAL and then in the file itself, which changes.
 */
export class MonthSeries {
  private readonly known = new Map<string, KnownFile>()

  /** Remembers what was read from a file whose stamp was taken before. */
  note(file: string, stamp: string | null, range: SeriesRange | null): void {
    if (stamp === null || range === null) this.known.delete(file)
    else this.known.set(file, { stamp, range })
  }

  /** Whether the file, as it is now, has nothing of the series; false where that is not known. */
  lacks(file: string, series: number): boolean {
    const known = this.known.get(file)
    if (!known || (series >= known.range.lowest && series <= known.range.highest)) return false
    return stampOf(file) === known.stamp
  }
}

/** Changes with the file's contents; null while a change could go unseen, and where there is no such file. */
export function stampOf(file: string): string | null {
  // What is committed after the look at the WAL changes the file later on: the file is looked at last.
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false })
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat || (wal && wal.size > 0)) return null
  if (Date.now() - stat.mtimeMs < SETTLED_TIME) return null
  return `${stat.ino} ${stat.size} ${stat.mtimeMs}`
}
