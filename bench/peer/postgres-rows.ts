import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { History } from '../store/shapes.ts'
import type { RowsPeer } from './rows-peer.ts'

const run = promisify(execFile)

/** The folder of Postgres' programs on this machine, the newest; null where there is none. */
export async function postgresFolder(): Promise<string | null> {
  // As Debian and Ubuntu lay it out; elsewhere where the path leads.
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const folders = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
  for (const folder of [...folders, ...(process.env.PATH ?? '').split(':')]) {
    if (await stat(join(folder, 'initdb')).catch(() => null)) return folder
  }
  return null
}

/** The same rows in a Postgres server of its own, with a primary key of (series, ts). */
export class PostgresRows implements RowsPeer {
  readonly name = 'postgres'
  readonly what: string
  readonly #server: ChildProcess
  readonly #psql: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #dir: string

  private constructor(what: string, dir: string, server: ChildProcess, psql: ChildProcess) {
    this.what = what
    this.#dir = dir
    this.#server = server
    this.#psql = psql
    if (psql.stdout === null) throw new Error('psql has no output')
    this.#lines = createInterface({ input: psql.stdout })[Symbol.asyncIterator]()
  }

  /** Postgres does not run as root: then it runs as the user `postgres`. */
  static async open(dir: string, bin: string): Promise<PostgresRows> {
    const own = await owner()
    const base = join(dir, 'postgres')
    await mkdir(base)
    // Whoever owns the server must reach its folder.
    await chmod(dir, 0o711)
    if (own !== null) await chown(base, own.uid, own.gid)
    const data = join(base, 'data')
    await run(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'bench', '--auth=trust', '-E', 'UTF8', '--locale=C'],
      own ?? {},
    )
    const settings = {
      listen_addresses: '',
      unix_socket_directories: base,
      shared_buffers: '512MB',
      work_mem: '64MB',
      maintenance_work_mem: '512MB',
      max_wal_size: '8GB',
      fsync: 'off',
      jit: 'off',
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = spawn(join(bin, 'postgres'), ['-D', data, ...flags], { ...own, stdio: 'ignore' })
    const connection = ['-h', base, '-U', 'bench', '-d', 'postgres', '-X', '-q', '-A', '-t']
    await reachable(() => run(join(bin, 'psql'), [...connection, '-c', 'select 1']))
    const { stdout } = await run(join(bin, 'postgres'), ['--version'])
    const psql = spawn(join(bin, 'psql'), [...connection, '-v', 'ON_ERROR_STOP=1'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const what = `${stdout.trim().replace(/^postgres \(PostgreSQL\)/, 'Postgres')}, PRIMARY KEY (series, ts)`
    const peer = new PostgresRows(what, base, server, psql)
    await peer.#ask('CREATE TABLE readings (series integer, ts bigint, value double precision);')
    return peer
  }

  async load(_: History, csv: string): Promise<number> {
    const startedAt = performance.now()
    await this.#ask(`\\copy readings from '${csv}' with (format csv)`)
    await this.#ask('ALTER TABLE readings ADD PRIMARY KEY (series, ts);')
    await this.#ask('VACUUM ANALYZE readings;')
    return (performance.now() - startedAt) / 1_000
  }

  async bytes(): Promise<number> {
    return Number((await this.#ask(`SELECT pg_total_relation_size('readings');`))[0])
  }

  async chart({ series, from, to, width }: Parameters<RowsPeer['chart']>[0]): Promise<number> {
    const rows = await this.#ask(
      `SELECT (ts - ${from}) / ${width} AS bucket, count(*), min(value), max(value), avg(value), sum(value)
       FROM readings WHERE series = ${series} AND ts >= ${from} AND ts < ${to} GROUP BY bucket ORDER BY bucket;`,
    )
    return rows.length
  }

  async latest(): Promise<number> {
    const rows = await this.#ask(
      `WITH RECURSIVE every AS (
         (SELECT series, ts, value FROM readings ORDER BY series, ts DESC LIMIT 1)
         UNION ALL
         SELECT newest.* FROM every, LATERAL (
           SELECT series, ts, value FROM readings WHERE series > every.series ORDER BY series, ts DESC LIMIT 1
         ) AS newest
       ) SELECT * FROM every;`,
    )
    return rows.length
  }

  async exportCsv(file: string): Promise<void> {
    await this.#ask(
      `\\copy (select series, to_char(to_timestamp(ts / 1000.0) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time, value from readings order by series, ts) to '${file}' with (format csv, header)`,
    )
  }

  async stop(): Promise<void> {
    this.#psql.stdin?.end()
    if (this.#server.exitCode !== null) return
    const gone = new Promise((resolve) => this.#server.once('exit', resolve))
    // Fast shutdown: postgres(1).
    this.#server.kill('SIGINT')
    await gone
  }

  /** Lines of the answer; one psql stays, so that no connection is made for each question. */
  async #ask(sql: string): Promise<string[]> {
    this.#psql.stdin?.write(`${sql}\n\\echo ${END}\n`)
    const rows: string[] = []
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Error(`psql ended: ${sql} (${this.#dir})`)
      if (value === END) return rows
      rows.push(value)
    }
  }
}

const END = '--end--'

async function owner(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout)
  return { uid: await id('-u'), gid: await id('-g') }
}

async function reachable(ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await ask()
      return
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
