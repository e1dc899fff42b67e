import { assertNever } from '#contract/errors.ts'
import type { ReadingValue } from '#contract/model/reading.ts'
import type { Emit } from './export-output.ts'
import type { ExportSource } from './export-source.ts'
import type { ExportTask, ExportTotals } from './export-task.ts'
import { type ParquetColumn, ParquetOutput, textColumn, timestampColumn } from './parquet-output.ts'
import { timeShare } from './progress.ts'
import { type WideColumn, wideColumns } from './wide-columns.ts'
import { wideRows } from './wide-rows.ts'

/** Cells of a row group. */
const GROUP_CELLS = 1_000_000
/** Characters of texts of a row group, where these are long. */
const GROUP_TEXT = 8 * 1024 ** 2

/** One row a time, one column a channel, of the channel's type; a value of another type is left empty. */
export async function writeWideParquet(
  task: ExportTask,
  source: ExportSource,
  emit: Emit,
): Promise<ExportTotals> {
  const columns = wideColumns(task)
  const output = new ParquetOutput([timestampColumn('time'), ...columns.map(parquetColumn)], emit)
  const groupRows = Math.max(1_000, Math.min(122_880, Math.floor(GROUP_CELLS / (columns.length + 1))))
  const totals: ExportTotals = { rows: 0, readings: 0 }
  let time: number[] = []
  let texts = 0
  let cells: (ReadingValue | null)[][] = columns.map(() => [])
  const flush = async (fraction: number): Promise<void> => {
    const data = [
      { values: time, encoding: 'DELTA_BINARY_PACKED' as const },
      ...cells.map((values) => ({ values })),
    ]
    time = []
    texts = 0
    cells = columns.map(() => [])
    await output.writeGroup(data, fraction)
  }
  for await (const row of wideRows(task, source)) {
    time.push(row.ts)
    for (const [index, column] of columns.entries()) {
      const value = fitting(column, row.cells[index] ?? null)
      cells[index]?.push(value)
      if (typeof value === 'string') texts += value.length
    }
    totals.rows++
    totals.readings += row.readings
    if (time.length === groupRows || texts >= GROUP_TEXT) await flush(timeShare(task, row.ts))
  }
  await flush(1)
  await output.finish()
  return totals
}

function parquetColumn({ head, kind }: WideColumn): ParquetColumn {
  switch (kind) {
    case 'number':
    case 'integer':
      return { name: head, type: 'DOUBLE', repetition_type: 'OPTIONAL' }
    case 'boolean':
      return { name: head, type: 'BOOLEAN', repetition_type: 'OPTIONAL' }
    case 'text':
      return textColumn(head, 'OPTIONAL')
    default:
      return assertNever(kind)
  }
}

function fitting({ kind }: WideColumn, value: ReadingValue | null): ReadingValue | null {
  if (value === null) return null
  if (kind === 'text' || kind === 'boolean')
    return typeof value === (kind === 'text' ? 'string' : kind) ? value : null
  return typeof value === 'string' ? null : Number(value)
}
