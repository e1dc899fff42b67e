import { field, valueField } from './csv-text.ts'
import { type Emit, TextOutput } from './export-output.ts'
import type { ExportSource } from './export-source.ts'
import type { ExportTask, ExportTotals } from './export-task.ts'
import { isoTimes } from './iso-time.ts'
import { timeShare } from './progress.ts'
import { wideColumns } from './wide-columns.ts'
import { wideRows } from './wide-rows.ts'

/** One line a time, one column a channel; a cell without a reading is empty. */
export async function writeWideCsv(
  task: ExportTask,
  source: ExportSource,
  emit: Emit,
): Promise<ExportTotals> {
  const output = new TextOutput(emit)
  const iso = isoTimes()
  const totals: ExportTotals = { rows: 0, readings: 0 }
  const heads = wideColumns(task).map(({ head }) => field(head, task.raw))
  output.add(`${['time', ...heads].join(',')}\r\n`)
  for await (const { ts, cells, readings } of wideRows(task, source)) {
    let line = iso(ts)
    for (const cell of cells) line += cell === null ? ',' : `,${valueField(cell, task.raw)}`
    output.add(`${line}\r\n`)
    totals.rows++
    totals.readings += readings
    if (output.isFull) await output.flush(timeShare(task, ts))
  }
  await output.flush(1)
  return totals
}
