import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, version } from '@duckdb/node-api'
import type { History } from '../store/shapes.ts'
import type { RowsPeer } from './rows-peer.ts'

/** The same rows in DuckDB, loaded in order of (series, ts), compressed as it likes. */
export class DuckDbRows implements RowsPeer {
  readonly name = 'duckdb'
  readonly what = `DuckDB ${version()}, rows in order of (series, ts), no index`
  readonly #file: string
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(file: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#file = file
    this.#instance = instance
    this.#connection = connection
  }

  static async open(dir: string): Promise<DuckDbRows> {
    const file = join(dir, 'rows.duckdb')
    const instance = await DuckDBInstance.create(file)
    const connection = await instance.connect()
    await connection.run('CREATE TABLE readings (series INTEGER, ts BIGINT, value DOUBLE)')
    return new DuckDbRows(file, instance, connection)
  }

  async load(_: History, csv: string): Promise<number> {
    const startedAt = performance.now()
    await this.#connection.run(`COPY readings FROM '${csv}' (FORMAT csv, HEADER false)`)
    await this.#connection.run('CHECKPOINT')
    return (performance.now() - startedAt) / 1_000
  }

  async bytes(): Promise<number> {
    return statSync(this.#file).size
  }

  async chart({ series, from, to, width }: Parameters<RowsPeer['chart']>[0]): Promise<number> {
    const rows = await this.#connection.runAndReadAll(
      `SELECT (ts - ${from}) // ${width} AS bucket, count(*), min(value), max(value), avg(value), sum(value)
       FROM readings WHERE series = ${series} AND ts >= ${from} AND ts < ${to} GROUP BY bucket ORDER BY bucket`,
    )
    return rows.getColumns()[0]?.length ?? 0
  }

  async latest(): Promise<number> {
    const rows = await this.#connection.runAndReadAll(
      'SELECT series, max(ts), arg_max(value, ts) FROM readings GROUP BY series',
    )
    return rows.getColumns()[0]?.length ?? 0
  }

  async exportCsv(file: string): Promise<void> {
    await this.#connection.run(
      `COPY (SELECT series, strftime(make_timestamp(ts * 1000), '%Y-%m-%dT%H:%M:%S.%gZ') AS time, value
         FROM readings ORDER BY series, ts) TO '${file}' (FORMAT csv, HEADER true)`,
    )
  }

  async stop(): Promise<void> {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}
