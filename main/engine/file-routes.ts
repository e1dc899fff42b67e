import type { FastifyInstance } from 'fastify'
import { scopeOf } from '#features/access/index.ts'
import { addDeadLettersRoute } from '#http/dead-letters-route.ts'
import { addExportRoute } from '#http/export-route.ts'
import { addFirmwareRoute } from '#http/firmware-route.ts'
import { addGatewayImportRoute } from '#http/gateway-import-route.ts'
import { addImportRoute } from '#http/import-route.ts'
import { addJobFileRoute } from '#http/job-file-route.ts'
import type { AuditedRoutes } from '#http/route-audit.ts'
import type { SiteServices } from './site-services.ts'

export interface FileRoutes extends AuditedRoutes {
  /** @throws ExpectedError `setup_required` */
  transfers(): SiteServices['transfers']
  batch(): SiteServices['batch']
  firmware(): SiteServices['firmware']
  cloud(): Pick<SiteServices['cloud'], 'deadLetters'>
}

/** Readings, firmware and what jobs made, as files, which the contract's JSON is not made for. */
export function addFileRoutes(
  app: FastifyInstance,
  { transfers, batch, firmware, cloud, ...routes }: FileRoutes,
): void {
  addDeadLettersRoute(app, { ...routes, csv: () => cloud().deadLetters.csv() })
  addExportRoute(app, {
    ...routes,
    open: (scope, { gateway, channel, ...query }, signal) =>
      transfers().exports.stream(scope, { ...query, gateways: gateway, channels: channel }, signal),
  })
  addJobFileRoute(app, {
    ...routes,
    file: async (actor, id, audit) => {
      const { job, ...file } = await transfers().jobs.file(actor, id)
      audit.about('job', id, job.tenantId, { kind: job.kind, subject: job.subject })
      return { ...file, isNew: (offset) => transfers().jobs.isNewDownload(actor, job, offset) }
    },
  })
  addGatewayImportRoute(app, {
    ...routes,
    take: async ({ actor, audit }, { name, dryRun, ...options }, body) => {
      const { imports, jobs } = transfers()
      const caller = { actor, scope: scopeOf(actor), audit }
      const findJob = (id: string) => jobs.find(actor, id)
      const source = await imports.uploadAll(actor, name, body)
      try {
        const request = { ...options, source }
        if (!dryRun) return { job: jobs.view(await batch().service.start(caller, request, findJob)) }
        audit.subject = { ...audit.subject, action: 'gateway.import.check' }
        const check = await batch().service.check(caller, request, findJob)
        await routes.audit.record(audit, 'done')
        await imports.giveUp(actor, source)
        return { check }
      } catch (error) {
        await imports.giveUp(actor, source)
        throw error
      }
    },
  })
  addFirmwareRoute(app, {
    ...routes,
    take: async ({ actor, audit }, { name, tenant }, body) => {
      const { uploads, bundles } = firmware()
      const uploadId = await uploads.whole(actor, name, body)
      return uploads.take(actor, uploadId, (upload) =>
        bundles.import(scopeOf(actor), { ...upload, tenant }, audit),
      )
    },
    zip: (actor, bundleId, audit) => firmware().bundles.zip(scopeOf(actor), bundleId, audit),
  })
  addImportRoute(app, {
    ...routes,
    take: async ({ actor, audit }, { name, ...query }, body) => {
      const { imports, jobs } = transfers()
      const caller = { actor, scope: scopeOf(actor), audit }
      await imports.check(caller.scope, query)
      const uploadId = await imports.uploadAll(actor, name, body)
      try {
        const job = await imports.start(caller, { ...query, source: uploadId }, (id) => jobs.find(actor, id))
        return jobs.view(job)
      } catch (error) {
        await imports.giveUp(actor, uploadId)
        throw error
      }
    },
  })
}
