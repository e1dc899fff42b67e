import type { BenchPort } from '#contract/api/bench.ts'
import type { BenchRun, FlashJob } from '#contract/model/flash.ts'
import { type BenchState, newestJobs, staysWithoutBoard } from './bench-state.ts'

/** A place for a board on the screen. */
export interface Slot {
  identity: string
  /** Counts from 1. */
  number: number
  /** Null: nothing is plugged in there. */
  port: BenchPort | null
  job: FlashJob | null
}

/** What stands on the screen, in an order that stays; at the end a free one while a run waits for boards. */
export function slotsOf(state: BenchState, run: BenchRun | null): Slot[] {
  const ports = new Map(state.ports.map((port) => [port.identity, port]))
  const newest = newestJobs(state.jobs.values())
  const slots = state.places.map((identity, index): Slot => {
    const port = ports.get(identity) ?? null
    return { identity, number: index + 1, port, job: jobOf(state, port, newest.get(identity)) }
  })
  // Without a run, places that nothing is plugged into say nothing.
  if (run?.state !== 'open') return slots.filter(({ port, job }) => port !== null || job !== null)
  if (slots.every(({ port, job }) => port !== null || job !== null))
    slots.push({ identity: '', number: slots.length + 1, port: null, job: null })
  return slots
}

function jobOf(state: BenchState, port: BenchPort | null, newest: FlashJob | undefined): FlashJob | null {
  if (newest?.state === 'running') return newest
  // Which job is that of the board there now, only the site knows: another board may be in the same socket.
  if (port !== null) return port.jobId === null ? null : (state.jobs.get(port.jobId) ?? null)
  return staysWithoutBoard(newest) ? (newest ?? null) : null
}

/** How many boards _Start all_ begins with: what is plugged in, and the run did not have yet. */
export function startable({ ports, jobs }: BenchState, run: BenchRun): number {
  return ports.filter(
    ({ access, isTaken, isSkipped, jobId }) =>
      access.state === 'free' &&
      !isTaken &&
      !isSkipped &&
      (jobId === null || jobs.get(jobId)?.runId !== run.id),
  ).length
}

/**
 * The run to show: the one that the address asks for, else the newest that is open or ending, else the newest that ended
 * while one looked on.
 */
export function shownRun(state: BenchState, asked: string | null): BenchRun | null {
  const wanted = asked === null ? undefined : state.runs.get(asked)
  if (wanted !== undefined) return wanted
  const rank = { open: 0, stopping: 1, ended: 2 }
  const [first] = [...state.runs.values()].toSorted(
    (a, b) => rank[a.state] - rank[b.state] || b.startedAt.getTime() - a.startedAt.getTime(),
  )
  return first ?? null
}

/** Jobs of a run, newest first. */
export function jobsOfRun(state: BenchState, runId: string): FlashJob[] {
  return [...state.jobs.values()]
    .filter((job) => job.runId === runId)
    .toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime())
}
