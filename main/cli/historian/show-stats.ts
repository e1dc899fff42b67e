import { existsSync } from 'node:fs'
import { ExpectedError } from '#contract/errors.ts'
import { MonthDump, unfoldedOf } from '#platform/historian/months/month-dump.ts'
import { listMonths, monthFile } from '#platform/historian/months/month-file.ts'
import { monthBytes, storeBytes } from '#platform/historian/months/month-parts.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'

/** `millwright historian stats`: what is on the disk, from the files themselves. */
export function showStats(context: CommandContext, store: string, json: boolean): void {
  const { output } = context
  mustBeThere(store)
  const months = listMonths(store).map((name) => monthStats(store, name))
  const unfolded = unfoldedOf(store)
  const totalBytes = storeBytes(store)
  if (json) output.json({ store, totalBytes, unfolded, months })
  else {
    output.facts([
      ['store', store],
      ['in all', `${mebibytes(totalBytes)} MiB`],
      ['series', unfolded?.series],
      ['readings in months', sum(months, 'readings')],
      ['not in months yet', unfolded === null ? null : unfolded.hotRows + unfolded.settledRows],
    ])
    if (months.length > 0) output.line()
    if (months.length > 0)
      output.table(
        ['MONTH', 'CLASS', 'MIB', 'READINGS', 'BYTES EACH', 'SERIES', 'BLOCKS', 'CORRECTIONS', 'DAMAGED'],
        months.map((month) => [
          month.month,
          month.retentionClass,
          mebibytes(month.bytes),
          month.readings ?? '-',
          month.readings ? (month.bytes / month.readings).toFixed(2) : '-',
          month.series ?? '-',
          month.blocks ?? '-',
          month.corrections ?? '-',
          month.cause ?? month.damaged ?? '-',
        ]),
      )
  }
  if (months.some(({ cause }) => cause !== null)) context.exitCode = ExitCode.failed
}

/** @throws CliError where there is no store */
export function mustBeThere(store: string): void {
  if (!existsSync(store))
    throw new CliError('file_not_readable', `There is no store of readings in ${store}`, { store })
}

function monthStats(store: string, name: ReturnType<typeof listMonths>[number]) {
  const file = monthFile(store, name)
  const nothing = { readings: null, blocks: null, series: null, damaged: null, corrections: null }
  const base = { ...name, file, bytes: monthBytes(store, name) }
  try {
    const month = new MonthDump(file)
    try {
      return { ...base, ...month.counts(), cause: null }
    } finally {
      month.close()
    }
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    return { ...base, ...nothing, cause: error.message }
  }
}

function sum(months: ReturnType<typeof monthStats>[], what: 'readings'): number {
  return months.reduce((total, month) => total + (month[what] ?? 0), 0)
}

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1)
}
