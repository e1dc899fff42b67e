import { stampOf } from './month-series.ts'

interface KnownFile {
  stamp: string
  newest: number
}

/**
 * The newest version in month files, so that those of years need not be opened to learn that nothing in them is new. It
 * counts as long as a file is what it was (see `stampOf`).
 */
export class MonthVersions {
  private readonly known = new Map<string, KnownFile>()

  /** Whether the file, as it is now, has no version above `seq`; false where that is not known. */
  isOlder(file: string, seq: number): boolean {
    const known = this.known.get(file)
    return known !== undefined && known.newest <= seq && stampOf(file) === known.stamp
  }

  /** The stamp to learn the file by; null where that is of no use. */
  unknown(file: string): string | null {
    const stamp = stampOf(file)
    return stamp !== null && this.known.get(file)?.stamp !== stamp ? stamp : null
  }

  /** Remembers what was read of a file whose stamp was taken before. */
  note(file: string, stamp: string, newest: number): void {
    this.known.set(file, { stamp, newest })
  }
}
