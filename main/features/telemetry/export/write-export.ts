import type { Emit } from './export-output.ts'
import type { ExportSource } from './export-source.ts'
import type { ExportTask, ExportTotals } from './export-task.ts'
import { writeLongCsv } from './long-csv.ts'
import { writeLongParquet } from './long-parquet.ts'
import { writeWideCsv } from './wide-csv.ts'
import { writeWideParquet } from './wide-parquet.ts'

/** Writes a whole file, of whatever size, in little memory. */
export function writeExport(task: ExportTask, source: ExportSource, emit: Emit): Promise<ExportTotals> {
  if (task.format === 'csv') return (task.layout === 'long' ? writeLongCsv : writeWideCsv)(task, source, emit)
  return (task.layout === 'long' ? writeLongParquet : writeWideParquet)(task, source, emit)
}
