import type { Statement } from 'better-sqlite3'
import type { SeriesRegistry } from './series-registry.ts'
import type { Store } from './store-file.ts'

/** What shall be gone; all series of an assignment go with it. */
export interface ErasedReadings {
  seriesIds: number[]
  assignmentIds: string[]
  /** Whose messages without times are remembered no more. */
  gatewayIds: string[]
}

interface Task {
  series: number[]
  gatewayIds: string[]
  work: Generator<void, void, number> | null
  done: (series: number[]) => void
}

/** Fits into a page beside its row. */
const FILLER_BYTES = 3_900

/**
 * Erases series from `hot.sqlite`, in slices of one small transaction each: rows are overwritten, and so are pages that
 * hold nothing but what was deleted from them before. A slice that fails is begun again; ended at any step, erasing the
 * same once more ends it.
 */
export class Eraser {
  private readonly store: Store
  private readonly registry: SeriesRegistry
  /** Cuts the WAL, where the bytes live on; false: ask again. */
  private readonly emptyWal: () => boolean
  private readonly tasks: Task[] = []

  constructor(store: Store, registry: SeriesRegistry, emptyWal: () => boolean) {
    this.store = store
    this.registry = registry
    this.emptyWal = emptyWal
  }

  get working(): boolean {
    return this.tasks.length > 0
  }

  /**
   * From here on nothing of them is taken in any more, also after a crash. `done` is called with all series that were
   * meant when no byte of them is left in the store and its WAL. `lastSeq`: the sequence of the newest row.
   */
  add(
    { seriesIds, assignmentIds, gatewayIds }: ErasedReadings,
    lastSeq: number,
    done: (series: number[]) => void,
  ): void {
    const { registry } = this
    const asked = new Set(seriesIds)
    const assignments = new Set(assignmentIds)
    const known = registry
      .all()
      .filter(({ seriesId, assignmentId }) => asked.has(seriesId) || assignments.has(assignmentId))
    this.store.transaction(() => registry.erased.write(known, assignmentIds, lastSeq)).immediate()
    registry.erased.keepAll(known, assignmentIds)
    registry.forget(known, assignments)
    // Those of an attempt before too.
    const before = [...asked].filter((id) => registry.erased.has(id))
    const series = new Set([
      ...before,
      ...registry.erased.ofAssignments(assignments),
      ...known.map(({ seriesId }) => seriesId),
    ])
    this.tasks.push({ series: [...series], gatewayIds, work: null, done })
  }

  /** Goes through up to some `rows` rows. Throws what SQLite throws, and can be called again then. */
  erase(rows: number): void {
    const [task] = this.tasks
    if (!task) return
    this.store.pragma('secure_delete = ON')
    try {
      if (task.work === null) {
        task.work = this.work(task)
        task.work.next(rows)
      }
      if (!task.work.next(rows).done) return
    } catch (error) {
      task.work = null
      throw error
    } finally {
      this.store.pragma('secure_delete = FAST')
    }
    this.tasks.shift()
    task.done(task.series)
  }

  /** Each `next` is a slice of as many rows as it is given. */
  private *work({ series, gatewayIds }: Task): Generator<void, void, number> {
    yield* this.clearHot(yield)
    for (const table of ['readings', 'corrections'] as const)
      for (const one of series) yield* this.clearSeries(table, one)
    const gone = [
      this.store.prepare<[number], never>('DELETE FROM latest WHERE series = ?'),
      this.store.prepare<[number], never>('DELETE FROM series WHERE id = ?'),
    ]
    yield* this.each(series, (one) => gone.forEach((statement) => statement.run(one)))
    const messages = this.store.prepare<[string], never>('DELETE FROM redeliveries WHERE gatewayId = ?')
    yield* this.each(gatewayIds, (one) => messages.run(one))
    yield* this.overwriteFreePages()
    while (!this.emptyWal()) yield
  }

  private *clearHot(first: number): Generator<void, void, number> {
    const end = this.store
      .prepare<[number, number], number>('SELECT seq FROM hot WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ?')
      .pluck()
    const clear = this.store.prepare<[number, number], never>(
      'DELETE FROM hot WHERE seq > ? AND seq <= ? AND series IN (SELECT series FROM erased)',
    )
    let rows = first
    for (let from = -1, to: number | undefined; ; from = to) {
      to = end.get(from, rows)
      const until = to ?? Number.MAX_SAFE_INTEGER
      this.slice(() => clear.run(from, until))
      rows = yield
      if (to === undefined) return
    }
  }

  private *clearSeries(table: 'readings' | 'corrections', series: number): Generator<void, void, number> {
    const key = table === 'readings' ? 'series, ts' : 'series, ts, seq'
    const clear: Statement<[number, number], never> = this.store.prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE series = ? LIMIT ?)`,
    )
    let rows = yield
    while (this.slice(() => clear.run(series, rows).changes) > 0) rows = yield
  }

  private *each<One>(all: readonly One[], work: (one: One) => void): Generator<void, void, number> {
    for (let at = 0; at < all.length; ) {
      const rows = yield
      const end = Math.min(all.length, at + rows)
      this.slice(() => all.slice(at, end).forEach(work))
      at = end
    }
  }

  /**
   * Rows that moved on left their bytes in pages that are free now: these are taken into use, whole, and given back
   * overwritten. What others free meanwhile holds nothing that was erased.
   */
  private *overwriteFreePages(): Generator<void, void, number> {
    const { store } = this
    store.exec('CREATE TABLE IF NOT EXISTS filler (id INTEGER PRIMARY KEY, data BLOB NOT NULL)')
    const fill = store.prepare<[], never>(`INSERT INTO filler (data) VALUES (zeroblob(${FILLER_BYTES}))`)
    const clear = store.prepare<[number], never>(
      'DELETE FROM filler WHERE id IN (SELECT id FROM filler ORDER BY id LIMIT ?)',
    )
    const free = (): number => store.pragma('freelist_count', { simple: true }) as number
    while (free() > 0) {
      const pages = pagesOf(yield)
      this.slice(() => {
        for (let page = 0; page < pages && free() > 0; page++) fill.run()
      })
    }
    let pages = pagesOf(yield)
    while (this.slice(() => clear.run(pages).changes) > 0) pages = pagesOf(yield)
    this.slice(() => store.exec('DROP TABLE filler'))
  }

  private slice<Result>(work: () => Result): Result {
    return this.store.transaction(work).immediate()
  }
}

/** A page costs about as much as so many rows. */
function pagesOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / 10))
}
