import { KIND_SHIFT, kindOf } from '#contract/model/reading-batch.ts'
import type { Emit } from './export-output.ts'
import type { ExportSource } from './export-source.ts'
import type { ExportTask, ExportTotals } from './export-task.ts'
import { ParquetOutput, textColumn, timestampColumn } from './parquet-output.ts'
import { progressOf } from './progress.ts'
import { TEXT_KIND } from './value-at.ts'

/** Rows of a row group: DuckDB reads about so many at a time, and they take some 20 MB here. */
const GROUP = 122_880
/** Characters of texts of a row group, where these are long. */
const GROUP_TEXT = 8 * 1024 ** 2

const columns = [
  timestampColumn('time'),
  textColumn('gateway', 'REQUIRED'),
  textColumn('channel', 'REQUIRED'),
  textColumn('unit', 'OPTIONAL'),
  textColumn('kind', 'REQUIRED'),
  { name: 'value', type: 'DOUBLE' as const, repetition_type: 'OPTIONAL' as const },
  textColumn('text', 'OPTIONAL'),
  { name: 'quality', type: 'INT32' as const, repetition_type: 'REQUIRED' as const },
]

/**
 * One row a reading. `value` has numbers, and 0 or 1 for booleans; texts are in `text`; `kind` says which it is.
 */
export async function writeLongParquet(
  task: ExportTask,
  source: ExportSource,
  emit: Emit,
): Promise<ExportTotals> {
  const output = new ParquetOutput(columns, emit)
  let group = emptyGroup()
  let readings = 0
  let texts = 0
  const flush = async (fraction: number): Promise<void> => {
    const { time, gateway, channel, unit, kind, value, text, quality } = group
    group = emptyGroup()
    texts = 0
    await output.writeGroup(
      [
        { values: time, encoding: 'DELTA_BINARY_PACKED' },
        { values: gateway, encoding: 'RLE_DICTIONARY' },
        { values: channel, encoding: 'RLE_DICTIONARY' },
        { values: unit, encoding: 'RLE_DICTIONARY' },
        { values: kind, encoding: 'RLE_DICTIONARY' },
        { values: value },
        { values: text },
        { values: quality, encoding: 'RLE_DICTIONARY' },
      ],
      fraction,
    )
  }
  for (const [index, one] of task.channels.entries()) {
    for (let page = await source.next(index); page !== null; page = await source.next(index)) {
      for (let row = 0; row < page.count; row++) {
        const flags = page.flags[row] ?? 0
        const value = page.values[row] ?? 0
        const isText = Math.floor(flags / KIND_SHIFT) === TEXT_KIND
        group.time.push(page.ts[row] ?? 0)
        group.gateway.push(one.gateway)
        group.channel.push(one.key)
        group.unit.push(one.unit)
        group.kind.push(kindOf(flags))
        group.value.push(isText ? null : value)
        const text = isText ? (page.texts[value] ?? '') : null
        group.text.push(text)
        texts += text?.length ?? 0
        group.quality.push(flags % KIND_SHIFT)
        if (group.time.length === GROUP || texts >= GROUP_TEXT)
          await flush(progressOf(task, index, page.ts[row] ?? 0))
      }
      readings += page.count
    }
  }
  await flush(1)
  await output.finish()
  return { rows: readings, readings }
}

function emptyGroup() {
  return {
    time: [] as number[],
    gateway: [] as string[],
    channel: [] as string[],
    unit: [] as (string | null)[],
    kind: [] as string[],
    value: [] as (number | null)[],
    text: [] as (string | null)[],
    quality: [] as number[],
  }
}
