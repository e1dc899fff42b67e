import { existsSync } from 'node:fs'
import { assertNever } from '#contract/errors.ts'
import { kindOf, qualityOf } from '#contract/model/reading-batch.ts'
import { BlockDamaged } from '#platform/historian/blocks/block-damaged.ts'
import { MonthDump, type SeriesName, seriesNamesBeside } from '#platform/historian/months/month-dump.ts'
import type { BlockRow } from '#platform/historian/months/month-file.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { isoTime } from '../time-argument.ts'

export interface ReadFlags {
  format: 'csv' | 'jsonl'
  blocks?: boolean
  series?: number
  from?: number
  to?: number
}

/** What one line says, by name. */
type Line = Record<string, string | number | boolean | null>

/** Lines are handed on in pieces of about this many characters. */
const PIECE = 65_536

const readingColumns = ['series', 'assignment', 'channel', 'unit', 'time', 'value', 'kind', 'quality']
const blockColumns = [
  'file',
  'series',
  'assignment',
  'channel',
  'from',
  'to',
  'count',
  'first_time',
  'last_time',
  'min',
  'max',
  'sum',
  'first',
  'last',
  'drops',
  'to_seq',
  'bytes',
  'state',
]

/**
 * Prints what month files hold, without a site: each reading, or each block with its summary. Damaged blocks are left
 * out, named on stderr, and make the exit code 1.
 */
export async function readMonths(context: CommandContext, files: string[], flags: ReadFlags): Promise<void> {
  const { output, interrupt } = context
  const columns = flags.blocks ? blockColumns : readingColumns
  let text = flags.format === 'csv' ? `${columns.join(',')}\n` : ''
  let damaged = 0
  for (const file of files) {
    if (!existsSync(file))
      throw new CliError('file_not_readable', `Cannot read ${file}: it does not exist`, { file })
    const month = new MonthDump(file)
    try {
      const names = seriesNamesBeside(file)
      const { series = null, from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER } = flags
      for (const block of month.blocks({ series, from, to })) {
        interrupt.throwIfAborted()
        const name = names.get(block.series)
        let failed: string | null = null
        try {
          const readings = MonthDump.readings(block)
          if (!flags.blocks) {
            for (let i = 0; i < readings.count; i++) {
              const ts = readings.ts[i] ?? 0
              if (ts < from || ts >= to) continue
              const value = valueOf(readings, i)
              text += written(
                readingLine(block.series, name, { ts, flags: readings.flags[i] ?? 0, value }),
                flags.format,
              )
              if (text.length >= PIECE) text = await flushed(context, text)
            }
          }
        } catch (error) {
          if (!(error instanceof BlockDamaged)) throw error
          damaged += 1
          failed = error.message
          output.note(
            `${file}: the block of series ${block.series} from ${isoTime(block.startTs)} to ${isoTime(block.endTs)} is damaged: ${failed}`,
          )
        }
        if (flags.blocks) text += written(blockLine(file, block, name, failed), flags.format)
        if (text.length >= PIECE) text = await flushed(context, text)
      }
    } finally {
      month.close()
    }
  }
  await flushed(context, text)
  if (damaged > 0) context.exitCode = ExitCode.failed
}

async function flushed({ output }: CommandContext, text: string): Promise<string> {
  await output.stream(text)
  return ''
}

function valueOf(
  { values, flags, texts }: ReturnType<typeof MonthDump.readings>,
  i: number,
): number | boolean | string {
  const value = values[i] ?? 0
  const kind = kindOf(flags[i] ?? 0)
  switch (kind) {
    case 'text':
      return texts[value] ?? ''
    case 'boolean':
      return value !== 0
    case 'number':
    case 'integer':
      return value
    default:
      return assertNever(kind)
  }
}

function readingLine(
  series: number,
  name: SeriesName | undefined,
  { ts, value, flags }: { ts: number; value: number | boolean | string; flags: number },
): Line {
  return {
    series,
    assignment: name?.assignmentId ?? null,
    channel: name?.channel ?? null,
    unit: name?.unit ?? null,
    time: isoTime(ts),
    value,
    kind: kindOf(flags),
    quality: qualityOf(flags),
  }
}

function blockLine(file: string, block: BlockRow, name: SeriesName | undefined, failed: string | null): Line {
  return {
    file,
    series: block.series,
    assignment: name?.assignmentId ?? null,
    channel: name?.channel ?? null,
    from: isoTime(block.startTs),
    to: isoTime(block.endTs),
    count: block.count,
    first_time: isoTime(block.firstTs),
    last_time: isoTime(block.lastTs),
    min: block.min,
    max: block.max,
    sum: block.sum,
    first: block.first,
    last: block.last,
    drops: block.drops,
    to_seq: block.toSeq,
    bytes: block.data.byteLength,
    state: failed === null ? 'sound' : `damaged: ${failed}`,
  }
}

function written(line: Line, format: ReadFlags['format']): string {
  if (format === 'jsonl') return `${JSON.stringify(line)}\n`
  return `${Object.values(line).map(cell).join(',')}\n`
}

/** RFC 4180; text that a spreadsheet would run gets an apostrophe (security.md, Files from outside). */
function cell(value: Line[string]): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
