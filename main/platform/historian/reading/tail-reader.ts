import type { Statement } from 'better-sqlite3'
import { TAIL_WIDTH, type TailPage, type TailQuery } from '../changes.ts'
import type { Store } from '../ingest/store-file.ts'
import { rested, type Slice } from './slice.ts'

/** Rows between two looks at how much text there is: of the first ones nothing is known. */
const [FIRST_CHUNK, CHUNK] = [64, 1_024] as const
/** Rows of one snapshot: some 8 ms. */
const SNAPSHOT_ROWS = 16_384
/** Characters of text of a page: it crosses two threads, and a reading may be a line of a log. */
const PAGE_TEXT = 4 * 1024 ** 2

type Take = (total: number, next: number) => void

interface Bounds {
  hot: number | null
  settled: number | null
  erased: number | null
}

/** What the hot table was like at one moment: nothing is there between `after` and `gap`, or it was erased. */
interface Look {
  gap: number
  lastSeq: number
}

/** The hot table in the order in which it came. */
export class TailReader {
  private readonly chunk: Statement<[number, number], number>
  private readonly first: Statement<[number], number>
  private readonly bounds: Statement<[], Bounds>
  private readonly look: (page: PageRows, after: number) => Look
  private page: PageRows | null = null

  constructor(store: Store) {
    const take = (
      _: number,
      series: number,
      ts: number,
      value: number | string,
      flags: number,
      seq: number,
    ): void => this.page?.add(series, ts, value, flags, seq)
    // SQLite calls it with as many arguments as it has; the types know of one.
    store.aggregate('gatherTail', { start: 0, step: take as unknown as Take })
    // The limit keeps the inner query apart, so its order is the order in which rows are gathered.
    this.chunk = store
      .prepare<[number, number], number>(
        `SELECT gatherTail(series, ts, value, flags, seq) FROM (
           SELECT series, ts, value, flags, seq FROM hot WHERE seq > ? ORDER BY seq LIMIT ?
         )`,
      )
      .pluck()
    this.first = store.prepare<[number], number>('SELECT min(seq) FROM hot WHERE seq > ?').pluck()
    // The last sequence as recovery knows it (recovery.ts).
    this.bounds = store.prepare(
      `SELECT (SELECT max(seq) FROM hot) AS hot, (SELECT seq FROM settled) AS settled,
         (SELECT max(lastSeq) FROM erased) AS erased`,
    )
    this.look = store.transaction((page: PageRows, after: number) => this.gather(page, after))
  }

  *read({ after, limit }: Omit<TailQuery, 'signal'>, slice: Slice): Generator<void, TailPage> {
    const page = new PageRows(limit)
    const first = this.look(page, after)
    const { gap } = first
    let { lastSeq } = first
    while (!page.isFull && page.lastSeq !== null && page.lastSeq < lastSeq) {
      yield* rested(slice)
      const before = page.lastSeq
      lastSeq = this.look(page, before).lastSeq
      // What has left meanwhile is a gap for the next page, and what was erased is nothing.
      if (page.lastSeq === before) break
    }
    return { ...page.taken(), gapTo: gap > after ? gap : null, lastSeq }
  }

  /** A part of the page, of one snapshot. Behind rows that it has already nothing may be missing. */
  private gather(page: PageRows, after: number): Look {
    const bounds = this.bounds.get()
    const settled = bounds?.settled ?? 0
    const lastSeq = Math.max(bounds?.hot ?? 0, settled, bounds?.erased ?? 0)
    // Rows leave from the front, and only once their whole run is settled.
    const gap = Math.min(settled, (this.first.get(after) ?? Infinity) - 1)
    if (gap > after && page.lastSeq !== null) return { gap, lastSeq }
    this.page = page
    const end = page.count + SNAPSHOT_ROWS
    for (let from = Math.max(after, gap); !page.isFull && page.count < end; from = page.lastSeq ?? from) {
      const wanted = page.wanted
      const before = page.count
      this.chunk.get(from, wanted)
      if (page.count - before < wanted) break
    }
    this.page = null
    return { gap, lastSeq }
  }
}

/** Rows of a page that are still being gathered. */
class PageRows {
  private readonly limit: number
  private rows = new Float64Array(0)
  private readonly texts: string[] = []
  private characters = 0
  count = 0
  lastSeq: number | null = null

  constructor(limit: number) {
    this.limit = limit
  }

  get isFull(): boolean {
    return this.room === 0 || this.characters >= PAGE_TEXT
  }

  get room(): number {
    return this.limit - this.count
  }

  /** How many rows to ask for next: texts as long as those before are to fit. */
  get wanted(): number {
    const fitting = ((PAGE_TEXT - this.characters) * this.count) / Math.max(1, this.characters)
    const most = this.count === 0 ? FIRST_CHUNK : Math.max(1, Math.min(CHUNK, Math.ceil(fitting)))
    return Math.min(most, this.room)
  }

  /** Behind the one that makes the page full there is none. */
  add(series: number, ts: number, value: number | string, flags: number, seq: number): void {
    if (this.isFull) return
    const at = this.count * TAIL_WIDTH
    if (at === this.rows.length) this.grow()
    this.rows[at] = series
    this.rows[at + 1] = ts
    if (typeof value === 'string') {
      this.characters += value.length
      this.rows[at + 2] = this.texts.push(value) - 1
    } else this.rows[at + 2] = value
    this.rows[at + 3] = flags
    this.rows[at + 4] = seq
    this.lastSeq = seq
    this.count += 1
  }

  taken(): Pick<TailPage, 'rows' | 'count' | 'texts'> {
    const { rows, count, texts } = this
    return {
      rows: rows.length === count * TAIL_WIDTH ? rows : rows.slice(0, count * TAIL_WIDTH),
      count,
      texts,
    }
  }

  private grow(): void {
    const wider = new Float64Array(Math.min(this.limit, Math.max(CHUNK, this.count * 2)) * TAIL_WIDTH)
    wider.set(this.rows)
    this.rows = wider
  }
}
