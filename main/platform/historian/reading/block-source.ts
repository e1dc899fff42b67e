import { blockChecksum } from '../blocks/block-checksum.ts'
import { decodeBlock } from '../blocks/block-codec.ts'
import { DAY } from '../blocks/rollup-columns.ts'
import type { BlockRow } from '../months/month-file.ts'
import { messageOf } from '../store-errors.ts'
import type { Damage } from './damage.ts'
import type { MonthReader } from './month-reader.ts'
import { MonthReleased, type MonthShelf, type ShelvedMonth } from './month-shelf.ts'
import type { Rows } from './rows.ts'
import type { VersionSource } from './version-source.ts'

/** A block as it is stored; its checksum is right. */
export interface FoundBlock {
  month: ShelvedMonth
  row: BlockRow
}

/** Decoded blocks that are kept: pages of one block, or a bucket's edges, ask for it again. */
const DECODED = 4
const WRONG_CHECKSUM = 'its checksum is wrong'

/** Blocks by time, over all month files. What cannot be read is left out and noted. */
export class BlockSource {
  private readonly shelf: MonthShelf
  private readonly versions: VersionSource
  private readonly decoded = new Map<string, Rows>()

  constructor(shelf: MonthShelf, versions: VersionSource) {
    this.shelf = shelf
    this.versions = versions
  }

  /** The first block that answers for some of [from, to) and has a version above `seq`; 0: any. */
  next(series: number, from: number, to: number, damage: Damage, seq = 0): FoundBlock | null {
    let first: FoundBlock | null = null
    for (const month of this.shelf.between(from, to)) {
      if (first && first.row.startTs <= month.from) break
      if (seq > 0 && this.versions.isOlder(month, seq)) continue
      const row = this.attempt(month, from, to, damage, (reader) => {
        noteDamaged(reader, month, series, from, to, damage, seq)
        if (seq > 0 && !reader.hasNewer(series, seq)) return undefined
        const at = reader.blockAt(series, from)
        if (at && at.toSeq > seq && checked(at, month, damage)) return at
        let after = reader.blockAfter(series, from, to, seq)
        while (after && !checked(after, month, damage))
          after = reader.blockAfter(series, after.startTs, to, seq)
        return after
      })
      if (row && (!first || row.startTs < first.row.startTs)) first = { month, row }
    }
    return first
  }

  /** The last block that answers for some of [from, to). */
  previous(series: number, from: number, to: number, damage: Damage): FoundBlock | null {
    let last: FoundBlock | null = null
    for (const month of this.shelf.between(from, to).reverse()) {
      if (last && last.row.endTs >= month.to) break
      const row = this.attempt(month, from, to, damage, (reader) => {
        noteDamaged(reader, month, series, from, to, damage, 0)
        let before = reader.blockBefore(series, to)
        while (before && before.endTs > from && !checked(before, month, damage)) {
          before = reader.blockBefore(series, before.startTs)
        }
        return before && before.endTs > from ? before : undefined
      })
      if (row && (!last || row.startTs > last.row.startTs)) last = { month, row }
    }
    return last
  }

  /** The readings of a block; null, and noted, where they cannot be decoded. */
  rows({ month, row }: FoundBlock, damage: Damage): Rows | null {
    const key = `${month.key} ${row.id} ${row.crc}`
    const known = this.decoded.get(key)
    if (known) return known
    try {
      const rows = { ...decodeBlock(row.data), seq: row.toSeq }
      if (this.decoded.size >= DECODED) this.decoded.delete(this.decoded.keys().next().value ?? '')
      this.decoded.set(key, rows)
      return rows
    } catch (error) {
      damage.add(month, row.startTs, row.endTs, messageOf(error))
      return null
    }
  }

  /** Reads what a file has of the series that `damage` is of; one that cannot be read is noted as damaged from `from` to `to`. */
  attempt<Result>(
    month: ShelvedMonth,
    from: number,
    to: number,
    damage: Damage,
    read: (reader: MonthReader) => Result,
  ): Result | null {
    try {
      return this.shelf.read(month, damage.series, read)
    } catch (error) {
      if (damage.isPatient && error instanceof MonthReleased) throw error
      const cause = error instanceof MonthReleased ? null : messageOf(error)
      damage.add(month, Math.max(from, month.from), Math.min(to, month.to), cause)
      return null
    }
  }
}

function noteDamaged(
  reader: MonthReader,
  month: ShelvedMonth,
  series: number,
  from: number,
  to: number,
  damage: Damage,
  seq: number,
): void {
  for (const span of reader.damaged(series, from, to, seq)) damage.add(month, span.from, span.to, null)
}

function checked(row: BlockRow | undefined, month: ShelvedMonth, damage: Damage): BlockRow | undefined {
  if (row === undefined || blockChecksum(row) === row.crc) return row
  // Its end may be what is wrong, so it counts for a day at most.
  const end = row.endTs > row.startTs ? Math.min(row.endTs, row.startTs + DAY) : row.startTs + 1
  damage.add(month, row.startTs, end, WRONG_CHECKSUM)
  return undefined
}
