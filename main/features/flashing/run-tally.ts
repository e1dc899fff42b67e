import type { BenchRun } from '#contract/model/flash.ts'
import type { BenchRunRow } from './bench-runs.repository.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'

/** The newest job of each board: one that was begun anew counts once. */
export function newestOfBoards(jobs: readonly FlashJobRow[]): FlashJobRow[] {
  const newest = new Map<string, FlashJobRow>()
  for (const job of jobs) newest.set(job.mac ?? job.id, job)
  return [...newest.values()]
}

export function countsOf(jobs: readonly FlashJobRow[]): BenchRun['counts'] {
  const counts = { passed: 0, failed: 0, running: 0, skipped: 0 }
  for (const { state } of newestOfBoards(jobs)) {
    if (state === 'passed') counts.passed++
    else if (state === 'running') counts.running++
    else if (state === 'skipped') counts.skipped++
    else if (state === 'failed' || state === 'interrupted') counts.failed++
  }
  return counts
}

/** Until all expected boards passed, at the pace of those that did; null where that is not known. */
export function secondsLeft(
  { setup, startedAt }: Pick<BenchRunRow, 'setup' | 'startedAt'>,
  jobs: readonly FlashJobRow[],
  now: number,
): number | null {
  const expected = setup.expected ?? (setup.plan.length > 0 ? setup.plan.length : null)
  const { passed } = countsOf(jobs)
  if (expected === null || passed === 0) return null
  const first = Math.min(...jobs.map((job) => job.startedAt))
  const elapsed = (now - Math.max(first, startedAt)) / 1_000
  return Math.max(0, Math.round(((expected - passed) * elapsed) / passed))
}
