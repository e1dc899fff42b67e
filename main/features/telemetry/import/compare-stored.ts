import type { ReadingValue } from '#contract/model/reading.ts'
import { qualityOf, ROW_WIDTH } from '#contract/model/reading-batch.ts'
import type { AppendedReading, Historian } from '#platform/historian/historian.ts'
import { valueAt } from '../export/value-at.ts'
import type { ImportBatch } from './import-thread.ts'

/** Readings of a batch, told apart by what the store has at their time. */
export interface Compared {
  /** What is to be stored, oldest first within a channel: what is new, and what replaces another value. */
  readings: Omit<AppendedReading, 'assignmentId'>[]
  fresh: number
  equal: number
  corrections: number
}

/** Pages of one channel that are looked at for a batch: a file in no order would read the whole store for each. */
const MOST_PAGES = 64

/**
 * Sorts a batch and compares it with what is stored. Of two rows of one channel and time the later one in the file
 * counts. Readings that lie too far apart to look for are taken as new: the store knows equal ones anyway.
 */
export async function compareStored(
  historian: Pick<Historian, 'columns'>,
  batch: ImportBatch,
  seriesOf: (key: string) => number | undefined,
  signal: AbortSignal,
): Promise<Compared> {
  const compared: Compared = { readings: [], fresh: 0, equal: 0, corrections: 0 }
  for (const [index, rows] of rowsByChannel(batch)) {
    const channel = batch.channels[index]
    if (!channel) continue
    const seriesId = seriesOf(channel.key)
    const first = batch.rows[(rows[0] ?? 0) * ROW_WIDTH + 1] ?? 0
    const last = batch.rows[(rows.at(-1) ?? 0) * ROW_WIDTH + 1] ?? 0
    const there =
      seriesId === undefined
        ? new Map<number, StoredReading>()
        : await storedAt(historian, seriesId, timesOf(batch, rows), { from: first, to: last + 1 }, signal)
    for (const row of rows) {
      const reading = readingAt(batch, row)
      const old = there.get(reading.ts)
      if (old === undefined) compared.fresh++
      else if (old.value === reading.value) {
        compared.equal++
        continue
      } else compared.corrections++
      compared.readings.push({ channel: channel.key, kind: channel.kind, unit: channel.unit, ...reading })
    }
  }
  return compared
}

interface StoredReading {
  value: ReadingValue
}

function readingAt({ channels, rows, texts }: ImportBatch, row: number) {
  const at = row * ROW_WIDTH
  const kind = channels[rows[at] ?? -1]?.kind
  const stored = rows[at + 2] ?? 0
  const value: ReadingValue =
    kind === 'text' ? (texts[stored] ?? '') : kind === 'boolean' ? stored !== 0 : stored
  return { ts: rows[at + 1] ?? 0, value, quality: qualityOf(rows[at + 3] ?? 0) }
}

/** Row numbers of each channel by time; of equal times only the last. */
function rowsByChannel({ rows }: ImportBatch): Map<number, number[]> {
  const byChannel = new Map<number, number[]>()
  for (let row = 0; row < rows.length / ROW_WIDTH; row++) {
    const channel = rows[row * ROW_WIDTH] ?? -1
    const of = byChannel.get(channel)
    if (of) of.push(row)
    else byChannel.set(channel, [row])
  }
  const tsOf = (row: number): number => rows[row * ROW_WIDTH + 1] ?? 0
  for (const [channel, of] of byChannel) {
    of.sort((a, b) => tsOf(a) - tsOf(b) || a - b)
    byChannel.set(
      channel,
      of.filter((row, index) => index === of.length - 1 || tsOf(row) !== tsOf(of[index + 1] ?? -1)),
    )
  }
  return byChannel
}

function timesOf({ rows }: ImportBatch, of: number[]): Set<number> {
  return new Set(of.map((row) => rows[row * ROW_WIDTH + 1] ?? 0))
}

async function storedAt(
  historian: Pick<Historian, 'columns'>,
  seriesId: number,
  times: Set<number>,
  span: { from: number; to: number },
  signal: AbortSignal,
): Promise<Map<number, StoredReading>> {
  const found = new Map<number, StoredReading>()
  let after: number | null = null
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const query = { seriesId, ...span, ...(after !== null && { after }) }
    const page = await historian.columns(query, signal)
    const { columns } = page
    for (let row = 0; row < columns.count; row++) {
      const ts = columns.ts[row] ?? 0
      if (times.has(ts)) found.set(ts, { value: valueAt(columns, row) })
    }
    after = page.next
    if (after === null) return found
  }
  return found
}
