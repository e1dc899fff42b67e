import type { Procedures } from '#features/access/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { JobWatcher } from './job-watcher.ts'
import type { JobsService } from './jobs.service.ts'

/** Changes are sent this often, ms. */
const LIVE_INTERVAL = 250

export function createJobsRouter({ jobs }: Procedures, service: JobsService) {
  return {
    list: jobs.list.handler(async ({ input, context }) => ({ jobs: service.list(context.actor, input) })),
    get: jobs.get.handler(async ({ input, context }) => {
      const job = service.find(context.actor, input.jobId)
      return { ...service.view(job), log: job.log }
    }),
    watch: jobs.watch.handler(async ({ context, signal }) => changesOf(service.watch(context.actor), signal)),
    cancel: jobs.cancel.handler(async ({ input, context }) =>
      service.cancel(context.actor, input.jobId, context.audit),
    ),
    retry: jobs.retry.handler(async ({ input, context }) =>
      service.retry(context.actor, input.jobId, context.audit),
    ),
    delete: jobs.delete.handler(async ({ input, context }) => {
      await service.delete(context.actor, input.jobId, context.audit)
      return {}
    }),
    filePart: jobs.filePart.handler(async ({ input, context }) =>
      service.filePart(context.actor, input.jobId, input.offset, context.audit),
    ),
  }
}

async function* changesOf(watcher: JobWatcher, signal: AbortSignal | undefined) {
  try {
    yield* ticks(LIVE_INTERVAL, () => watcher.take(), signal)
  } finally {
    watcher.close()
  }
}
