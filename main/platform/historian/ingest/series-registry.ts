import type { Statement } from 'better-sqlite3'
import type { ValueKind } from '#contract/model/reading.ts'
import type { SeriesInfo, SeriesIntroduction } from '#contract/model/reading-batch.ts'
import { ErasedSeries } from './erased-series.ts'
import type { Store } from './store-file.ts'

/** A series as the writer holds it; `id` is null until the transaction with its first rows gives it one. */
export interface SeriesEntry {
  id: number | null
  assignmentId: string
  channel: string
  kind: ValueKind
  unit: string | null
  /** Its readings are dropped. */
  isErased: boolean
}

/**
 * Every series of the store by (assignment, channel). Ids are given inside the transaction that inserts the
 * first rows, so that no id is ever known outside that is not on disk; none is given twice.
 */
export class SeriesRegistry {
  readonly erased: ErasedSeries
  private readonly entries = new Map<string, SeriesEntry>()
  private readonly insert: Statement<[number, string, string, string, string | null], never>
  private unsaved: SeriesEntry[] = []
  private saved = 0
  private nextId: number

  constructor(store: Store) {
    this.erased = new ErasedSeries(store)
    this.insert = store.prepare(
      'INSERT INTO series (id, assignmentId, channel, kind, unit) VALUES (?, ?, ?, ?, ?)',
    )
    const rows = store.prepare<[], SeriesInfo>(
      'SELECT id AS seriesId, assignmentId, channel, kind, unit FROM series',
    )
    let highest = this.erased.highest
    for (const { seriesId, ...row } of rows.all()) {
      highest = Math.max(highest, seriesId)
      if (!this.erased.has(seriesId)) this.entries.set(keyOf(row), { id: seriesId, ...row, isErased: false })
    }
    this.nextId = highest + 1
    this.saved = this.entries.size
  }

  get size(): number {
    return this.saved
  }

  /** The entry that an introduction names. A series keeps the kind and unit of its first introduction. */
  introduce(introduction: SeriesIntroduction): SeriesEntry {
    const key = keyOf(introduction)
    const known = this.entries.get(key)
    if (known) return known
    const { assignmentId, channel, kind, unit } = introduction
    const isErased = this.erased.hasName(introduction)
    const entry: SeriesEntry = { id: null, assignmentId, channel, kind, unit, isErased }
    if (!isErased) this.entries.set(key, entry)
    return entry
  }

  /** Call inside a transaction, then `commit` or `rollback` with it. */
  idOf(entry: SeriesEntry): number {
    if (entry.id !== null) return entry.id
    this.insert.run(this.nextId, entry.assignmentId, entry.channel, entry.kind, entry.unit)
    entry.id = this.nextId
    this.nextId += 1
    this.unsaved.push(entry)
    return entry.id
  }

  /** The series that became durable with this transaction. */
  commit(): SeriesInfo[] {
    const added = this.unsaved.map(infoOf)
    this.saved += added.length
    this.unsaved = []
    return added
  }

  rollback(): void {
    this.nextId -= this.unsaved.length
    for (const entry of this.unsaved) entry.id = null
    this.unsaved = []
  }

  all(): SeriesInfo[] {
    return [...this.entries.values()].filter((entry) => entry.id !== null).map(infoOf)
  }

  /** From now on what comes of these is dropped, whoever has them at hand. */
  forget(series: readonly SeriesInfo[], assignmentIds: ReadonlySet<string>): void {
    const ids = new Set(series.map(({ seriesId }) => seriesId))
    for (const [key, entry] of this.entries) {
      if (!(entry.id !== null && ids.has(entry.id)) && !assignmentIds.has(entry.assignmentId)) continue
      entry.isErased = true
      this.entries.delete(key)
      if (entry.id !== null) this.saved -= 1
    }
  }
}

function keyOf(series: { assignmentId: string; channel: string }): string {
  return `${series.assignmentId}\n${series.channel}`
}

function infoOf(entry: SeriesEntry): SeriesInfo {
  const { id, assignmentId, channel, kind, unit } = entry
  return { seriesId: id ?? 0, assignmentId, channel, kind, unit }
}
