import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ExpectedError } from '#contract/errors.ts'
import { syncFolder } from '../durable-files.ts'
import { listMonths } from '../months/month-file.ts'
import { damageOf, messageOf } from '../store-errors.ts'

export type Store = Database.Database
/** `OFF` exists so that a test can show that the tracing test notices it. */
export type Durability = 'FULL' | 'OFF'

/** What this code writes. A file with a higher version is refused; one with a lower is brought up to it. */
export const FORMAT_VERSION = 2
export const STORE_FILE = 'hot.sqlite'
/** Why there is no store where there should be one. Nothing makes that good: see docs/storage.md. */
export const STORE_LOST = 'it is gone, and with it the names of the channels in the folder months'
/** What could be read of a damaged store, complete, about to take its place. */
export const SALVAGED_STORE = 'hot.sqlite.salvaged'

/**
 * The format, described in docs/adr/0002-historian-format.md.
 * `value` has no affinity: numbers are kept as the doubles they came as (and -0 stays -0), texts as texts.
 * Where a reading is read by range, `value` stands before what is read less often.
 */
const schema = `
  CREATE TABLE format (version INTEGER NOT NULL);
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    assignmentId TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT,
    UNIQUE (assignmentId, channel)
  );
  CREATE TABLE hot (
    seq INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    value NOT NULL,
    flags INTEGER NOT NULL
  );
  CREATE TABLE settled (seq INTEGER NOT NULL);
  CREATE TABLE readings (
    series INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    value NOT NULL,
    seq INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    PRIMARY KEY (series, ts)
  ) WITHOUT ROWID;
  CREATE TABLE corrections (
    series INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    value NOT NULL,
    flags INTEGER NOT NULL,
    replacedBy INTEGER NOT NULL,
    PRIMARY KEY (series, ts, seq)
  ) WITHOUT ROWID;
  CREATE TABLE latest (
    series INTEGER PRIMARY KEY,
    ts INTEGER NOT NULL,
    value NOT NULL,
    seq INTEGER NOT NULL,
    flags INTEGER NOT NULL
  );
  CREATE TABLE redeliveries (
    gatewayId TEXT NOT NULL,
    packetId INTEGER NOT NULL,
    payloadHash TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (gatewayId, packetId)
  ) WITHOUT ROWID;
  INSERT INTO settled VALUES (0);
`

/** What was erased on request (erased-series.ts). Whoever does not know these tables reads all the rest as it is. */
const erasedTables = `
  CREATE TABLE IF NOT EXISTS erased (
    series INTEGER PRIMARY KEY, assignmentId TEXT NOT NULL, name TEXT NOT NULL, lastSeq INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS erasedAssignments (id TEXT PRIMARY KEY) WITHOUT ROWID;
`

/**
 * Opens (or makes) the store in `dir` for writing.
 *
 * @throws ExpectedError `data_not_writable`, `data_damaged` (the file is left as it is), `data_from_newer_version`
 */
export function openStore(dir: string, durability: Durability): Store {
  const file = join(dir, STORE_FILE)
  if (isMissing(dir)) mustBeFirst(dir, file)
  createFile(dir, file)
  return opening(file, () => {
    const store = new Database(file, { timeout: 5_000 })
    try {
      store.pragma('journal_mode = WAL')
      setDurability(store, durability)
      // Checkpoints run beside the writer (checkpoints.ts), never inside a commit.
      store.pragma('wal_autocheckpoint = 0')
      store.pragma(`journal_size_limit = ${64 * 1024 * 1024}`)
      store.pragma('cache_size = -32768')
      // Overwrites what is deleted where that costs no writes of its own; see eraser.ts for the rest.
      store.pragma('secure_delete = FAST')
      prepareFormat(store, dir, file)
      // This is the only writer: whatever is busy from here on can be tried later, and nothing may wait for it.
      store.pragma('busy_timeout = 0')
      syncFolder(dir)
      return store
    } catch (error) {
      store.close()
      throw error
    }
  })
}

/** Opens the store for reading beside its writer; it must exist. Reads never change it. */
export function openStoreForReading(dir: string): Store {
  const file = join(dir, STORE_FILE)
  return opening(file, () => {
    const store = new Database(file, { timeout: 5_000, fileMustExist: true })
    store.pragma('wal_autocheckpoint = 0')
    store.pragma('temp_store = MEMORY')
    return store
  })
}

export function setDurability(store: Store, durability: Durability | 'NORMAL'): void {
  store.pragma(`synchronous = ${durability}`)
  // On macOS fsync leaves the drive's own cache unwritten.
  if (process.platform === 'darwin' && durability !== 'OFF') {
    store.pragma('fullfsync = ON')
    store.pragma('checkpoint_fullfsync = ON')
  }
}

/** Whether there is no store; an empty file is none. */
export function isMissing(dir: string): boolean {
  return (statSync(join(dir, STORE_FILE), { throwIfNoEntry: false })?.size ?? 0) === 0
}

/**
 * Series would be numbered from 1 again, and the months of one channel show as those of another.
 *
 * @throws ExpectedError `data_damaged` where the store is new and what belongs to it is not
 */
function mustBeFirst(dir: string, file: string): void {
  if (existsSync(join(dir, SALVAGED_STORE))) {
    throw new ExpectedError('data_damaged', {
      file,
      cause: 'a repair was ended before it was done: run millwright historian repair',
    })
  }
  if (listMonths(dir).length > 0) throw new ExpectedError('data_damaged', { file, cause: STORE_LOST })
}

function prepareFormat(store: Store, dir: string, file: string): void {
  const tables = store
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .pluck()
    .all()
  if (tables.length === 0) {
    mustBeFirst(dir, file)
    makeStoreTables(store)
    return
  }
  if (!tables.includes('format')) {
    throw new ExpectedError('data_damaged', { file, cause: 'it is not a historian store' })
  }
  const version = store.prepare<[], number>('SELECT version FROM format').pluck().get()
  if (version === undefined)
    throw new ExpectedError('data_damaged', { file, cause: 'it has no format version' })
  // 2: readings move on to month files, which a program that writes version 1 would not find.
  if (version === 1) store.prepare('UPDATE format SET version = 2').run()
  if (version > FORMAT_VERSION) {
    throw new ExpectedError('data_from_newer_version', { migration: `historian format ${version}` })
  }
  store.exec(erasedTables)
}

/** The tables of an empty store. */
export function makeStoreTables(store: Store): void {
  store.transaction(() => {
    store.exec(schema)
    store.exec(erasedTables)
    store.prepare('INSERT INTO format VALUES (?)').run(FORMAT_VERSION)
  })()
}

function createFile(dir: string, file: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    // SQLite gives its WAL the mode of this file.
    closeSync(openSync(file, 'a', 0o600))
  } catch (error) {
    throw new ExpectedError('data_not_writable', { dir, cause: messageOf(error) }, { cause: error })
  }
}

function opening(file: string, open: () => Store): Store {
  try {
    return open()
  } catch (error) {
    throw damageOf(error, file)
  }
}
