import { closeSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { ExpectedError } from '#contract/errors.ts'

export type SessionDb = Database.Database

const VERSION = 2
const first = `
  CREATE TABLE retained (
    topic TEXT PRIMARY KEY, header TEXT NOT NULL, payload ANY NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE subscriptions (
    clientId TEXT NOT NULL, topic TEXT NOT NULL, options TEXT NOT NULL, PRIMARY KEY (clientId, topic)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY AUTOINCREMENT, clientId TEXT NOT NULL,
    brokerId TEXT, brokerCounter INTEGER, messageId INTEGER, header TEXT NOT NULL, payload ANY NOT NULL
  ) STRICT;
  CREATE INDEX outgoingByClient ON outgoing (clientId, id);
  CREATE TABLE incoming (
    clientId TEXT NOT NULL, messageId INTEGER NOT NULL,
    brokerId TEXT, brokerCounter INTEGER, header TEXT NOT NULL, payload ANY NOT NULL,
    PRIMARY KEY (clientId, messageId)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE wills (
    clientId TEXT PRIMARY KEY, brokerId TEXT NOT NULL, header TEXT NOT NULL, payload ANY NOT NULL
  ) WITHOUT ROWID, STRICT;
`
/** What each version adds to the one before. */
const versions = [
  first,
  'CREATE TABLE assignments (wireName TEXT PRIMARY KEY, assignmentId TEXT NOT NULL) WITHOUT ROWID, STRICT;',
]

/**
 * Opens the file of MQTT sessions, and makes it where there is none.
 *
 * @throws ExpectedError `data_damaged`, `data_from_newer_version`
 */
export function openSessionFile(file: string): SessionDb {
  // SQLite would make it readable for others; its WAL takes over the mode of the file.
  closeSync(openSync(file, 'a', 0o600))
  const db = new Database(file)
  try {
    prepare(db)
  } catch (error) {
    db.close()
    if (error instanceof ExpectedError || !isDamage(error)) throw error
    throw new ExpectedError('data_damaged', { file, cause: error.message }, { cause: error })
  }
  return db
}

function prepare(db: SessionDb): void {
  db.pragma('journal_mode = WAL')
  // A PUBACK, PUBREC or SUBACK promises that the state behind it survives a power cut.
  db.pragma('synchronous = FULL')
  // macOS: fsync alone stops at the drive's cache.
  db.pragma('fullfsync = 1')
  db.pragma('checkpoint_fullfsync = 1')
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > VERSION)
    throw new ExpectedError('data_from_newer_version', { migration: `mqtt sessions ${version}` })
  if (version === VERSION) return
  db.transaction(() => {
    for (const added of versions.slice(version)) db.exec(added)
    db.pragma(`user_version = ${VERSION}`)
  })()
}

function isDamage(error: unknown): error is Error {
  return (
    error instanceof Database.SqliteError &&
    (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'))
  )
}
