import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { STORE_FILE } from '../ingest/store-file.ts'
import type { CheckOptions, Finding } from './findings.ts'
import { listMonths, MONTHS_FOLDER, type MonthName, openMonth } from './month-file.ts'
import { takeSalvaged, tidyMonths } from './month-parts.ts'
import { MonthWriter } from './month-writer.ts'
import { type Repair, repairRows } from './repair-rows.ts'
import { salvageMonth } from './salvage.ts'
import { finishSalvagedHot, salvageHot } from './salvage-hot.ts'
import { verifyStore } from './verify.ts'

interface RepairReport {
  repairs: Repair[]
  /** What `verify` finds afterwards. */
  findings: Finding[]
}

/**
 * Makes good what `verifyStore` finds, as far as it can be. The site is stopped. Files whose pages are damaged are replaced by what can be
 * read of them, and kept; everything else is a transaction in the file. Ending it at any step leaves a store that is no worse.
 */
export async function repairStore(
  dir: string,
  options: CheckOptions & { now: number },
): Promise<RepairReport> {
  tidyMonths(dir)
  const repairs: Repair[] = []
  const salvagedHot = (kept: string): void => {
    repairs.push({ file: STORE_FILE, kind: 'salvaged', seriesId: null, from: null, to: null, kept })
  }
  const finishedHot = finishSalvagedHot(dir)
  if (finishedHot !== null) salvagedHot(finishedHot)
  const { findings } = await verifyStore(dir, options)
  const open = findings.filter(({ settled, repairable }) => repairable && !settled)
  if (open.some(({ file }) => file === STORE_FILE)) {
    salvagedHot(await finished(salvageHot(dir), options.signal))
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
    repairs.push(...(await finished(repairRows(writer, file, name.month, now), signal)))
  } finally {
    writer.close()
  }
}

async function finished<Result>(
  work: Generator<void, Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value
    await turn()
    signal?.throwIfAborted()
  }
}
