import type { Procedures } from '#features/access/index.ts'
import type { BenchService } from './bench.service.ts'
import { type BenchWatchDependencies, benchChanges } from './bench-watch.ts'
import type { BirthRecords } from './birth-records.service.ts'
import type { FlashJobBook } from './flash-job-book.ts'
import type { PortHelp } from './port-help.ts'
import type { PortList } from './port-list.ts'
import type { RunsService } from './runs.service.ts'
import type { WifiService } from './wifi.service.ts'

export interface BenchRouterDependencies extends BenchWatchDependencies {
  bench: BenchService
  runs: RunsService
  book: FlashJobBook
  ports: PortList
  wifi: WifiService
  records: BirthRecords
  /** What keeps ports from being listed or opened on this machine. */
  portHelp(): Promise<PortHelp | null>
}

/** Procedures of runs and their boards; those of single boards and monitors are `createActionsRouter`'s. */
export function createBenchRouter({ bench: procedures }: Procedures, dependencies: BenchRouterDependencies) {
  const { bench, runs, wifi, records, portHelp } = dependencies
  return {
    ports: procedures.ports.handler(async ({ context }) => ({
      ports: await bench.ports(context.scope),
      help: await portHelp(),
    })),
    watch: procedures.watch.handler(async ({ context, signal }) =>
      benchChanges(dependencies, context.scope, signal),
    ),
    wifi: procedures.wifi.handler(async ({ input, context }) => ({
      networks: await wifi.list(context.scope, input.tenant),
    })),
    addWifi: procedures.addWifi.handler(({ input, context }) =>
      wifi.add(context.scope, input, context.audit),
    ),
    removeWifi: procedures.removeWifi.handler(async ({ input, context }) => {
      await wifi.remove(context.scope, input.wifiId, context.audit)
      return { removed: true as const }
    }),
    openRun: procedures.openRun.handler(({ input, context }) => bench.openRun(context, input, context.audit)),
    previewRun: procedures.previewRun.handler(({ input, context }) => runs.preview(context.scope, input)),
    runs: procedures.runs.handler(({ input, context }) => runs.list(context.scope, input)),
    run: procedures.run.handler(({ input, context }) => bench.runWithJobs(context.scope, input.runId)),
    stopRun: procedures.stopRun.handler(({ input, context }) =>
      bench.stopRun(context.scope, input, context.audit),
    ),
    start: procedures.start.handler(async ({ input, context }) => ({
      jobs: await bench.startBoards(context, input, context.audit),
    })),
    skip: procedures.skip.handler(async ({ input, context }) => {
      await bench.skip(context.scope, input, context.audit)
      return { skipped: true as const }
    }),
    retryFailed: procedures.retryFailed.handler(({ input, context }) =>
      bench.retryFailed(context, input.runId, context.audit),
    ),
    jobs: procedures.jobs.handler(({ input, context }) => bench.jobs(context.scope, input)),
    job: procedures.job.handler(({ input, context }) => bench.job(context.scope, input.jobId)),
    retry: procedures.retry.handler(({ input, context }) => bench.retry(context, input.jobId, context.audit)),
    cancel: procedures.cancel.handler(({ input, context }) =>
      bench.cancel(context.scope, input.jobId, context.audit),
    ),
    birthRecord: procedures.birthRecord.handler(({ input, context }) => records.show(context.scope, input)),
  }
}
