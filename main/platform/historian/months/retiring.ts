import type { RetiredSeries } from '../changes.ts'
import type { StorageEvent } from '../historian.ts'
import type { FoldPolicy } from './fold-policy.ts'
import { type FoldRequest, type FoldStep, paused, RoundAborted } from './fold-requests.ts'
import { type MonthDb, type MonthName, openMonthForReading } from './month-file.ts'
import type { MonthFiles } from './month-files.ts'
import { deleteMonth, monthBytes, storeBytes } from './month-parts.ts'

type Cause = 'retention' | 'budget'

interface RetiringParts {
  dir: string
  files: MonthFiles
  clock: { now(): number }
  onEvent: (event: StorageEvent) => void
  onStep?: (step: FoldStep) => void
}

/** Deletes months that are past their time, and the oldest that may go when the budget is used up. */
export class Retiring {
  private readonly parts: RetiringParts
  private overBudget = false
  /** Whether what is deleted is told series by series. */
  tellsSeries = false

  constructor(parts: RetiringParts) {
    this.parts = parts
  }

  /** `failed` is told of files that could not be deleted, as one that a virus scanner has open on Windows. */
  *run(policy: FoldPolicy, failed: (error: unknown) => void): Generator<FoldRequest, void> {
    const { files, clock } = this.parts
    const now = clock.now()
    for (const name of files.list()) {
      if (policy.isExpired(name.month, name.retentionClass, now))
        yield* this.retire(name, 'retention', failed)
    }
    yield* this.keepBudget(policy, now, failed)
  }

  private *keepBudget(
    policy: FoldPolicy,
    now: number,
    failed: (error: unknown) => void,
  ): Generator<FoldRequest, void> {
    const { budgetBytes } = policy
    const { dir, files } = this.parts
    const over = (): boolean => budgetBytes !== null && storeBytes(dir) > budgetBytes
    for (const name of over() ? files.list() : []) {
      if (!policy.isEvictable(name.month, name.retentionClass, now)) continue
      // The next one would go in place of this one, and the next, while this one stays.
      if (!(yield* this.retire(name, 'budget', failed)) || !over()) break
    }
    const bytes = storeBytes(dir)
    const exceeded = budgetBytes !== null && bytes > budgetBytes
    if (exceeded && !this.overBudget) this.parts.onEvent({ type: 'budgetExceeded', bytes, budgetBytes })
    this.overBudget = exceeded
  }

  /** False where the file could not be deleted. */
  private *retire(
    name: MonthName,
    cause: Cause,
    failed: (error: unknown) => void,
  ): Generator<FoldRequest, boolean> {
    const { dir, files, onEvent, onStep } = this.parts
    try {
      files.close(name)
      const series = this.tellsSeries ? yield* paused(seriesIn(dir, name)) : []
      yield { type: 'release', name }
      const readings = readingsIn(dir, name)
      const bytes = monthBytes(dir, name)
      deleteMonth(dir, name, () => onStep?.('renamed'))
      onStep?.('retired')
      onEvent({ type: 'monthRetired', ...name, bytes, readings, cause, series })
      return true
    } catch (error) {
      if (error instanceof RoundAborted) throw error
      failed(error)
      return false
    }
  }
}

/** Blocks of one step: pages of the file are read one after the other. */
const STEP_BLOCKS = 1_000

/** What can be read of what its blocks say, before the file goes. */
function* seriesIn(dir: string, name: MonthName): Generator<void, RetiredSeries[]> {
  const found = new Map<number, RetiredSeries>()
  let db: MonthDb | null = null
  try {
    db = openMonthForReading(dir, name)
    const end = db.prepare<[], number>('SELECT max(id) FROM blocks').pluck().get() ?? 0
    const step = db.prepare<[number, number], RetiredSeries>(
      `SELECT series AS seriesId, sum(count) AS readings, max(toSeq) AS toSeq FROM blocks
       WHERE id > ? AND id <= ? GROUP BY series`,
    )
    const first = db.prepare<[], number>('SELECT min(id) FROM blocks').pluck().get() ?? 1
    for (let id = first - 1; id < end; id += STEP_BLOCKS) {
      for (const some of step.all(id, id + STEP_BLOCKS)) {
        const known = found.get(some.seriesId)
        if (!known) found.set(some.seriesId, some)
        else {
          known.readings += some.readings
          known.toSeq = Math.max(known.toSeq, some.toSeq)
        }
      }
      yield
    }
  } catch {
    // A damaged file: what could be read of it is told, and it goes all the same.
  } finally {
    db?.close()
  }
  return [...found.values()]
}

/** As its file counts them; 0 where it cannot be read any more. */
function readingsIn(dir: string, name: MonthName): number {
  try {
    const db = openMonthForReading(dir, name)
    try {
      return db.prepare<[], number>(`SELECT value FROM meta WHERE key = 'readings'`).pluck().get() ?? 0
    } finally {
      db.close()
    }
  } catch {
    return 0
  }
}
