import { join } from 'node:path'
import { type Procedures, requireReach } from '#features/access/index.ts'
import { AuditLog, AuditRetention, type AuditService, createAuditRouter } from '#features/audit/index.ts'
import type { JobsService } from '#features/jobs/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import type { Log } from '#platform/log/log.ts'

export interface AuditServicesDependencies {
  dataDir: string
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  /** The audit's key. */
  key: () => Uint8Array
  transfers: { runner: JobRunner; jobs: JobsService }
}

/** Where the sealed head of the audit's chain lies. */
export function auditHeadFile(dataDir: string): string {
  return join(dataDir, 'audit.head')
}

/** Reading, proving, exporting and cutting the audit; nothing runs yet. */
export function createAuditServices(
  { dataDir, transfers, ...dependencies }: AuditServicesDependencies,
  procedures: Procedures,
) {
  const log = new AuditLog({
    ...dependencies,
    jobs: transfers.runner,
    file: join(dataDir, 'site.sqlite'),
    headFile: auditHeadFile(dataDir),
  })
  log.register()
  transfers.jobs.guard('audit.export', (actor) => requireReach('tenant', actor))
  const retention = new AuditRetention(dependencies)
  return {
    log,
    retention,
    router: createAuditRouter(procedures, { log, retention, viewJob: (job) => transfers.jobs.view(job) }),
  }
}
