import type { ReadingColumns } from '../blocks/reading-columns.ts'
import type { SincePage, SinceQuery } from '../changes.ts'
import type { ColumnsPage, ColumnsQuery } from '../historian.ts'
import { Damage } from './damage.ts'
import { noRows, type Rows, TEXT_FLAGS } from './rows.ts'
import { rested, type Slice } from './slice.ts'
import { type Sources, TIME_MAX, TIME_MIN } from './sources.ts'
import { Timeline, type TimelineQuery } from './timeline.ts'

/** A page is sent when it has so many readings: a few messages a second, and little memory. */
const PAGE = 16_384
const PAGE_MAX = 65_536
/** Or so much text: a page crosses two threads, and a reading may be a line of a log. */
const PAGE_TEXT = 8 * 1024 ** 2

interface Parts {
  parts: Rows[]
  count: number
  next: number | null
}

/** Readings in bulk. */
export class ColumnReader {
  private readonly sources: Sources

  constructor(sources: Sources) {
    this.sources = sources
  }

  /** `next` is the time that the next page begins at. */
  *page({ seriesId, from, to, after }: ColumnsQuery, slice: Slice): Generator<void, ColumnsPage> {
    const range = { from: Math.max(from, after ?? from), to }
    const damage = new Damage(this.sources.notices, seriesId, range)
    const hot = this.sources.rows.hot([seriesId], to).get(seriesId) ?? noRows
    const { parts, count, next } = yield* this.parts({ series: seriesId, hot, range, damage }, slice)
    const damaged = damage.spans({ from: range.from, to: next ?? to })
    return { columns: concatenated(parts, count), next, damaged }
  }

  /** The same of what is newer than a version. @throws MonthReleased: ask again, a little later */
  *since(query: SinceQuery, slice: Slice): Generator<void, SincePage> {
    const { seriesId, afterSeq, upToSeq = Number.MAX_SAFE_INTEGER, from = TIME_MIN, to = TIME_MAX } = query
    const { rows, notices, versions } = this.sources
    const range = { from: Math.max(from, query.after ?? from), to }
    if (afterSeq > 0) yield* versions.learn(range.from, to, slice)
    const damage = new Damage(notices, seriesId, range, true)
    const seqs = { after: afterSeq, upTo: upToSeq }
    const hot = rows.hot([seriesId], to, seqs).get(seriesId) ?? noRows
    const { parts, count, next } = yield* this.parts({ series: seriesId, hot, range, damage, seqs }, slice)
    const damaged = damage.spans({ from: range.from, to: next ?? to })
    return { columns: concatenated(parts, count), seqs: versionsOf(parts, count), next, damaged }
  }

  private *parts(query: TimelineQuery, slice: Slice): Generator<void, Parts> {
    const { from, to } = query.range
    const timeline = new Timeline(this.sources, { ...query, chunk: PAGE })
    const parts: Rows[] = []
    let count = 0
    let text = 0
    let at = from
    while (at < to && count < PAGE && text < PAGE_TEXT) {
      const piece = timeline.next(at)
      const rows = timeline.read(piece)
      if (count + rows.count > PAGE_MAX && count > 0) break
      if (rows.count > 0) parts.push(rows)
      count += rows.count
      text += textOf(rows)
      at = piece.to
      yield* rested(slice)
    }
    return { parts, count, next: at < to ? at : null }
  }
}

/** Characters of its texts; its list of them may have others too. */
function textOf({ count, values, flags, texts }: Rows): number {
  if (texts.length === 0) return 0
  let characters = 0
  for (let at = 0; at < count; at++)
    if ((flags[at] as number) >= TEXT_FLAGS) characters += texts[values[at] as number]?.length ?? 0
  return characters
}

/** As columns of their own, which can be given away. */
function concatenated(parts: Rows[], count: number): ReadingColumns {
  const columns: ReadingColumns = {
    count,
    ts: new Float64Array(count),
    values: new Float64Array(count),
    flags: new Uint16Array(count),
    texts: [],
  }
  const places = new Map<string, number>()
  let start = 0
  for (const rows of parts) {
    columns.ts.set(rows.ts.subarray(0, rows.count), start)
    columns.values.set(rows.values.subarray(0, rows.count), start)
    columns.flags.set(rows.flags.subarray(0, rows.count), start)
    for (let at = start; rows.texts.length > 0 && at < start + rows.count; at++) {
      if ((columns.flags[at] as number) < TEXT_FLAGS) continue
      const text = rows.texts[columns.values[at] as number] ?? ''
      let place = places.get(text)
      if (place === undefined) {
        place = columns.texts.push(text) - 1
        places.set(text, place)
      }
      columns.values[at] = place
    }
    start += rows.count
  }
  return columns
}

function versionsOf(parts: Rows[], count: number): Float64Array<ArrayBuffer> {
  const seqs = new Float64Array(count)
  let start = 0
  for (const { seq, count: rows } of parts) {
    if (typeof seq === 'number') seqs.fill(seq, start, start + rows)
    else seqs.set(seq.subarray(0, rows), start)
    start += rows
  }
  return seqs
}
