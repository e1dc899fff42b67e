import { setImmediate as turn } from 'node:timers/promises'
import { join } from 'node:path'
import { BlockDamaged } from '../blocks/block-damaged.ts'
import { DAY } from '../blocks/rollup-columns.ts'
import { STORE_FILE } from '../ingest/store-file.ts'
import { readingsOf } from './checked-block.ts'
import { checkMonth } from './check-month.ts'
import type { CheckOptions, Finding, FindingKind } from './findings.ts'
import { listMonths, type MonthName, MONTHS_FOLDER, openMonth } from './month-file.ts'
import { takeSalvaged, tidyMonths } from './month-parts.ts'
import { MonthWriter } from './month-writer.ts'
import { RollupEdits } from './rollup-edits.ts'
import { salvageHot } from './salvage-hot.ts'
import { countAgain, salvageMonth } from './salvage.ts'
import { verifyStore } from './verify.ts'

const DAY_KINDS: readonly FindingKind[] = ['block_damaged', 'rollup_damaged', 'rollup_wrong']

/** What was done about one file. */
export interface Repair {
  file: string
  kind:
    /** A new file with what could be read of the damaged one, which is kept as `kept`. */
    | 'salvaged'
    | 'block_set_aside'
    | 'rollup_rebuilt'
    | 'counted'
  seriesId: number | null
  from: number | null
  to: number | null
  kept: string | null
}

export interface RepairReport {
  repairs: Repair[]
  /** What `verify` finds afterwards. */
  findings: Finding[]
}

/**
 * Makes good what `verifyStore` finds, as far as it can be. The site is stopped. Files whose pages are damaged are replaced by what can be
 * read of them, and kept; everything else is a transaction in the file. Ending it at any step leaves a store that is no worse.
 */
export async function repairStore(dir: string, options: CheckOptions & { now: number }): Promise<RepairReport> {
  tidyMonths(dir)
  const { findings } = await verifyStore(dir, options)
  const repairs: Repair[] = []
  const open = findings.filter(({ settled, repairable }) => repairable && !settled)
  if (open.some(({ file }) => file === STORE_FILE)) {
    const kept = await finished(salvageHot(dir), options.signal)
    repairs.push({ file: STORE_FILE, kind: 'salvaged', seriesId: null, from: null, to: null, kept })
  }
  for (const name of listMonths(dir)) {
    const file = `${MONTHS_FOLDER}/${name.month}.${name.retentionClass}.sqlite`
    const found = open.filter((one) => one.file === file)
    if (found.length > 0) await repairMonth(dir, name, file, found, repairs, options)
  }
  return { repairs, findings: (await verifyStore(dir, options)).findings }
}

async function repairMonth(
  dir: string,
  name: MonthName,
  file: string,
  found: Finding[],
  repairs: Repair[],
  { now, signal }: { now: number; signal?: AbortSignal },
): Promise<void> {
  if (found.some(({ kind }) => kind === 'file_damaged')) {
    await finished(salvageMonth(dir, name, now), signal)
    const kept = takeSalvaged(dir, name, () => {})
    const relative = `${MONTHS_FOLDER}/${kept.slice(join(dir, MONTHS_FOLDER).length + 1)}`
    repairs.push({ file, kind: 'salvaged', seriesId: null, from: null, to: null, kept: relative })
  }
  const writer = new MonthWriter(openMonth(dir, name))
  try {
    const left: Finding[] = []
    await finished(checkMonth(writer.db, file, name.month, (one) => left.push(one)), signal)
    for (const [series, day] of daysOf(left)) {
      await turn()
      signal?.throwIfAborted()
      // Each day in a transaction of its own.
      writer.begin()
      try {
        repairDay(writer, file, series, day, repairs, now)
        writer.commit(null)
      } finally {
        writer.rollback()
      }
    }
    if (countAgain(writer.db)) repairs.push({ file, kind: 'counted', seriesId: null, from: null, to: null, kept: null })
  } finally {
    writer.close()
  }
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

async function finished<Result>(work: Generator<void, Result>, signal: AbortSignal | undefined): Promise<Result> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value
    await turn()
    signal?.throwIfAborted()
  }
}
