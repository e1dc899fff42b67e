import type { Job } from '#contract/model/job.ts'

export interface Jobs {
  /** False until the first answer. */
  ready: boolean
  /** Newest first. */
  jobs: readonly Job[]
}

export const noJobs: Jobs = { ready: false, jobs: [] }

/** The list after a message of `jobs.watch`. */
export function applyJobsMessage(
  before: Jobs,
  message: { whole: boolean; jobs: readonly Job[]; removed: readonly string[] },
): Jobs {
  const byId = new Map<string, Job>()
  if (!message.whole) for (const job of before.jobs) byId.set(job.id, job)
  for (const job of message.jobs) byId.set(job.id, job)
  for (const id of message.removed) byId.delete(id)
  // Ids are UUIDv7: in order of time.
  return { ready: true, jobs: [...byId.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1)) }
}

/** How far the jobs that are under way are together, 0 to 1; null where none of them knows. */
export function jointProgress(jobs: readonly Job[]): number | null {
  const known = jobs.flatMap(({ progress: { done, total } }) =>
    total === null || total <= 0 ? [] : [Math.min(1, done / total)],
  )
  if (known.length === 0) return null
  return known.reduce((sum, share) => sum + share, 0) / known.length
}

/** ms until a job ends if it goes on as it did; null while that is a guess. */
export function timeLeft({ state, startedAt, progress }: Job, now: number): number | null {
  const { done, total } = progress
  if (state !== 'running' || startedAt === null || total === null || total <= 0) return null
  const share = done / total
  const spent = now - startedAt
  if (share < 0.05 || spent < 2_000) return null
  return (spent / share) * (1 - share)
}
