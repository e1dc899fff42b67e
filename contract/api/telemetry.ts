import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { ChannelSchema } from '../model/channel.ts'
import { IdSchema } from '../model/ids.ts'
import { ReadingSchema, ReadingValueSchema } from '../model/reading.ts'

/** ISO 8601, or ms since 1970. */
const InstantSchema = z
  .union([z.coerce.number().int(), z.iso.datetime({ offset: true })])
  .describe('ISO 8601 time, or ms since 1970')

const ChannelRefSchema = z.object({
  gateway: z.string().min(1).max(64),
  tenant: z.string().max(64).optional(),
  channel: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Key, name or id; may be left out where the gateway has one channel'),
})

/** Columns of equal length, one entry a bucket that holds readings. */
export const BucketsSchema = z.object({
  /** ms, start of the bucket. */
  ts: z.array(z.number()),
  count: z.array(z.number()),
  min: z.array(z.number()),
  max: z.array(z.number()),
  avg: z.array(z.number()),
  sum: z.array(z.number()),
  first: z.array(z.union([z.number(), z.string()])),
  last: z.array(z.union([z.number(), z.string()])),
  /** ms. */
  width: z.number(),
})
export type Buckets = z.infer<typeof BucketsSchema>

export const telemetry = {
  channels: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/channels',
      tags: ['Telemetry'],
      summary: 'Channels with their latest readings',
    })
    .errors(errors('not_found'))
    .input(z.object({ gateway: z.string().max(64).optional(), tenant: z.string().max(64).optional() }))
    .output(z.object({ channels: z.array(ChannelSchema) })),
  updateChannel: base
    .meta({ access: 'gateways:write', audit: 'channel.update' })
    .route({
      method: 'PATCH',
      path: '/channels/{channelId}',
      tags: ['Telemetry'],
      summary: 'Name, unit and limits of a channel',
    })
    .errors(errors('not_found', 'channel_limits_invalid'))
    .input(
      z.object({
        channelId: IdSchema,
        name: z.string().trim().max(100).nullable().optional(),
        unit: z.string().trim().max(20).nullable().optional(),
        lowLimit: z.number().nullable().optional(),
        highLimit: z.number().nullable().optional(),
      }),
    )
    .output(ChannelSchema),
  latest: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/telemetry/latest',
      tags: ['Telemetry'],
      summary: 'Latest reading of each channel',
    })
    .errors(errors('not_found'))
    .input(ChannelRefSchema.partial({ gateway: true }))
    .output(
      z.object({
        channels: z.array(
          z.object({
            channelId: IdSchema,
            gateway: z.string(),
            channel: z.string(),
            name: z.string(),
            unit: z.string().nullable(),
            latest: ReadingSchema.nullable(),
          }),
        ),
      }),
    ),
  query: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/telemetry/query',
      tags: ['Telemetry'],
      summary: 'Readings of a channel, or buckets of them',
      description:
        'Without `buckets`: raw readings in pages. With it: that many equal spans from `from` to `to`, empty ones left out.',
    })
    .errors(errors('not_found', 'range_invalid', 'cursor_invalid'))
    .input(
      ChannelRefSchema.extend({
        from: InstantSchema.optional().describe('Inclusive; 24 hours before `to` where left out'),
        to: InstantSchema.optional().describe('Exclusive; now where left out'),
        buckets: z.coerce.number().int().min(1).max(10_000).optional(),
        order: z.enum(['ascending', 'descending']).default('ascending'),
        limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
        after: z.coerce.number().int().optional().describe('`next` of the page before'),
      }),
    )
    .output(
      z.object({
        channel: ChannelSchema.omit({ latest: true }),
        from: z.number(),
        to: z.number(),
        readings: z.array(ReadingSchema).nullable(),
        next: z.number().nullable(),
        buckets: BucketsSchema.nullable(),
      }),
    ),
  /** Buckets of several channels on one time axis, for charts; ms. */
  chart: base
    .meta({ access: 'telemetry:read' })
    .errors(errors('not_found', 'range_invalid'))
    .input(
      z.object({
        channelIds: z.array(IdSchema).min(1).max(32),
        from: z.number().int(),
        to: z.number().int(),
        points: z.number().int().min(1).max(4_000),
      }),
    )
    .output(z.object({ series: z.array(z.object({ channelId: IdSchema, buckets: BucketsSchema })) })),
  /** New readings of these channels, a few times a second; the latest one only where many came. */
  watch: base
    .meta({ access: 'telemetry:read' })
    .errors(errors('not_found'))
    .input(z.object({ channelIds: z.array(IdSchema).min(1).max(500) }))
    .output(
      eventIterator(
        z.object({
          channels: z.array(
            z.object({
              channelId: IdSchema,
              ts: z.array(z.number()),
              values: z.array(ReadingValueSchema),
              quality: z.array(z.number()),
            }),
          ),
        }),
      ),
    ),
  /** CSV in chunks of text, for hosts without HTTP; over HTTP it is `GET /api/v1/telemetry/export`. */
  exportCsv: base
    .meta({ access: 'telemetry:export', audit: 'telemetry.export' })
    .errors(errors('not_found', 'range_invalid'))
    .input(
      z.object({
        channelIds: z.array(IdSchema).min(1).max(500),
        from: z.number().int(),
        to: z.number().int(),
        raw: z
          .boolean()
          .default(false)
          .describe('Leave text as it is, without the apostrophe that keeps spreadsheets from running it'),
      }),
    )
    .output(eventIterator(z.string())),
}
