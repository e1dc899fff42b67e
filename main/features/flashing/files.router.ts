import { ExpectedError } from '#contract/errors.ts'
import type { Procedures } from '#features/access/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { BenchService } from './bench.service.ts'
import type { BenchFiles } from './files/bench-files.ts'
import type { FlashJobBook } from './flash-job-book.ts'
import { resultsCsv } from './reports/results-csv.ts'
import { resultsPdf } from './reports/results-pdf.ts'

export interface BenchFilesRouterDependencies {
  files: BenchFiles
  book: FlashJobBook
  service: BenchService
  fleet: FleetService
  clock: Clock
  siteName(): string
}

/** The files that others fetch and send by HTTP, whole: a flash has 32 MB at most. */
export function createBenchFilesRouter({ bench }: Procedures, dependencies: BenchFilesRouterDependencies) {
  const { files, book, service, fleet, clock, siteName } = dependencies
  return {
    putFile: bench.putFile.handler(async ({ input: { name, data }, context: { actor, audit } }) => {
      const { uploadId, bytes, sha256 } = await files.take(actor, name, one(Buffer.from(data, 'base64')))
      audit.about('bench_file', uploadId, audit.tenantId, { name, bytes, sha256 })
      return { uploadId, bytes }
    }),
    takeFile: bench.takeFile.handler(async ({ input: { jobId }, context: { scope, audit } }) => {
      const job = await book.require(scope, jobId)
      audit.about('flash_job', jobId, job.tenantId, { mac: job.mac, code: job.code })
      // It holds the keys of its gateway: whoever does not see that one does not see it.
      if (job.gatewayId !== null) await fleet.find(scope, { gateway: job.gatewayId })
      if (job.fileName === null) throw new ExpectedError('file_missing')
      const { content } = await files.openBackup(jobId)
      const parts: Buffer<ArrayBuffer>[] = []
      for await (const part of content) parts.push(Buffer.from(part))
      return new File(parts, job.fileName, { type: 'application/octet-stream' })
    }),
    results: bench.results.handler(async ({ input: { runId, as }, context: { scope } }) => {
      const { run, jobs } = await service.runWithJobs(scope, runId)
      const name = `bench-${run.name}.${as}`
      if (as === 'csv') return new File([resultsCsv(jobs, false)], name, { type: 'text/csv' })
      const bytes = await resultsPdf(run, jobs, { siteName: siteName(), now: clock.now() })
      return new File([new Uint8Array(bytes)], name, { type: 'application/pdf' })
    }),
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
