import { blockChecksum, rollupChecksum } from '../blocks/block-checksum.ts'
import { decodeBlock } from '../blocks/block-codec.ts'
import { BlockDamaged } from '../blocks/block-damaged.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'
import { decodeRollup } from '../blocks/rollup-codec.ts'
import type { RollupColumns } from '../blocks/rollup-columns.ts'
import type { BlockRow } from './month-file.ts'
import type { StoredRollup } from './month-writer.ts'

/** The readings of a block, after its checksum. @throws BlockDamaged */
export function readingsOf(block: BlockRow): ReadingColumns {
  if (blockChecksum(block) !== block.crc) throw new BlockDamaged('its checksum is wrong')
  const columns = decodeBlock(block.data)
  if (columns.count !== block.count)
    throw new BlockDamaged('it holds another number of readings than it says')
  return columns
}

/** The slots of a rollup, after its checksum. @throws BlockDamaged */
export function slotsOf(rollup: StoredRollup): RollupColumns {
  if (rollupChecksum(rollup) !== rollup.crc) throw new BlockDamaged('its checksum is wrong')
  return decodeRollup(rollup.data)
}
