import type { FlashJob } from '#contract/model/flash.ts'
import { field } from '#platform/csv/csv-field.ts'
import { resultColumns, resultRow } from './result-row.ts'

/**
 * The boards of a run, in the order in which they began: RFC 4180 in UTF-8.
 *
 * @param raw without the apostrophe before what a spreadsheet would run
 */
export function resultsCsv(jobs: readonly FlashJob[], raw: boolean): string {
  const lines = inOrder(jobs).map((job) => {
    const row = resultRow(job)
    return resultColumns.map((column) => field(row[column], raw)).join(',')
  })
  return `${[resultColumns.join(','), ...lines].join('\r\n')}\r\n`
}

export function inOrder(jobs: readonly FlashJob[]): FlashJob[] {
  return jobs.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime() || (a.id < b.id ? -1 : 1))
}
