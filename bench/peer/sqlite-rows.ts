import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type History, hoursOf } from '../store/shapes.ts'
import type { RowsPeer } from './rows-peer.ts'

/** Plain rows in SQLite, ordered by (series, ts): what one does without a historian. */
export class SqliteRows implements RowsPeer {
  readonly name = 'sqlite'
  readonly what = 'SQLite rows, PRIMARY KEY (series, ts) WITHOUT ROWID'
  readonly #file: string
  readonly #db: Database.Database

  private constructor(file: string) {
    this.#file = file
    this.#db = new Database(file)
    this.#db.pragma('journal_mode = WAL')
    this.#db.pragma('synchronous = OFF')
    this.#db.pragma('cache_size = -65536')
    this.#db.exec(
      'CREATE TABLE readings (series INTEGER, ts INTEGER, value REAL, PRIMARY KEY (series, ts)) WITHOUT ROWID',
    )
  }

  static async open(dir: string): Promise<SqliteRows> {
    return new SqliteRows(join(dir, 'rows.sqlite'))
  }

  async load(history: History): Promise<number> {
    const startedAt = performance.now()
    const insert = this.#db.prepare('INSERT INTO readings VALUES (?, ?, ?)')
    this.#db.exec('BEGIN')
    for (const { series, columns } of hoursOf(history)) {
      for (let i = 0; i < columns.count; i++) insert.run(series, columns.ts[i], columns.values[i])
    }
    this.#db.exec('COMMIT')
    this.#db.pragma('wal_checkpoint(TRUNCATE)')
    return (performance.now() - startedAt) / 1_000
  }

  async bytes(): Promise<number> {
    return statSync(this.#file).size
  }

  async chart({ series, from, to, width }: Parameters<RowsPeer['chart']>[0]): Promise<number> {
    // BigInt, for a number would be bound as REAL and group by the row.
    return this.#db
      .prepare(
        `SELECT (ts - @from) / @width AS bucket, count(*), min(value), max(value), avg(value), sum(value)
         FROM readings WHERE series = @series AND ts >= @from AND ts < @to GROUP BY bucket`,
      )
      .all({ series, from: BigInt(from), to: BigInt(to), width: BigInt(width) }).length
  }

  async latest(): Promise<number> {
    return this.#db
      .prepare(
        `WITH RECURSIVE every(series) AS (
           SELECT min(series) FROM readings
           UNION ALL SELECT (SELECT min(series) FROM readings WHERE series > every.series) FROM every WHERE series IS NOT NULL
         )
         SELECT series, (SELECT max(ts) FROM readings WHERE series = every.series) AS newest,
           (SELECT value FROM readings WHERE series = every.series ORDER BY ts DESC LIMIT 1)
         FROM every WHERE series IS NOT NULL`,
      )
      .all().length
  }

  async exportCsv(file: string): Promise<void> {
    const out = await open(file, 'w')
    let text = 'series,time,value\n'
    const rows = this.#db
      .prepare<[], [number, string, number]>(
        `SELECT series, strftime('%Y-%m-%dT%H:%M:%fZ', ts / 1000.0, 'unixepoch'), value FROM readings ORDER BY series, ts`,
      )
      .raw()
    for (const [series, time, value] of rows.iterate()) {
      text += `${series},${time},${value}\n`
      if (text.length < 262_144) continue
      await out.write(text)
      text = ''
    }
    await out.write(text)
    await out.close()
  }

  async stop(): Promise<void> {
    this.#db.close()
  }
}
