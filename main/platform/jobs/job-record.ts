import type { Selectable } from 'kysely'
import type { JobData, JobKindName, JobLogLine, JobState } from '#contract/model/job.ts'
import type { JobTable } from '#platform/db/schema.ts'

/** A job as it lives in memory; the store has the same, somewhat later while it runs. */
export interface JobRecord {
  readonly id: string
  readonly kind: JobKindName
  readonly tenantId: string | null
  createdById: string | null
  createdByName: string
  readonly subject: string
  readonly params: JobData
  readonly createdAt: number
  state: JobState
  done: number
  total: number | null
  checkpoint: unknown
  result: JobData | null
  error: { code: string; data: JobData } | null
  log: JobLogLine[]
  attempts: number
  file: { name: string; type: string; bytes: number } | null
  startedAt: number | null
  endedAt: number | null
  expiresAt: number | null
}

/** What somebody asks for. */
export interface NewJob {
  kind: JobKindName
  tenantId: string | null
  createdBy: { id: string | null; name: string }
  subject: string
  params: JobData
}

export function toRow(job: JobRecord): Selectable<JobTable> {
  const { error, file, log, params, result, checkpoint, ...same } = job
  return {
    ...same,
    params: JSON.stringify(params),
    checkpoint: checkpoint === null ? null : JSON.stringify(checkpoint),
    result: result === null ? null : JSON.stringify(result),
    errorCode: error?.code ?? null,
    errorData: error === null ? null : JSON.stringify(error.data),
    log: JSON.stringify(log),
    fileName: file?.name ?? null,
    fileType: file?.type ?? null,
    fileBytes: file?.bytes ?? null,
  }
}

export function fromRow(row: Selectable<JobTable>): JobRecord {
  const { fileName, fileType, fileBytes, errorCode, errorData, ...same } = row
  return {
    ...same,
    kind: row.kind as JobKindName,
    params: JSON.parse(row.params) as JobData,
    checkpoint: row.checkpoint === null ? null : (JSON.parse(row.checkpoint) as unknown),
    result: row.result === null ? null : (JSON.parse(row.result) as JobData),
    error: errorCode === null ? null : { code: errorCode, data: JSON.parse(errorData ?? '{}') as JobData },
    log: JSON.parse(row.log) as JobLogLine[],
    file:
      fileName === null || fileType === null
        ? null
        : { name: fileName, type: fileType, bytes: fileBytes ?? 0 },
  }
}
