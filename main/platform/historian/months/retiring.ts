import type { StorageEvent } from '../historian.ts'
import type { FoldPolicy } from './fold-policy.ts'
import { type FoldRequest, type FoldStep, RoundAborted } from './fold-requests.ts'
import { type MonthName, openMonthForReading } from './month-file.ts'
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
      yield { type: 'release', name }
      const readings = readingsIn(dir, name)
      const bytes = monthBytes(dir, name)
      deleteMonth(dir, name, () => onStep?.('renamed'))
      onStep?.('retired')
      onEvent({ type: 'monthRetired', ...name, bytes, readings, cause })
      return true
    } catch (error) {
      if (error instanceof RoundAborted) throw error
      failed(error)
      return false
    }
  }
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
