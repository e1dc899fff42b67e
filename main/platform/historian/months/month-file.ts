import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ExpectedError } from '#contract/errors.ts'
import { syncFolder } from '../durable-files.ts'
import { damageOf } from '../store-errors.ts'

/** Inside the store's folder. */
export const MONTHS_FOLDER = 'months'
export const MONTH_FORMAT_VERSION = 1
/** Blocks of a few KB fill large pages with little waste; see the ADR for the figures. */
const PAGE_SIZE = 65_536

/** Tells what is newer than a version without a look at the blocks. Files of before have it once they are written to. */
export const VERSION_INDEX = 'blocksByVersion'
const versionIndex = `CREATE INDEX IF NOT EXISTS ${VERSION_INDEX} ON blocks (series, toSeq);`

export type MonthDb = Database.Database

/** A file holds what was measured in one UTC month, of all series in one retention class. */
export interface MonthName {
  /** `2026-11` */
  month: string
  /** The class's id: lower-case letters, digits and dashes. */
  retentionClass: string
}

/** The format, described in docs/adr/0007-historian-blocks.md and docs/historian-format.md. */
const monthSchema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
  CREATE TABLE blocks (
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    startTs INTEGER NOT NULL,
    endTs INTEGER NOT NULL,
    count INTEGER NOT NULL,
    firstTs INTEGER NOT NULL,
    lastTs INTEGER NOT NULL,
    min REAL, max REAL, sum REAL, first REAL, last REAL,
    drops INTEGER NOT NULL,
    toSeq INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    data BLOB NOT NULL
  );
  CREATE UNIQUE INDEX blocksBySeries ON blocks (series, startTs);
  ${versionIndex}
  CREATE TABLE rollups (
    id INTEGER PRIMARY KEY,
    level INTEGER NOT NULL,
    series INTEGER NOT NULL,
    day INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    data BLOB NOT NULL
  );
  CREATE UNIQUE INDEX rollupsBySeries ON rollups (level, series, day);
  CREATE TABLE corrections (
    series INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    replacedBy INTEGER NOT NULL,
    value NOT NULL,
    flags INTEGER NOT NULL,
    PRIMARY KEY (series, ts, replacedBy)
  ) WITHOUT ROWID;
  CREATE TABLE damaged (
    id INTEGER PRIMARY KEY,
    series, startTs, endTs, count, firstTs, lastTs, min, max, sum, first, last, drops, toSeq, crc, data,
    cause TEXT NOT NULL,
    foundAt INTEGER NOT NULL
  );
  CREATE INDEX damagedBySeries ON damaged (series, startTs);
