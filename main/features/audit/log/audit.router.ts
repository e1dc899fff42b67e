import type { Job } from '#contract/model/job.ts'
import type { Procedures } from '#features/access/index.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import type { AuditRetention } from '../audit-retention.ts'
import type { AuditLog } from './audit-log.service.ts'

export interface AuditRouterDependencies {
  log: AuditLog
  retention: AuditRetention
  viewJob(job: JobRecord): Job
}

export function createAuditRouter(
  { audit }: Procedures,
  { log, retention, viewJob }: AuditRouterDependencies,
) {
  return {
    list: audit.list.handler(({ input, context }) => log.list(context.scope, input)),
    actions: audit.actions.handler(({ context }) => log.actions(context.scope)),
    status: audit.status.handler(async () => ({ ...(await log.status()), ...(await retention.settings()) })),
    verify: audit.verify.handler(({ context }) => log.verify(context.audit)),
    startExport: audit.startExport.handler(async ({ input, context }) =>
      viewJob(await log.startExport(context.scope, input, context.audit)),
    ),
    updateSettings: audit.updateSettings.handler(({ input, context }) =>
      retention.update(input, context.audit),
    ),
  }
}
