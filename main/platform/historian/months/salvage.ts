import { rmSync } from 'node:fs'
import { renameDurably, syncFile } from '../durable-files.ts'
import { type MonthDb, type MonthName, makeMonth, monthFile } from './month-file.ts'
import { MAKING, SALVAGED } from './month-parts.ts'
import { noteLostBlocks } from './lost-blocks.ts'
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
        for (const [table, index] of Object.entries(byId)) yield* copyByKey(source, target, table, 'id', index)
        yield* copyFromEnds(source, target, 'corrections', ['series', 'ts', 'replacedBy'])
      }
    } finally {
      if (source) closeDamaged(source)
    }
    yield* noteLostBlocks(target, now)
    countAgain(target)
  } finally {
    target.close()
  }
  syncFile(making)
  renameDurably(making, file + SALVAGED)
}

/** Brings the counts of `meta` in line with the blocks. True where they were wrong. */
export function countAgain(db: MonthDb): boolean {
  const count = db.prepare<[], [number, number]>('SELECT count(*), coalesce(sum(count), 0) FROM blocks').raw()
  const [blocks, readings] = count.get() ?? [0, 0]
  const find = db.prepare<[string], number>('SELECT value FROM meta WHERE key = ?').pluck()
  const put = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
  const wrong = Object.entries({ blocks, readings }).filter(([key, value]) => (find.get(key) ?? 0) !== value)
  db.transaction(() => {
    for (const [key, value] of wrong) put.run(key, value)
  })()
  return wrong.length > 0
}
