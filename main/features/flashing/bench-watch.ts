import type { BenchPort } from '#contract/api/bench.ts'
import type { BenchRun, FlashJob } from '#contract/model/flash.ts'
import { isWhole, seesTenant, type TenantScope } from '#features/access/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { BenchService } from './bench.service.ts'
import type { FlashJobBook } from './flash-job-book.ts'
import type { PortList } from './port-list.ts'
import type { RunsService } from './runs.service.ts'

/** Changes are told this often at most, ms. */
const LIVE_INTERVAL = 200

export interface BenchWatchDependencies {
  bench: BenchService
  runs: RunsService
  book: FlashJobBook
  ports: PortList
}

type BenchEvent =
  | { event: 'snapshot'; ports: BenchPort[]; runs: BenchRun[]; jobs: FlashJob[] }
  | { event: 'ports'; ports: BenchPort[] }
  | { event: 'run'; run: BenchRun }
  | { event: 'job'; job: FlashJob }

interface Gathered {
  ports: boolean
  runs: Set<string>
  jobs: Set<string>
}

/** All that a bench shows, then each change of it. A slow receiver gets the newest, not all. */
export async function* benchChanges(
  { bench, runs, book, ports }: BenchWatchDependencies,
  scope: TenantScope,
  signal: AbortSignal | undefined,
): AsyncGenerator<BenchEvent> {
  let gathered = nothing()
  const isTheirs = (tenantId: string) => seesTenant(scope, tenantId)
  // Who follows a run is told how many passed, and what the next board becomes.
  const stops = [
    ports.changed.subscribe(() => void (gathered.ports = true)),
    runs.changed.subscribe(({ runId, tenantId }) => void (isTheirs(tenantId) && gathered.runs.add(runId))),
    book.changed.subscribe(({ jobId, runId, tenantId }) => {
      if (!isTheirs(tenantId)) return
      gathered.jobs.add(jobId)
      // It has its name by now: the next board becomes another.
      if (runId !== null && book.recent(jobId)?.step === 'erasing') gathered.runs.add(runId)
    }),
  ]
  const seen = new Set<string>()
  try {
    const shown = await bench.shown(scope)
    for (const { id } of shown.runs) seen.add(id)
    yield { event: 'snapshot', ports: bench.portsFor(scope, seen), ...shown }
    const take = () => {
      const { ports: hasPorts, runs: someRuns, jobs } = gathered
      if (!hasPorts && someRuns.size === 0 && jobs.size === 0) return null
      const taken = gathered
      gathered = nothing()
      return taken
    }
    for await (const changed of ticks(LIVE_INTERVAL, take, signal)) {
      for (const runId of changed.runs) {
        const row = await runs.require(scope, runId).catch(() => null)
        if (!row) continue
        seen.add(runId)
        yield { event: 'run', run: await runs.view(row) }
      }
      for (const jobId of changed.jobs) {
        // Whose rights end at some groups sees the jobs there: the store knows which.
        const isSeen = isWhole(scope) || (await book.require(scope, jobId).catch(() => null)) !== null
        const job = isSeen ? book.recent(jobId) : null
        if (job) yield { event: 'job', job }
      }
      if (changed.ports) yield { event: 'ports', ports: bench.portsFor(scope, seen) }
    }
  } finally {
    for (const stop of stops) stop()
  }
}

function nothing(): Gathered {
  return { ports: false, runs: new Set(), jobs: new Set() }
}
