import type { LabelSizeName } from '#contract/model/label.ts'
import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import { BatchImportService, createBatchImportRouter } from '#features/enrollment/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { GroupsService, TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { createEnrollmentServices } from './enrollment-services.ts'
import type { createJobServices } from './job-services.ts'

export interface BatchServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  tenants: TenantsService
  fleet: FleetService
  pki: Pki
  enrolling: Pick<ReturnType<typeof createEnrollmentServices>, 'enrollment' | 'credentials' | 'labels'>
  transfers: ReturnType<typeof createJobServices>
  groups: GroupsService
}

/** Many gateways from one CSV. */
export function createBatchServices(dependencies: BatchServicesDependencies, procedures: Procedures) {
  const { enrolling, transfers, groups, log } = dependencies
  const { runner, jobs, imports } = transfers
  const batch = new BatchImportService({
    ...dependencies,
    ...enrolling,
    jobs: runner,
    uploads: imports,
    makeGroup: async (scope, tenant, path, audit) => {
      const names = path.split('/')
      const name = names.pop() ?? ''
      await groups.create(scope, { tenant, parent: names.length === 0 ? null : names.join('/'), name }, audit)
    },
    labels: async (scope, gateways, size, audit) => {
      try {
        const order = { qr: 'url', copies: 1, start: 1, resolution: 203, format: 'pdf' } as const
        return await enrolling.labels.make(scope, { ...order, gateways, size: size as LabelSizeName }, audit)
      } catch (err) {
        // The keys are what matters: labels can be made on their own.
        log.warn({ err }, 'an import is downloaded without labels')
        return null
      }
    },
  })
  batch.register()
  jobs.guard('gateways.import', (actor, params) => batch.requireReach(actor, params))
  return { service: batch, router: createBatchImportRouter(procedures, { batch, jobs }) }
}
