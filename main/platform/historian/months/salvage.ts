import { rmSync } from 'node:fs'
import { renameDurably, syncFile } from '../durable-files.ts'
import { noteLostBlocks } from './lost-blocks.ts'
import { type MonthName, makeMonth, monthFile } from './month-file.ts'
import { MAKING, SALVAGED } from './month-parts.ts'
import { MonthWriter } from './month-writer.ts'
import { repairRows } from './repair-rows.ts'
import { closeDamaged, copyByKey, copyFromEnds, openDamaged } from './salvage-rows.ts'

/** Tables with an `id`, and an index of each. */
const byId = { blocks: 'blocksBySeries', rollups: 'rollupsBySeries', damaged: 'damagedBySeries' } as const

/**
 * Copies what can be read of a damaged month file into a complete new one beside it; see `takeSalvaged`. A file of which nothing
 * can be read gives an empty one. Yields now and then.
 */
export function* salvageMonth(dir: string, name: MonthName, now: number): Generator<void, void> {
  const file = monthFile(dir, name)
  const making = file + MAKING
  rmSync(making, { force: true })
  const target = makeMonth(making, name)
  try {
    const source = openDamaged(file)
    try {
      if (source) {
        for (const [table, index] of Object.entries(byId))
          yield* copyByKey(source, target, table, 'id', index)
        yield* copyFromEnds(source, target, 'corrections', ['series', 'ts', 'replacedBy'])
      }
    } finally {
      if (source) closeDamaged(source)
    }
    yield* noteLostBlocks(target, now)
    // Rollups can be made anew where blocks are left, and a reader counts on them.
    yield* repairRows(new MonthWriter(target), name.month, name.month, now)
  } finally {
    target.close()
  }
  syncFile(making)
  renameDurably(making, file + SALVAGED)
}
