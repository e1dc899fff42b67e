import { useSyncExternalStore } from 'react'
import type { Job } from '#contract/model/job.ts'
import { api } from './client.ts'
import { applyJobsMessage, type Jobs, noJobs } from './jobs-message.ts'
import { liveQuery } from './live.ts'

const listeners = new Set<() => void>()
let jobs = noJobs
let stop: (() => void) | null = null

function set(next: Jobs): void {
  jobs = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  stop ??= liveQuery((signal) => api.jobs.watch(undefined, { signal }), {
    onValue: (message) => set(applyJobsMessage(jobs, message)),
  })
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) forgetJobs()
  }
}

/** Ends the subscription and forgets the jobs: another person may sign in. */
export function forgetJobs(): void {
  stop?.()
  stop = null
  set(noJobs)
}

/** The jobs that the person may see, live. One subscription for all. */
export function useJobs(): Jobs {
  return useSyncExternalStore(subscribe, () => jobs)
}

/** One job, live; undefined until it is known. */
export function useJob(id: string | null): Job | undefined {
  return useSyncExternalStore(subscribe, () => jobs.jobs.find((job) => job.id === id))
}
