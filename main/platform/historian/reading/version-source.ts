import type { MonthShelf, ShelvedMonth } from './month-shelf.ts'
import { MonthVersions } from './month-versions.ts'
import { rested, type Slice } from './slice.ts'

/** Series of one look: some 3 ms, also where a file of before has no index of versions. */
const CHUNK = 1_000
const CHUNK_UNINDEXED = 4

/** Which versions month files have. */
export class VersionSource {
  private readonly shelf: MonthShelf
  private readonly versions = new MonthVersions()

  constructor(shelf: MonthShelf) {
    this.shelf = shelf
  }

  /** Whether nothing in the file can be newer than `seq`. It need not be opened for that. */
  isOlder({ file }: ShelvedMonth, seq: number): boolean {
    return this.versions.isOlder(file, seq)
  }

  /** Learns the newest version of files that do not change any more. What cannot be read stays unknown. */
  *learn(from: number, to: number, slice: Slice): Generator<void, void> {
    for (const month of this.shelf.between(from, to)) {
      if (this.versions.unknown(month.file) === null) continue
      try {
        yield* this.newer(month, Number.MAX_SAFE_INTEGER, slice)
      } catch {
        // Damaged, or about to go: whoever wants to read it is told.
      }
    }
  }

  /**
   * Series of the file with a version above `seq`; what its newest version is, is known from then on. It is of more than
   * one snapshot: what is folded meanwhile may be missing.
   *
   * @throws whatever keeps it from being read
   */
  *newer(month: ShelvedMonth, seq: number, slice: Slice): Generator<void, number[]> {
    const stamp = this.versions.unknown(month.file)
    const found: number[] = []
    let newest = 0
    let last: number | null = -1
    while (last !== null) {
      const after: number = last
      const some = this.shelf.readAny(month, (reader) => {
        const limit = reader.isIndexed ? CHUNK : CHUNK_UNINDEXED
        return {
          rows: reader.newest(after, limit),
          limit,
          damaged: after < 0 ? reader.damagedVersions() : [],
        }
      })
      if (some === null) break
      for (const { series, toSeq } of [...some.damaged, ...some.rows]) {
        newest = Math.max(newest, toSeq)
        if (toSeq > seq) found.push(series)
      }
      last = some.rows.length === some.limit ? (some.rows.at(-1)?.series ?? null) : null
      yield* rested(slice)
    }
    if (stamp !== null) this.versions.note(month.file, stamp, newest)
    return found
  }
}
