import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'

/** `hot.sqlite` as version 1 made it, with settled, replaced and hot readings of September 2026. Never changes. */
const version1 = `
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
  INSERT INTO format VALUES (1);
  INSERT INTO series VALUES (1, 'assignment', 'flow', 'number', 'm3/h');
  INSERT INTO readings VALUES (1, 1788220800000, 20.5, 1, 0), (1, 1788220801000, 22.0, 3, 0);
  INSERT INTO corrections VALUES (1, 1788220801000, 2, 21.0, 0, 3);
  INSERT INTO settled VALUES (3);
  INSERT INTO hot VALUES (4, 1, 1788220802000, 'stopped', 768), (5, 1, 1788220803000, 23.0, 1);
  INSERT INTO latest VALUES (1, 1788220801000, 22.0, 3, 0);
  INSERT INTO redeliveries VALUES ('g', 1, '0011223344556677', 1, 1788220800000);
`

/** Makes the file anew. */
export function makeVersion1(file: string): void {
  rmSync(file)
  const store = new Database(file)
  store.pragma('journal_mode = WAL')
  store.exec(version1)
  store.close()
}
