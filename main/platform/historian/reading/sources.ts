import { HOUR } from '../blocks/rollup-columns.ts'
import type { Store } from '../ingest/store-file.ts'
import { BlockSource } from './block-source.ts'
import type { DamageNotices } from './damage.ts'
import { MonthShelf } from './month-shelf.ts'
import { RollupSource } from './rollup-source.ts'
import { RowSource } from './row-source.ts'
import { VersionSource } from './version-source.ts'

/** Where readings can be. What waits in one moves on to the next: so they are always asked in this order. */
export interface Sources {
  /** `hot`, then `readings`. */
  rows: RowSource
  /** The month files: which there are, then what is in them. */
  shelf: MonthShelf
  blocks: BlockSource
  rollups: RollupSource
  /** Which of them have something new. */
  versions: VersionSource
  notices: DamageNotices
}

export function openSources(dir: string, store: Store, notices: DamageNotices): Sources {
  const shelf = new MonthShelf(dir)
  const versions = new VersionSource(shelf)
  const blocks = new BlockSource(shelf, versions)
  const rollups = new RollupSource(shelf, blocks)
  return { rows: new RowSource(store), shelf, blocks, rollups, versions, notices }
}

/** Times that a Date can have: what a search without an end goes to. */
export const TIME_MIN = -8.64e15
export const TIME_MAX = 8.64e15

export function hourOf(ts: number): number {
  return Math.floor(ts / HOUR) * HOUR
}
