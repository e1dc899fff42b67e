import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { JobSchema } from '../model/job.ts'
import { ExportLayoutSchema, ImportOptionsSchema, MOST_EXPORT_CHANNELS } from '../model/telemetry-file.ts'

const InstantSchema = z
  .union([z.number().int(), z.iso.datetime({ offset: true })])
  .describe('ISO 8601 time, or ms since 1970')

/** Readings as files, in jobs. Small exports are streamed by `GET /api/v1/telemetry/export`. */
export const telemetryFiles = {
  startExport: base
    .meta({ access: 'telemetry:export', audit: 'telemetry.export.start' })
    .route({
      method: 'POST',
      path: '/telemetry/exports',
      successStatus: 202,
      tags: ['Telemetry'],
      summary: 'Write readings to a CSV or Parquet file, as a job',
      description: 'Channels by id, or all of the gateways named, or all of a tenant.',
    })
    .errors(
      errors(
        'not_found',
        'tenant_unknown',
        'range_invalid',
        'export_too_wide',
        'export_too_many_channels',
        'too_many_jobs',
      ),
    )
    .input(
      ExportLayoutSchema.extend({
        channelIds: z.array(IdSchema).max(MOST_EXPORT_CHANNELS).optional(),
        gateways: z.array(z.string().min(1).max(64)).max(1_000).optional().describe('Codes or ids'),
        channels: z
          .array(z.string().min(1).max(128))
          .max(1_000)
          .optional()
          .describe('Only these keys, names or ids of the gateways'),
        tenant: z.string().max(64).optional(),
        from: InstantSchema.optional().describe('Inclusive; 24 hours before `to` where left out'),
        to: InstantSchema.optional().describe('Exclusive; now where left out'),
      }),
    )
    .output(JobSchema),
  /** For callers that cannot send a whole file as a body, as `POST /api/v1/telemetry/import` takes it. */
  upload: base
    .meta({ access: 'gateways:write', audit: 'telemetry.upload' })
    .route({
      method: 'POST',
      path: '/telemetry/uploads',
      tags: ['Telemetry'],
      summary: 'A part of a file to import, in order',
    })
    .errors(errors('not_found', 'import_too_large', 'too_many_jobs'))
    .input(
      z.object({
        uploadId: IdSchema.optional().describe('Left out for the first part'),
        name: z.string().max(200).default(''),
        offset: z.number().int().min(0),
        data: z.string().max(1_000_000).describe('Base64'),
      }),
    )
    .output(z.object({ uploadId: IdSchema, bytes: z.number() })),
  startImport: base
    .meta({ access: 'gateways:write', audit: 'telemetry.import.start' })
    .route({
      method: 'POST',
      path: '/telemetry/imports',
      successStatus: 202,
      tags: ['Telemetry'],
      summary: 'Import the file of an import that was checked or did not end',
    })
    .errors(
      errors('not_found', 'gateway_state_conflict', 'import_file_gone', 'too_many_jobs', 'time_zone_unknown'),
    )
    .input(
      ImportOptionsSchema.extend({
        source: IdSchema.describe('An upload, or a former job that still has the file'),
        gateway: z.string().min(1).max(64),
        tenant: z.string().max(64).optional(),
        dryRun: z.boolean().default(false).describe('Only look: nothing is stored'),
      }),
    )
    .output(JobSchema),
}
