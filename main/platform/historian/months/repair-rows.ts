import { BlockDamaged } from '../blocks/block-damaged.ts'
import { DAY } from '../blocks/rollup-columns.ts'
import { checkMonth } from './check-month.ts'
import { readingsOf } from './checked-block.ts'
import type { Finding, FindingKind } from './findings.ts'
import type { MonthDb } from './month-file.ts'
import type { MonthWriter } from './month-writer.ts'
import { RollupEdits } from './rollup-edits.ts'

/** What was done about one file. */
export interface Repair {
  file: string
  kind: /** A new file with what could be read of the damaged one, which is kept as `kept`. */
  'salvaged' | 'block_set_aside' | 'rollup_rebuilt' | 'counted'
  seriesId: number | null
  from: number | null
  to: number | null
  kept: string | null
}

const DAY_KINDS: readonly FindingKind[] = ['block_damaged', 'rollup_damaged', 'rollup_wrong']

/** Makes good what is wrong with the rows of a file whose pages are sound. Yields now and then. */
export function* repairRows(
  writer: MonthWriter,
  file: string,
  month: string,
  now: number,
): Generator<void, Repair[]> {
  const found: Finding[] = []
  yield* checkMonth(writer.db, file, month, (one) => found.push(one))
  const repairs: Repair[] = []
  for (const [series, day] of daysOf(found)) {
    // Each day in a transaction of its own.
    writer.begin()
    try {
      repairDay(writer, file, series, day, repairs, now)
      writer.commit(null)
    } finally {
      writer.rollback()
    }
    yield
  }
  if (countAgain(writer.db)) {
    repairs.push({ file, kind: 'counted', seriesId: null, from: null, to: null, kept: null })
  }
  return repairs
}

/** The days of the series in which there is something to repair. */
function daysOf(findings: Finding[]): [series: number, day: number][] {
  const days = new Map<string, [number, number]>()
  for (const { kind, seriesId, from } of findings) {
    if (!DAY_KINDS.includes(kind) || seriesId === null || from === null) continue
    const day = Math.floor(from / DAY) * DAY
    days.set(`${seriesId}/${day}`, [seriesId, day])
  }
  return [...days.values()]
}

function repairDay(
  writer: MonthWriter,
  file: string,
  series: number,
  day: number,
  repairs: Repair[],
  now: number,
): void {
  const done = (kind: Repair['kind'], from: number, to: number): void => {
    repairs.push({ file, kind, seriesId: series, from, to, kept: null })
  }
  for (const span of writer.blocksIn(series, day, day + DAY)) {
    const block = writer.readBlock(span.id)
    if (!block) continue
    try {
      readingsOf(block)
    } catch (error) {
      if (!(error instanceof BlockDamaged)) throw error
      writer.setAside(span, error.message, now)
      done('block_set_aside', span.startTs, span.endTs)
    }
  }
  const rollups = new RollupEdits(writer)
  rollups.rebuild(series, day)
  if (rollups.write()) done('rollup_rebuilt', day, day + DAY)
}

/** Brings the counts of `meta` in line with the blocks. True where they were wrong. */
function countAgain(db: MonthDb): boolean {
  const count = db.prepare<[], [number, number]>('SELECT count(*), coalesce(sum(count), 0) FROM blocks').raw()
  const [blocks, readings] = count.get() ?? [0, 0]
  const find = db.prepare<[string], number>('SELECT value FROM meta WHERE key = ?').pluck()
  const put = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
  const wrong = Object.entries({ blocks, readings }).filter(([key, value]) => (find.get(key) ?? 0) !== value)
  db.transaction(() => {
    for (const [key, value] of wrong) put.run(key, value)
  })()
  return wrong.length > 0
}
