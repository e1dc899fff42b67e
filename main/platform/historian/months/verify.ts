import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { ExpectedError } from '#contract/errors.ts'
import { isMissing, openStoreForReading, STORE_FILE, STORE_LOST } from '../ingest/store-file.ts'
import { isDamage, messageOf } from '../store-errors.ts'
import { checkMonth, type MonthCounts } from './check-month.ts'
import { type CheckOptions, type Finding, finding } from './findings.ts'
import {
  listMonths,
  MONTHS_FOLDER,
  type MonthDb,
  type MonthName,
  monthFile,
  openMonthForReading,
} from './month-file.ts'

interface VerifyReport extends MonthCounts {
  files: number
  findings: Finding[]
}

/** Files that `salvage` kept beside those that took their place. */
const SET_ASIDE = /\.sqlite\.damaged-\d+$/

/**
 * Reads everything in a store's folder and tells what is wrong with it. Changes nothing, and can run beside a site that writes it.
 * The signal's reason is thrown when it is aborted.
 */
export async function verifyStore(dir: string, options: CheckOptions = {}): Promise<VerifyReport> {
  const report: VerifyReport = { files: 0, blocks: 0, readings: 0, findings: [] }
  const found = (one: Finding): void => void report.findings.push(one)
  const months = listMonths(dir)
  const paths = [join(dir, STORE_FILE), ...months.map((name) => monthFile(dir, name))]
  const total = paths.reduce((sum, path) => sum + sizeOf(path), 0)
  let done = 0
  const passed = (path: string): void => {
    done += sizeOf(path)
    report.files += 1
    options.onProgress?.({ file: path, done, total })
  }
  if (!isMissing(dir)) {
    checkHot(dir, found)
    passed(join(dir, STORE_FILE))
  } else if (months.length > 0) {
    found({ ...finding('file_damaged', STORE_FILE, STORE_LOST), repairable: false })
  }
  for (const name of months) {
    await checkFile(dir, name, report, found, options.signal)
    passed(monthFile(dir, name))
  }
  for (const name of namesIn(join(dir, MONTHS_FOLDER))) {
    if (SET_ASIDE.test(name)) found(finding('file_set_aside', `${MONTHS_FOLDER}/${name}`, 'it was damaged'))
  }
  return report
}

function checkHot(dir: string, found: (finding: Finding) => void): void {
  guarded(STORE_FILE, found, () => {
    const store = openStoreForReading(dir)
    try {
      checkPages(store, STORE_FILE, found)
      store.prepare('SELECT version FROM format').get()
    } finally {
      store.close()
    }
  })
}

async function checkFile(
  dir: string,
  name: MonthName,
  report: VerifyReport,
  found: (finding: Finding) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = `${MONTHS_FOLDER}/${name.month}.${name.retentionClass}.sqlite`
  let db: MonthDb | null = null
  try {
    const opened = openMonthForReading(dir, name)
    db = opened
    const sound = checkPages(opened, file, found)
    const before = metaCounts(opened)
    const work = checkMonth(opened, file, name.month, found)
    for (let step = work.next(); ; step = work.next()) {
      if (step.done) {
        report.blocks += step.value.blocks
        report.readings += step.value.readings
        if (sound && same(before, metaCounts(opened)) && !same(before, step.value)) {
          found(
            finding(
              'count_wrong',
              file,
              `${JSON.stringify(before)}, but it has ${JSON.stringify(step.value)}`,
            ),
          )
        }
        return
      }
      await turn()
      signal?.throwIfAborted()
    }
  } catch (error) {
    tell(error, file, found)
  } finally {
    db?.close()
  }
}

function checkPages(db: MonthDb, file: string, found: (finding: Finding) => void): boolean {
  const lines = db.pragma('integrity_check(10)') as { integrity_check: string }[]
  const faults = lines.map(({ integrity_check }) => integrity_check).filter((line) => line !== 'ok')
  for (const fault of faults) found(finding('file_damaged', file, fault))
  return faults.length === 0
}

function guarded(file: string, found: (finding: Finding) => void, check: () => void): void {
  try {
    check()
  } catch (error) {
    tell(error, file, found)
  }
}

function tell(error: unknown, file: string, found: (finding: Finding) => void): void {
  if (error instanceof ExpectedError && error.code === 'data_from_newer_version') {
    found(finding('newer_version', file, error.message))
  } else if (isDamage(error)) found(finding('file_damaged', file, messageOf(error)))
  else throw error
}

function metaCounts(db: MonthDb): MonthCounts {
  const of = db.prepare<[string], number>('SELECT value FROM meta WHERE key = ?').pluck()
  return { blocks: of.get('blocks') ?? 0, readings: of.get('readings') ?? 0 }
}

function same(one: MonthCounts, other: MonthCounts): boolean {
  return one.blocks === other.blocks && one.readings === other.readings
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
