import { existsSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { HALF_HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import { renameDurably, syncFile } from '../durable-files.ts'
import { type MonthDb, type MonthName, makeMonth, monthFile } from './month-file.ts'
import { deleteMonth, MAKING } from './month-parts.ts'

/** Rows of one transaction, and between two yields; a block is a few KB. */
const BATCH = 500
/** Tables with an `id`. */
const BY_ID = ['blocks', 'rollups', 'damaged'] as const

/** Whether a month's file has anything of one of these series. */
export function holdsSome(db: MonthDb, series: Iterable<number>): boolean {
  const find = db
    .prepare<[number, number, number, number, number], number>(
      `SELECT EXISTS (SELECT 1 FROM blocks WHERE series = ?)
         OR EXISTS (SELECT 1 FROM rollups WHERE level = ${MINUTE} AND series = ?)
         OR EXISTS (SELECT 1 FROM rollups WHERE level = ${HALF_HOUR} AND series = ?)
         OR EXISTS (SELECT 1 FROM damaged WHERE series = ?)
         OR EXISTS (SELECT 1 FROM corrections WHERE series = ?)`,
    )
    .pluck()
  for (const one of series) if (find.get(one, one, one, one, one) === 1) return true
  return false
}

/**
 * Makes the file that shall take the place of a month's: all of it but these series, so that no byte of them is left and
 * their room is given back. Nobody writes the month meanwhile. Yields now and then; false where nothing else is in it.
 */
export function* copyWithout(
  dir: string,
  name: MonthName,
  series: Iterable<number>,
): Generator<void, boolean> {
  const file = monthFile(dir, name)
  const making = file + MAKING
  rmSync(making, { force: true })
  makeMonth(making, name).close()
  const db = new Database(file, { timeout: 5_000, fileMustExist: true })
  try {
    db.pragma('temp_store = MEMORY')
    db.exec('CREATE TEMP TABLE gone (series INTEGER PRIMARY KEY)')
    const add = db.prepare('INSERT OR IGNORE INTO gone VALUES (?)')
    db.transaction(() => {
      for (const one of series) add.run(one)
    })()
    db.prepare('ATTACH ? AS fresh').run(making)
    db.pragma('fresh.synchronous = OFF')
    for (const table of BY_ID) yield* copyById(db, table)
    yield* copyCorrections(db)
    const { blocks, kept } = countCopied(db)
    db.exec('DETACH fresh')
    if (blocks + kept === 0) {
      rmSync(making)
      return false
    }
  } finally {
    db.close()
  }
  syncFile(making)
  return true
}

function* copyById(db: MonthDb, table: string): Generator<void, void> {
  const end = db
    .prepare<[number, number], number>(
      `SELECT id FROM main.${table} WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?`,
    )
    .pluck()
  const copy = db.prepare<[number, number], never>(
    `INSERT INTO fresh.${table} SELECT * FROM main.${table}
     WHERE id > ? AND id <= ? AND series NOT IN (SELECT series FROM temp.gone)`,
  )
  for (let from = Number.MIN_SAFE_INTEGER, to: number | undefined; ; from = to) {
    to = end.get(from, BATCH)
    copy.run(from, to ?? Number.MAX_SAFE_INTEGER)
    yield
    if (to === undefined) return
  }
}

function* copyCorrections(db: MonthDb): Generator<void, void> {
  const next = db
    .prepare<[number], number>('SELECT series FROM main.corrections WHERE series > ? ORDER BY series LIMIT 1')
    .pluck()
  const copy = db.prepare<[number], never>(
    `INSERT INTO fresh.corrections SELECT * FROM main.corrections
     WHERE series = ? AND series NOT IN (SELECT series FROM temp.gone)`,
  )
  for (let series = next.get(-1); series !== undefined; series = next.get(series)) {
    copy.run(series)
    yield
  }
}

/** Brings over what `meta` says, less what was left out. */
function countCopied(db: MonthDb): { blocks: number; kept: number } {
  const count = (from: string): [number, number] =>
    db.prepare<[], [number, number]>(`SELECT count(*), coalesce(sum(count), 0) FROM ${from}`).raw().get() ?? [
      0, 0,
    ]
  const [blocks, readings] = count('fresh.blocks')
  const [allBlocks, allReadings] = count('main.blocks')
  const put = db.prepare(
    'INSERT OR REPLACE INTO fresh.meta SELECT key, value - ? FROM main.meta WHERE key = ?',
  )
  db.transaction(() => {
    db.exec('INSERT OR REPLACE INTO fresh.meta SELECT key, value FROM main.meta')
    put.run(allBlocks - blocks, 'blocks')
    put.run(allReadings - readings, 'readings')
  })()
  const rest = db
    .prepare<[], number>(
      'SELECT (SELECT count(*) FROM fresh.damaged) + (SELECT count(*) FROM fresh.corrections) + (SELECT count(*) FROM fresh.rollups)',
    )
    .pluck()
  return { blocks, kept: rest.get() ?? 0 }
}

/**
 * Puts what `copyWithout` made in its place. Nobody but a program from outside has the file open; it keeps this from
 * being done, and an error says so.
 */
export function takeCopy(dir: string, name: MonthName, isCopied: boolean, step: () => void): void {
  const file = monthFile(dir, name)
  if (!isCopied) {
    deleteMonth(dir, name, step)
    return
  }
  if (!existsSync(file + MAKING)) return
  const db = new Database(file, { timeout: 5_000, fileMustExist: true })
  try {
    // Empties and removes the WAL: the file that comes must not find one that is not its own.
    db.pragma('journal_mode = DELETE')
  } finally {
    db.close()
  }
  renameDurably(file + MAKING, file)
  step()
}
