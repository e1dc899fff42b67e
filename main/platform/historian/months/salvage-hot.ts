import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { renameDurably, syncFile } from '../durable-files.ts'
import { makeStoreTables, STORE_FILE } from '../ingest/store-file.ts'
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
  rmSync(making, { force: true })
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
  let kept = ''
  for (let n = 1; kept === '' || existsSync(join(dir, kept)); n++) kept = `${STORE_FILE}.damaged-${n}`
  // The new one takes the place last: until then a start finds no store and a repair begins anew.
  for (const end of ['-wal', '-shm'])
    if (existsSync(file + end)) renameSync(file + end, join(dir, kept + end))
  renameDurably(file, join(dir, kept))
  renameDurably(making, file)
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
