import type { FastifyInstance } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import type { LabelSizeName } from '#contract/model/label.ts'
import { type Actor, scopeOf } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { BENCH_FILE_MOST, logText, resultsCsv, resultsPdf } from '#features/flashing/index.ts'
import { addBenchRoutes, type SentFile } from '#http/bench-routes.ts'
import type { AuditedRoutes } from '#http/route-audit.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteServices } from './site-services.ts'

export interface BenchFileRoutes extends AuditedRoutes {
  clock: Clock
  siteName(): string
  /** @throws ExpectedError `setup_required` */
  services(): Pick<SiteServices, 'flashing' | 'fleet' | 'enrolling'>
}

/** Files of the bench: what is written into boards, backups, logs, results and labels of runs. */
export function addBenchFileRoutes(
  app: FastifyInstance,
  { services, clock, siteName, ...routes }: BenchFileRoutes,
): void {
  const flashing = () => services().flashing
  addBenchRoutes(app, {
    ...routes,
    uploadMost: BENCH_FILE_MOST,
    take: (actor, name, body) => flashing().files.take(actor, name, body),
    backup: async (actor, jobId, audit) => {
      const { book, files } = flashing()
      const scope = scopeOf(actor)
      const job = await book.require(scope, jobId)
      audit.about('flash_job', jobId, job.tenantId, { mac: job.mac, code: job.code })
      // It holds the keys of its gateway: whoever does not see that one does not see it.
      if (job.gatewayId !== null) await services().fleet.find(scope, { gateway: job.gatewayId })
      if (job.fileName === null) throw new ExpectedError('file_missing')
      return { name: job.fileName, ...(await files.openBackup(jobId)) }
    },
    log: async (actor, jobId) => {
      const { job, log } = await flashing().service.job(scopeOf(actor), jobId)
      return {
        name: `flash-${job.port.name}-${jobId}.log`,
        type: 'text/plain;charset=utf-8',
        bytes: logText(log),
      }
    },
    results: async (actor, runId, { as, raw }): Promise<SentFile> => {
      const { run, jobs } = await flashing().service.runWithJobs(scopeOf(actor), runId)
      const name = `bench-${run.name}.${as}`
      if (as === 'csv') return { name, type: 'text/csv;charset=utf-8', bytes: resultsCsv(jobs, raw) }
      const bytes = await resultsPdf(run, jobs, { siteName: siteName(), now: clock.now() })
      return { name, type: 'application/pdf', bytes }
    },
    labels: (actor, runId, format, audit) => labelsOfRun(services(), { actor, runId, format, audit }),
  })
}

/** Of the gateways that the run made, in the order in which their boards began. @throws ExpectedError `not_found`, `labels_none` */
async function labelsOfRun(
  { flashing, enrolling }: Pick<SiteServices, 'flashing' | 'enrolling'>,
  {
    actor,
    runId,
    format,
    audit,
  }: { actor: Actor; runId: string; format: 'pdf' | 'zpl' | undefined; audit: AuditDraft },
): Promise<SentFile> {
  const scope = scopeOf(actor)
  const { run, jobs } = await flashing.service.runWithJobs(scope, runId)
  audit.tenantId = run.tenant.id
  const passed = jobs.filter(({ state }) => state === 'passed')
  const gateways = [...new Set(passed.flatMap(({ gateway }) => gateway?.id ?? []))]
  if (gateways.length === 0) throw new ExpectedError('labels_none')
  const { as, size } = run.setup.labels
  const file = await enrolling.labels.make(
    scope,
    {
      gateways,
      tenant: run.tenant.id,
      size: size as LabelSizeName,
      format: format ?? (as === 'zpl' ? 'zpl' : 'pdf'),
      qr: 'url',
      copies: 1,
      start: 1,
      resolution: 203,
    },
    audit,
  )
  return { name: file.name, type: file.type, bytes: new Uint8Array(await file.arrayBuffer()) }
}
