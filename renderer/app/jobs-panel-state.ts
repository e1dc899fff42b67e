import { useSyncExternalStore } from 'react'

let isOpen = false
const listeners = new Set<() => void>()

/** Shows or hides the list of jobs, from wherever a job was started. */
export function showJobs(open: boolean): void {
  isOpen = open
  for (const listener of listeners) listener()
}

export function useJobsShown(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isOpen,
  )
}