`

/** `blocks` as a row. Summaries are of the numbers among the readings: null where there are none. */
export interface BlockRow {
  id: number
  series: number
  /** [startTs, endTs) is what the block answers for: no other block of the series has readings there. Whole minutes. */
  startTs: number
  endTs: number
  /** All readings in it. */
  count: number
  firstTs: number
  lastTs: number
  min: number | null
  max: number | null
  sum: number | null
  first: number | null
  last: number | null
  /** How often a number is less than the one before: 0 for a counter that did not roll over. */
  drops: number
  /** The highest ingest sequence it was made from: the version of each of its readings is at most this. */
  toSeq: number
  /** CRC-32 as `blockChecksum` says. */
  crc: number
  /** See blocks/block-codec.ts. */
  data: Buffer
}

/** `2026-11` of a time. */
export function monthOf(ts: number): string {
  return new Date(ts).toISOString().slice(0, 7)
}

/** Start of a month and of the next one, ms. */
export function monthRange(month: string): { from: number; to: number } {
  const from = Date.parse(`${month}-01T00:00:00Z`)
  const start = new Date(from)
  return { from, to: Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1) }
}

export function monthFile(dir: string, { month, retentionClass }: MonthName): string {
  return join(dir, MONTHS_FOLDER, `${month}.${retentionClass}.sqlite`)
}

const FILE_NAME = /^(\d{4}-\d{2})\.([a-z0-9-]+)\.sqlite$/

/** The month files of a store, oldest first. A store without any has none. */
export function listMonths(dir: string): MonthName[] {
  let names: string[]
  try {
    names = readdirSync(join(dir, MONTHS_FOLDER))
  } catch {
    return []
  }
  const found: MonthName[] = []
  for (const name of names.sort()) {
    const [, month, retentionClass] = FILE_NAME.exec(name) ?? []
    if (month && retentionClass) found.push({ month, retentionClass })
  }
  return found
}

/**
 * Opens, or makes, a month's file for the one thread that writes it.
 *
 * @throws ExpectedError `data_damaged`, `data_from_newer_version`
 */
export function openMonth(dir: string, name: MonthName, synchronous: 'FULL' | 'OFF' = 'FULL'): MonthDb {
  const file = monthFile(dir, name)
  mkdirSync(join(dir, MONTHS_FOLDER), { recursive: true, mode: 0o700 })
  return opening(
    file,
    () => new Database(file, { timeout: 5_000 }),
    (db) => {
      db.pragma(`page_size = ${PAGE_SIZE}`)
      db.pragma('journal_mode = WAL')
      db.pragma(`synchronous = ${synchronous}`)
      if (process.platform === 'darwin' && synchronous !== 'OFF') {
        db.pragma('fullfsync = ON')
        db.pragma('checkpoint_fullfsync = ON')
      }
      if (!hasFormat(db)) {
        makeTables(db, name)
        // What is folded into it is deleted elsewhere: the file must be there after a power cut, and so must its folder.
        syncFolder(join(dir, MONTHS_FOLDER))
        syncFolder(dir)
      }
      checkVersion(db)
      addVersionIndex(db)
    },
  )
}

/** A new file that will take the place of a month's; whoever makes it closes it, syncs it and renames it. */
export function makeMonth(file: string, name: MonthName): MonthDb {
  return opening(
    file,
    () => new Database(file),
    (db) => {
      db.pragma(`page_size = ${PAGE_SIZE}`)
      db.pragma('journal_mode = OFF')
      db.pragma('synchronous = OFF')
      makeTables(db, name)
    },
  )
}

function makeTables(db: MonthDb, { month, retentionClass }: MonthName): void {
  db.transaction(() => {
    db.exec(monthSchema)
    const put = db.prepare('INSERT INTO meta VALUES (?, ?)')
    put.run('format', MONTH_FORMAT_VERSION)
    put.run('month', month)
    put.run('retentionClass', retentionClass)
  })()
}

/** Opens a month's file beside its writer; it must exist. Reads never change it. */
export function openMonthForReading(dir: string, name: MonthName): MonthDb {
  const file = monthFile(dir, name)
  return opening(
    file,
    () => new Database(file, { timeout: 5_000, fileMustExist: true }),
    (db) => {
      db.pragma('query_only = ON')
      checkVersion(db)
    },
  )
}

/** To files of before. A full disk or a damaged page may refuse it: they work without. */
function addVersionIndex(db: MonthDb): void {
  try {
    db.exec(versionIndex)
  } catch {
    // Tried again when the file is opened the next time.
  }
}

function hasFormat(db: MonthDb): boolean {
  return db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'meta'`).get() !== undefined
}

function checkVersion(db: MonthDb): void {
  const version = db.prepare<[], number>(`SELECT value FROM meta WHERE key = 'format'`).pluck().get()
  if (version === undefined || version > MONTH_FORMAT_VERSION)
    throw new ExpectedError('data_from_newer_version', { migration: `historian months format ${version}` })
}

function opening(file: string, open: () => MonthDb, prepare: (db: MonthDb) => void): MonthDb {
  let db: MonthDb | null = null
  try {
    db = open()
    prepare(db)
    return db
  } catch (error) {
    db?.close()
    throw damageOf(error, file)
  }
}
