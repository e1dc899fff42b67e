import { rollupChecksum } from '../blocks/block-checksum.ts'
import { decodeRollup } from '../blocks/rollup-codec.ts'
import { makeRollup, type RollupColumns, type RollupLevel } from '../blocks/rollup-columns.ts'
import type { BlockSource } from './block-source.ts'
import type { Damage } from './damage.ts'
import type { RollupRow } from './month-reader.ts'
import type { MonthShelf } from './month-shelf.ts'

/** The rollups of one UTC day: one, or one of each class whose file has some of its hours. */
export interface RollupDay {
  day: number
  rows: RollupRow[]
}

/** Rollups by day, over all month files. */
export class RollupSource {
  private readonly shelf: MonthShelf
  private readonly blocks: BlockSource

  constructor(shelf: MonthShelf, blocks: BlockSource) {
    this.shelf = shelf
    this.blocks = blocks
  }

  /** Days that start in [from, to) and have rollups, in order. `from` and `to` lie in one month. */
  days(level: RollupLevel, series: number, from: number, to: number, damage: Damage): RollupDay[] {
    const days: RollupDay[] = []
    for (const month of this.shelf.between(from, to)) {
      const rows =
        this.blocks.attempt(month, from, to, damage, (reader) => reader.rollups(level, series, from, to)) ??
        []
      for (const row of rows) {
        const known = days.find(({ day }) => day === row.day)
        if (known) known.rows.push(row)
        else days.push({ day: row.day, rows: [row] })
      }
    }
    return days.sort((a, b) => a.day - b.day)
  }

  /** Null where it is damaged: its blocks say the same, and more slowly. */
  read(level: RollupLevel, series: number, { day, rows }: RollupDay): RollupColumns | null {
    const parts: RollupColumns[] = []
    for (const { crc, data } of rows) {
      if (rollupChecksum({ level, series, day, data }) !== crc) return null
      try {
        parts.push(decodeRollup(data))
      } catch {
        return null
      }
    }
    return parts.reduce(joined)
  }
}

/** Slots of both, in order: of one day, from two files. */
function joined(one: RollupColumns, other: RollupColumns): RollupColumns {
  const result = makeRollup(one.count + other.count)
  let left = 0
  let right = 0
  while (left < one.count || right < other.count) {
    const first =
      right >= other.count ||
      (left < one.count && (one.slot[left] as number) <= (other.slot[right] as number))
    copySlot(first ? one : other, first ? left++ : right++, result)
  }
  return result
}

function copySlot(from: RollupColumns, at: number, to: RollupColumns): void {
  const { count: _, ...columns } = from
  for (const [name, column] of Object.entries(columns) as [
    Exclude<keyof RollupColumns, 'count'>,
    Float64Array,
  ][]) {
    to[name][to.count] = column[at] as number
  }
  to.count += 1
}
