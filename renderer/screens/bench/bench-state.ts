import type { BenchPort } from '#contract/api/bench.ts'
import type { BenchRun, FlashJob } from '#contract/model/flash.ts'

/** Ports, runs and jobs as the site last told of them. */
export interface BenchState {
  /** False until the first message. */
  isKnown: boolean
  ports: readonly BenchPort[]
  runs: ReadonlyMap<string, BenchRun>
  jobs: ReadonlyMap<string, FlashJob>
  /** The port of each place on the screen, by its identity: a card stays where it was. */
  places: readonly string[]
}

export type BenchMessage =
  | {
      event: 'snapshot'
      ports: readonly BenchPort[]
      runs: readonly BenchRun[]
      jobs: readonly FlashJob[]
    }
  | { event: 'ports'; ports: readonly BenchPort[] }
  | { event: 'run'; run: BenchRun }
  | { event: 'job'; job: FlashJob }

export const emptyBench: BenchState = {
  isKnown: false,
  ports: [],
  runs: new Map(),
  jobs: new Map(),
  places: [],
}

/** The state after a message; what did not change stays the same object. */
export function applyBenchMessage(state: BenchState, message: BenchMessage): BenchState {
  switch (message.event) {
    case 'snapshot':
      return withPlaces({
        isKnown: true,
        ports: message.ports,
        runs: new Map(message.runs.map((run) => [run.id, run])),
        jobs: new Map(message.jobs.map((job) => [job.id, job])),
        places: state.places,
      })
    case 'ports':
      return withPlaces({ ...state, ports: message.ports })
    case 'run':
      return { ...state, runs: new Map(state.runs).set(message.run.id, message.run) }
    case 'job':
      return withPlaces({ ...state, jobs: new Map(state.jobs).set(message.job.id, message.job) })
  }
}

/** How a job ended with this message; null where it did not, or where it had ended before. */
export function endingOf(state: BenchState, message: BenchMessage): 'passed' | 'failed' | null {
  if (message.event !== 'job' || state.jobs.get(message.job.id)?.state !== 'running') return null
  const ended = message.job.state
  return ended === 'passed' || ended === 'failed' ? ended : null
}

/** The newest job on each port; one that runs comes before all that ended. */
export function newestJobs(jobs: Iterable<FlashJob>): Map<string, FlashJob> {
  const newest = new Map<string, FlashJob>()
  for (const job of jobs) {
    const other = newest.get(job.port.identity)
    if (other === undefined || isNewer(job, other)) newest.set(job.port.identity, job)
  }
  return newest
}

function isNewer(job: FlashJob, other: FlashJob): boolean {
  if ((job.state === 'running') !== (other.state === 'running')) return job.state === 'running'
  const between = job.startedAt.getTime() - other.startedAt.getTime()
  return between === 0 ? job.id > other.id : between > 0
}

/** Whether a job still has something to say while its board is not plugged in. */
export function staysWithoutBoard(job: FlashJob | undefined): boolean {
  return (
    job !== undefined &&
    job.kind === 'gateway' &&
    (job.state === 'running' || job.state === 'failed' || job.state === 'interrupted')
  )
}

/** New ports take the first place that nothing needs any more, else one behind the last. */
function withPlaces(state: BenchState): BenchState {
  const present = new Set(state.ports.map(({ identity }) => identity))
  const newest = newestJobs(state.jobs.values())
  const kept = [...newest].filter(([, job]) => staysWithoutBoard(job)).map(([identity]) => identity)
  const wanted = new Set([...present, ...kept])
  const added = [...wanted].filter((identity) => !state.places.includes(identity))
  if (added.length === 0) return state
  const names = new Map(state.ports.map(({ identity, name }) => [identity, name]))
  const nameOf = (identity: string) => names.get(identity) ?? newest.get(identity)?.port.name ?? identity
  const places = [...state.places]
  for (const identity of added.toSorted((a, b) => byName.compare(nameOf(a), nameOf(b)))) {
    const free = places.findIndex((place) => !wanted.has(place))
    if (free === -1) places.push(identity)
    else places[free] = identity
  }
  return { ...state, places }
}

const byName = new Intl.Collator('en', { numeric: true })
