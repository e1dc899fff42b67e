import type { JobData } from '#contract/model/job.ts'
import type { JobContext, JobKind } from '#platform/jobs/job-kind.ts'
import { runJobThread } from '#platform/jobs/job-thread.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'
import { type ExportFormat, mediaTypes } from './entry-lines.ts'
import type { ExportTask } from './export-entries.ts'
import type { AuditQuery } from './matching-entries.ts'

/** What the writing thread hands over. */
export interface ExportRequest {
  bytes: Uint8Array<ArrayBuffer>
  done: number
  total: number
}

export interface ExportParams {
  query: AuditQuery
  format: ExportFormat
  raw: boolean
  /** When it was asked for, ms: for the file's name. */
  at: number
}

/** Entries as a file, written on a thread with a connection of its own; begun again from nothing after a crash. */
export function auditExportJob(dbFile: string): JobKind {
  return {
    permission: 'audit:read',
    afterCrash: 'resume',
    takesInput: false,
    shown: (params) => {
      const { query, format } = params as unknown as ExportParams
      return { ...query, format }
    },
    run: (params, context) => run(dbFile, params as unknown as ExportParams, context),
  }
}

async function run(
  dbFile: string,
  { query, format, raw, at }: ExportParams,
  context: JobContext,
): Promise<JobData> {
  const day = new Date(at).toISOString().slice(0, 10)
  const file = await context.makeFile(`audit-${day}.${format}`, mediaTypes[format])
  const task: ExportTask = { file: dbFile, query, format, raw }
  const totals = await runJobThread<ExportRequest, { entries: number }>({
    url: workerUrl('./audit-export.worker', import.meta.url),
    task,
    signal: context.signal,
    answer: async ({ bytes, done, total }) => {
      await file.write(bytes)
      context.progress(done, total)
      return { value: undefined }
    },
  })
  return { ...totals, bytes: file.bytes }
}
