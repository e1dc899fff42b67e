import type { Procedures } from '#features/access/index.ts'
import type { JobsService } from '#features/jobs/index.ts'
import type { BatchImportService } from './batch-import.service.ts'

export function createBatchImportRouter(
  { gateways }: Procedures,
  { batch, jobs }: { batch: BatchImportService; jobs: JobsService },
) {
  return {
    importCheck: gateways.importCheck.handler(({ input, context }) =>
      batch.check(context, input, (id) => jobs.find(context.actor, id)),
    ),
    importStart: gateways.importStart.handler(async ({ input, context }) =>
      jobs.view(await batch.start(context, input, (id) => jobs.find(context.actor, id))),
    ),
    importResult: gateways.importResult.handler(async ({ input, context }) => {
      const job = jobs.find(context.actor, input.jobId)
      return { rows: await batch.result(context.scope, job), job: jobs.view(job) }
    }),
    importCredentials: gateways.importCredentials.handler(async ({ input, context }) => {
      const job = jobs.find(context.actor, input.jobId)
      const { name, bytes } = await batch.credentials(context, job, input.labels)
      return new File([new Uint8Array(bytes)], name, { type: 'application/zip' })
    }),
    importReceived: gateways.importReceived.handler(async ({ input, context }) => ({
      erased: await batch.received(context, jobs.find(context.actor, input.jobId)),
    })),
  }
}
