import { KIND_SHIFT } from '#contract/model/reading-batch.ts'
import type { ReadingColumns } from '#platform/historian/blocks/reading-columns.ts'
import { field, valueField } from './csv-text.ts'
import { type Emit, TextOutput } from './export-output.ts'
import type { ExportSource } from './export-source.ts'
import type { ExportTask, ExportTotals } from './export-task.ts'
import { isoTimes } from './iso-time.ts'
import { progressOf } from './progress.ts'
import { BOOLEAN_KIND, TEXT_KIND } from './value-at.ts'

export const LONG_HEADER = ['gateway', 'channel', 'unit', 'time', 'value', 'quality'] as const

/** One line a reading (RFC 4180), one channel after the other, times as ISO 8601 UTC. */
export async function writeLongCsv(
  task: ExportTask,
  source: ExportSource,
  emit: Emit,
): Promise<ExportTotals> {
  const output = new TextOutput(emit)
  const iso = isoTimes()
  let readings = 0
  output.add(`${LONG_HEADER.join(',')}\r\n`)
  for (const [index, { gateway, key, unit }] of task.channels.entries()) {
    const prefix = `${[gateway, key, unit ?? ''].map((text) => field(text, task.raw)).join(',')},`
    for (let page = await source.next(index); page !== null; page = await source.next(index)) {
      for (let row = 0; row < page.count; row++) {
        output.add(`${prefix}${iso(page.ts[row] ?? 0)},${valueText(page, row, task.raw)}\r\n`)
        if (output.isFull) await output.flush(progressOf(task, index, page.ts[row] ?? 0))
      }
      readings += page.count
    }
    await output.flush((index + 1) / task.channels.length)
  }
  await output.flush(1)
  return { rows: readings, readings }
}

/** `value,quality` */
function valueText({ values, flags, texts }: ReadingColumns, row: number, raw: boolean): string {
  const value = values[row] ?? 0
  const flag = flags[row] ?? 0
  const kind = Math.floor(flag / KIND_SHIFT)
  const quality = flag % KIND_SHIFT
  if (kind === TEXT_KIND) return `${field(texts[value] ?? '', raw)},${quality}`
  if (kind === BOOLEAN_KIND) return value === 0 ? `false,${quality}` : `true,${quality}`
  return value === 0 ? `${valueField(value, raw)},${quality}` : `${value},${quality}`
}
