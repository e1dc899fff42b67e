import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { JobLogLineSchema, JobSchema, jobKinds, jobStates } from '../model/job.ts'

const JobRefSchema = z.object({ jobId: IdSchema })

/** Everything that takes long. People see their own jobs; who may change gateways, those of the tenant. */
export const jobs = {
  list: base
    .meta({ access: 'signed_in' })
    .route({ method: 'GET', path: '/jobs', tags: ['Jobs'], summary: 'Jobs, newest first' })
    .input(
      z.object({
        state: z.enum(jobStates).optional(),
        kind: z.enum(jobKinds).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ jobs: z.array(JobSchema) })),
  get: base
    .meta({ access: 'signed_in' })
    .route({ method: 'GET', path: '/jobs/{jobId}', tags: ['Jobs'], summary: 'One job, with its log' })
    .errors(errors('not_found'))
    .input(JobRefSchema)
    .output(JobSchema.extend({ log: z.array(JobLogLineSchema) })),
  /** The newest 100 first (`whole`), then those that changed and the ids of those that are gone. */
  watch: base
    .meta({ access: 'signed_in' })
    .output(
      eventIterator(z.object({ whole: z.boolean(), jobs: z.array(JobSchema), removed: z.array(IdSchema) })),
    ),
  cancel: base
    .meta({ access: 'signed_in', audit: 'job.cancel' })
    .route({ method: 'POST', path: '/jobs/{jobId}/cancel', tags: ['Jobs'], summary: 'Stop a job' })
    .errors(errors('not_found', 'job_ended'))
    .input(JobRefSchema)
    .output(JobSchema),
  retry: base
    .meta({ access: 'signed_in', audit: 'job.retry' })
    .route({
      method: 'POST',
      path: '/jobs/{jobId}/retry',
      successStatus: 202,
      tags: ['Jobs'],
      summary: 'Start again what failed, was cancelled or interrupted, as a new job',
    })
    .errors(errors('not_found', 'job_running', 'import_file_gone', 'too_many_jobs'))
    .input(JobRefSchema)
    .output(JobSchema),
  delete: base
    .meta({ access: 'signed_in', audit: 'job.delete' })
    .route({
      method: 'DELETE',
      path: '/jobs/{jobId}',
      tags: ['Jobs'],
      summary: 'Delete a job that ended, and its file',
    })
    .errors(errors('not_found', 'job_running'))
    .input(JobRefSchema)
    .output(z.object({})),
  /** A part of the file, for hosts without HTTP; over HTTP it is `GET /api/v1/jobs/{jobId}/file`. */
  filePart: base
    .meta({ access: 'signed_in', audit: 'job.download' })
    .errors(errors('not_found'))
    .input(JobRefSchema.extend({ offset: z.number().int().min(0) }))
    .output(z.object({ /** Base64; empty at the end. */ data: z.string(), bytes: z.number() })),
}
