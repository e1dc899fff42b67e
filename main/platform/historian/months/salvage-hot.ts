import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { renameDurably, syncFile, syncFolder } from '../durable-files.ts'
import { isMissing, makeStoreTables, SALVAGED_STORE, STORE_FILE } from '../ingest/store-file.ts'
import { listMonths, openMonthForReading } from './month-file.ts'
import { MAKING } from './month-parts.ts'
import { attempt, closeDamaged, copyByKey, copyFromEnds, openDamaged } from './salvage-rows.ts'

/**
 * Replaces a damaged `hot.sqlite` by what can be read of it, and keeps the damaged one beside it. Returns its new name. The
 * site is stopped.
 */
export function* salvageHot(dir: string): Generator<void, string> {
  const file = join(dir, STORE_FILE)
  const making = file + MAKING
  for (const old of [making, join(dir, SALVAGED_STORE)]) rmSync(old, { force: true })
  const target = new Database(making)
  try {
    target.pragma('journal_mode = OFF')
    target.pragma('synchronous = OFF')
    makeStoreTables(target)
    const source = openDamaged(file)
    try {
      if (source) yield* copyTables(source, target)
    } finally {
      if (source) closeDamaged(source)
    }
    target.prepare('UPDATE settled SET seq = max(seq, ?)').run(highestSeq(dir, target))
  } finally {
    target.close()
  }
  syncFile(making)
  // Complete by its name: from here on a repair that was ended goes on with it.
  renameDurably(making, join(dir, SALVAGED_STORE))
  return takeSalvagedHot(dir)
}

/** Ends what `salvageHot` was ended at, if it was; returns the new name of the damaged store then. */
export function finishSalvagedHot(dir: string): string | null {
  return isMissing(dir) && existsSync(join(dir, SALVAGED_STORE)) ? takeSalvagedHot(dir) : null
}

/** The new one takes the place last: until then a start refuses (store-file.ts). */
function takeSalvagedHot(dir: string): string {
  const file = join(dir, STORE_FILE)
  const nameOf = (n: number): string => `${STORE_FILE}.damaged-${n}`
  let n = 1
  while (existsSync(join(dir, nameOf(n)))) n++
  // What SQLite keeps beside it goes with it, also after a kill in between: a new store would take it for its own.
  if (!existsSync(file) && n > 1) n -= 1
  const kept = nameOf(n)
  for (const end of ['', '-wal', '-shm'])
    if (existsSync(file + end)) renameSync(file + end, join(dir, kept + end))
  syncFolder(dir)
  renameDurably(join(dir, SALVAGED_STORE), file)
  return kept
}

function* copyTables(source: Database.Database, target: Database.Database): Generator<void, void> {
  yield* copyByKey(source, target, 'series', 'id', null)
  yield* copyByKey(source, target, 'hot', 'seq', null)
  yield* copyByKey(source, target, 'latest', 'series', null)
  // Series by series: a damaged page hides what is between the two ends of one only.
  const series = target.prepare<[], number>('SELECT id FROM series').pluck().all()
  for (const value of series) {
    const where = { sql: 'series = ?', value }
    yield* copyFromEnds(source, target, 'readings', ['series', 'ts'], where)
    yield* copyFromEnds(source, target, 'corrections', ['series', 'ts', 'seq'], where)
  }
  yield* copyFromEnds(source, target, 'redeliveries', ['gatewayId', 'packetId'])
  for (const [table, key] of Object.entries({ erased: 'series', erasedAssignments: 'id' }))
    if (source.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined)
      yield* copyFromEnds(source, target, table, [key])
  const settled = attempt(() => source.prepare<[], number>('SELECT seq FROM settled').pluck().get())
  if (settled !== undefined) target.prepare('UPDATE settled SET seq = ?').run(settled)
}

/** Sequences go on behind everything that was ever given one, or a new reading would look older than what it replaces. */
function highestSeq(dir: string, target: Database.Database): number {
  // Rows that are hot have not settled, so these do not count.
  let highest = 0
  for (const column of ['seq FROM readings', 'replacedBy FROM corrections', 'seq FROM latest']) {
    const [name, , table] = column.split(' ')
    highest = Math.max(
      highest,
      target.prepare<[], number>(`SELECT max(${name}) FROM ${table}`).pluck().get() ?? 0,
    )
  }
  for (const name of listMonths(dir)) {
    attempt(() => {
      const db = openMonthForReading(dir, name)
      try {
        highest = Math.max(
          highest,
          db.prepare<[], number>('SELECT max(toSeq) FROM blocks').pluck().get() ?? 0,
        )
      } finally {
        db.close()
      }
    })
  }
  return highest
}
