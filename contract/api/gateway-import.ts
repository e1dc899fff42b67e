import * as z from 'zod'
import { base, errors } from '../base.ts'
import {
  GatewayImportCheckSchema,
  GatewayImportOptionsSchema,
  ImportedRowSchema,
} from '../model/gateway-import.ts'
import { IdSchema } from '../model/ids.ts'
import { JobSchema } from '../model/job.ts'
import { LabelSizeNameSchema } from '../model/label.ts'

const JobRefSchema = z.object({ jobId: IdSchema })

const SourceSchema = GatewayImportOptionsSchema.extend({
  source: IdSchema.describe('An upload (`/telemetry/uploads`), or a former import that still has the file'),
})

const fileErrors = errors(
  'not_found',
  'tenant_unknown',
  'forbidden_reach',
  'import_file_gone',
  'csv_invalid',
  'csv_columns_missing',
  'csv_too_large',
  'csv_too_many_rows',
)

/** Many gateways from one CSV: `POST /api/v1/gateways/import` takes the file itself as its body. */
export const gatewayImport = {
  importCheck: base
    .meta({ access: 'gateways:write', audit: 'gateway.import.check' })
    .route({
      method: 'POST',
      path: '/gateways/imports/check',
      tags: ['Gateways'],
      summary: 'Look at a CSV of gateways: what would become of each row',
    })
    .errors(fileErrors)
    .input(SourceSchema)
    .output(GatewayImportCheckSchema),
  importStart: base
    .meta({ access: 'gateways:write', audit: 'gateway.import.start' })
    .route({
      method: 'POST',
      path: '/gateways/imports',
      successStatus: 202,
      tags: ['Gateways'],
      summary: 'Create the gateways of a CSV, as a job',
      description: 'Rows with a problem are left out and reported. Gateways that are there stay as they are.',
    })
    .errors({ ...fileErrors, ...errors('too_many_jobs') })
    .input(SourceSchema)
    .output(JobSchema),
  importResult: base
    .meta({ access: 'gateways:write' })
    .route({
      method: 'GET',
      path: '/gateways/imports/{jobId}',
      tags: ['Gateways'],
      summary: 'What became of each row of an import',
    })
    .errors(errors('not_found'))
    .input(JobRefSchema)
    .output(z.object({ job: JobSchema, rows: z.array(ImportedRowSchema) })),
  importCredentials: base
    .meta({ access: 'certificates:write', audit: 'gateway.import.handover' })
    .route({
      method: 'GET',
      path: '/gateways/imports/{jobId}/credentials',
      tags: ['Gateways'],
      summary: 'One ZIP: the ZIP of each gateway whose key still waits, labels, and the report',
      description:
        'Made of the sealed keys at each fetch and kept nowhere. It works as for one gateway: until the receiver confirms, 24 hours have passed or the gateway has connected.',
    })
    .errors(errors('not_found', 'import_credentials_gone'))
    .input(JobRefSchema.extend({ labels: LabelSizeNameSchema.default('a4-24') }))
    .output(z.file()),
  importReceived: base
    .meta({ access: 'certificates:write', audit: 'gateway.import.received' })
    .route({
      method: 'POST',
      path: '/gateways/imports/{jobId}/received',
      tags: ['Gateways'],
      summary: 'Confirm the hand-over: the site erases its copies of these private keys',
    })
    .errors(errors('not_found'))
    .input(JobRefSchema)
    .output(z.object({ erased: z.number().int() })),
}
