import { join } from 'node:path'
import { type Procedures, scopeOf } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import { createJobsRouter, JobsService } from '#features/jobs/index.ts'
import {
  type ChannelRegistry,
  createTelemetryFilesRouter,
  ExportService,
  ImportService,
  type TelemetryService,
} from '#features/telemetry/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Historian } from '#platform/historian/historian.ts'
import { JobRunner } from '#platform/jobs/job-runner.ts'
import type { Log } from '#platform/log/log.ts'

export interface JobServicesDependencies {
  dataDir: string
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  fleet: FleetService
  tenants: TenantsService
  registry: ChannelRegistry
  telemetry: TelemetryService
  historian: Historian
}

/** Everything that takes long, and the kinds of it that there are; nothing runs before `runner.start`. */
export function createJobServices(dependencies: JobServicesDependencies, procedures: Procedures) {
  const { dataDir, db, clock, log, audit } = dependencies
  const runner = new JobRunner({ db, clock, log, dir: join(dataDir, 'jobs') })
  const jobs = new JobsService(runner, audit)
  const exports = new ExportService({ ...dependencies, jobs: runner })
  const imports = new ImportService({ ...dependencies, jobs: runner })
  exports.register()
  imports.register()
  jobs.guard('telemetry.export', (actor, params) => exports.requireReach(scopeOf(actor), params))
  jobs.guard('telemetry.import', (actor, params) => imports.requireReach(scopeOf(actor), params))
  return {
    runner,
    jobs,
    exports,
    imports,
    routers: {
      jobs: createJobsRouter(procedures, jobs),
      telemetryFiles: createTelemetryFilesRouter(procedures, { exports, imports, jobs }),
    },
  }
}
