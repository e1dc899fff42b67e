import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packFlags } from '#contract/model/reading-batch.ts'
import { openStore } from '#platform/historian/ingest/store-file.ts'
import { monthOf } from '#platform/historian/months/month-file.ts'
import { MonthFiles } from '#platform/historian/months/month-files.ts'
import { storeBytes } from '#platform/historian/months/month-parts.ts'
import { RollupEdits } from '#platform/historian/months/rollup-edits.ts'
import { DAY, type History, HOUR, hoursOf } from './shapes.ts'

/** A throw-away folder for stores and their peers. */
export class BenchFolder {
  path = ''

  async create(): Promise<void> {
    this.path = await mkdtemp(join(process.env.MILLWRIGHT_BENCH_DIR ?? tmpdir(), 'millwright-bench-'))
  }

  async remove(): Promise<void> {
    if (this.path !== '') await rm(this.path, { recursive: true, force: true })
  }
}

/** Rows in `hot.sqlite` as a site leaves them: its series, and the newest reading of each. */
export function makeStore(dir: string, { shape, series, from, hours }: History): void {
  const store = openStore(dir, 'OFF')
  const kind = shape === 'onoff' ? 'boolean' : 'number'
  const introduce = store.prepare(`INSERT INTO series (assignmentId, channel, kind) VALUES ('bench', ?, ?)`)
  const latest = store.prepare('INSERT INTO latest VALUES (?, ?, 20.5, ?, 0)')
  store.transaction(() => {
    for (let one = 1; one <= series; one++) {
      introduce.run(`channel ${one}`, kind)
      latest.run(one, from + hours * HOUR - 1_000, one)
    }
  })()
  store.close()
}

/**
 * A store with a whole history, built with the folder's own writer functions (blocks of an hour, rollups a day), without
 * the way through hot table and ordered rows.
 * @returns bytes of everything in its folder
 */
export function buildStore(dir: string, history: History): number {
  makeStore(dir, history)
  const files = new MonthFiles(dir, 'OFF')
  let seq = 0
  let readings = 0
  let open: {
    month: string
    writer: ReturnType<MonthFiles['get']>
    rollups: RollupEdits
    begun: number
  } | null = null
  const end = () => {
    if (open === null) return
    open.rollups.write()
    open.writer.commit({ at: open.begun, readings })
    readings = 0
    open = null
  }
  for (const { series, from, columns } of hoursOf(history)) {
    const month = monthOf(from)
    if (open !== null && (open.month !== month || from % DAY === 0)) end()
    if (open === null) {
      const writer = files.get({ month, retentionClass: 'standard' })
      writer.begin()
      open = { month, writer, rollups: new RollupEdits(writer), begun: from }
    }
    seq += columns.count
    readings += columns.count
    open.writer.putBlock(series, from, from + HOUR, columns, seq, null)
    open.rollups.replace(series, columns, from, from + HOUR)
  }
  end()
  files.closeAll()
  return storeBytes(dir)
}

/** A store with a whole history that has settled and is not folded: rows as settling leaves them. */
export function buildUnfolded(dir: string, history: History): void {
  makeStore(dir, history)
  const store = openStore(dir, 'OFF')
  const flags = history.shape === 'onoff' ? packFlags('boolean', 0) : packFlags('number', 0)
  const insert = store.prepare('INSERT INTO readings (series, ts, value, seq, flags) VALUES (?, ?, ?, ?, ?)')
  let seq = 0
  let hours = 0
  store.exec('BEGIN')
  for (const { series, columns } of hoursOf(history)) {
    for (let i = 0; i < columns.count; i++) insert.run(series, columns.ts[i], columns.values[i], ++seq, flags)
    if (++hours % 200 !== 0) continue
    store.exec('COMMIT')
    store.pragma('wal_checkpoint(PASSIVE)')
    store.exec('BEGIN')
  }
  store.prepare('UPDATE settled SET seq = ?').run(seq)
  store.exec('COMMIT')
  store.pragma('wal_checkpoint(TRUNCATE)')
  store.close()
}
