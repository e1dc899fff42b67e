import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { ChannelSchema } from '../model/channel.ts'
import { IdSchema } from '../model/ids.ts'
import { ReadingSchema, ReadingValueSchema } from '../model/reading.ts'
import { RetentionClassIdSchema } from '../model/retention.ts'
import {
  AlignedSchema,
  BucketsSchema,
  ChannelRefSchema,
  ChannelsRefSchema,
  InstantSchema,
  QuantitySchema,
  rangeFields,
  spanFields,
  TimeSpanSchema,
} from '../model/telemetry-query.ts'

export type { Buckets } from '../model/telemetry-query.ts'

const PlainChannelSchema = ChannelSchema.omit({ latest: true })

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
      summary: 'Name, unit, limits and retention class of a channel',
    })
    .errors(errors('not_found', 'channel_limits_invalid'))
    .input(
      z.object({
        channelId: IdSchema,
        name: z.string().trim().max(100).nullable().optional(),
        unit: z.string().trim().max(20).nullable().optional(),
        lowLimit: z.number().nullable().optional(),
        highLimit: z.number().nullable().optional(),
        retentionClass: RetentionClassIdSchema.nullable()
          .optional()
          .describe("How long its readings are kept; null: as its tenant's, or the site's"),
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
      summary: 'Readings of channels, or spans of them',
      description:
        "Without `buckets` and `interval`: single readings in pages. `buckets`: that many equal spans from `from` to `to`. `interval`: spans of the site's calendar, whole ones, so that the range is widened to their edges. Empty spans are left out. One channel is answered in `readings` or `buckets`; several, or a calculated one, in `aligned`, on one time axis.",
    })
    .errors(
      errors(
        'not_found',
        'range_invalid',
        'cursor_invalid',
        'calculation_without_readings',
        'calculation_circular',
      ),
    )
    .input(
      ChannelsRefSchema.extend({
        ...rangeFields,
        ...spanFields,
        order: z.enum(['ascending', 'descending']).default('ascending'),
        limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
        after: z.coerce.number().int().optional().describe('`next` of the page before'),
      }),
    )
    .output(
      z.object({
        /** The one that was asked for; null where several were, or a calculated one. */
        channel: PlainChannelSchema.nullable(),
        from: z.number(),
        to: z.number(),
        readings: z.array(ReadingSchema).nullable(),
        next: z.number().nullable(),
        buckets: BucketsSchema.nullable(),
        aligned: AlignedSchema.nullable(),
        /** Where an interval was asked for: edges of the spans, ms; one more than there are spans. */
        edges: z.array(z.number()).nullable(),
        damaged: z.array(TimeSpanSchema),
      }),
    ),
  states: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/telemetry/states',
      tags: ['Telemetry'],
      summary: 'How long each state of a channel lasted',
      description:
        'In the whole range, or in each of its spans: `buckets` or `interval`, at most 1,000. Longest first, 50 at the most; the others together are `otherMs`.',
    })
    .errors(errors('not_found', 'range_invalid'))
    .input(ChannelRefSchema.extend({ ...rangeFields, ...spanFields }))
    .output(
      z.object({
        channel: PlainChannelSchema,
        from: z.number(),
        to: z.number(),
        spans: z.array(
          TimeSpanSchema.extend({
            states: z.array(
              z.object({ value: ReadingValueSchema, ms: z.number(), changes: z.number().int() }),
            ),
            otherMs: z.number(),
          }),
        ),
        damaged: z.array(TimeSpanSchema),
      }),
    ),
  increases: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/telemetry/increases',
      tags: ['Telemetry'],
      summary: 'Consumption: how much counters rose',
      description:
        'In the whole range, or in each of its spans: `buckets` or `interval`. Resets and roll-overs are made up for.',
    })
    .errors(errors('not_found', 'range_invalid', 'channel_not_numeric'))
    .input(
      ChannelsRefSchema.extend({
        ...rangeFields,
        ...spanFields,
        rollover: z.coerce
          .number()
          .positive()
          .optional()
          .describe(
            'Where the counter begins anew from 0, such as 100000; left out: when it falls, it was reset',
          ),
      }),
    )
    .output(
      z.object({
        from: z.number(),
        to: z.number(),
        /** Edges of the spans, ms; one more than there are spans. */
        edges: z.array(z.number()),
        columns: z.array(
          QuantitySchema.extend({
            /** null where there are not two readings. */
            increase: z.array(z.number().nullable()),
            rollovers: z.array(z.number().int()),
          }),
        ),
        damaged: z.array(TimeSpanSchema),
      }),
    ),
  neighbours: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/telemetry/neighbours',
      tags: ['Telemetry'],
      summary: 'The readings next to a time',
    })
    .errors(errors('not_found', 'range_invalid'))
    .input(ChannelRefSchema.extend({ at: InstantSchema.optional().describe('Now where left out') }))
    .output(
      z.object({
        channel: PlainChannelSchema,
        at: z.number(),
        previous: ReadingSchema.nullable(),
        exact: ReadingSchema.nullable(),
        next: ReadingSchema.nullable(),
      }),
    ),
  gaps: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/telemetry/gaps',
      tags: ['Telemetry'],
      summary: 'Spans without readings',
    })
    .errors(errors('not_found', 'range_invalid'))
    .input(
      ChannelRefSchema.extend({
        ...rangeFields,
        longerThan: z.coerce
          .number()
          .int()
          .min(1)
          .max(366 * 86_400_000)
          .default(60_000)
          .describe('ms without a reading that make a gap'),
        limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
      }),
    )
    .output(
      z.object({
        channel: PlainChannelSchema,
        from: z.number(),
        to: z.number(),
        gaps: z.array(
          z.object({
            from: z.number(),
            to: z.number(),
            /** Times of the readings around it; null at the ends of the range. */
            before: z.number().nullable(),
            after: z.number().nullable(),
          }),
        ),
        damaged: z.array(TimeSpanSchema),
      }),
    ),
  corrections: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/telemetry/corrections',
      tags: ['Telemetry'],
      summary: 'Values that newer ones replaced',
      description: 'Oldest first, at most 1,000.',
    })
    .errors(errors('not_found', 'range_invalid'))
    .input(ChannelRefSchema.extend(rangeFields))
    .output(
      z.object({
        channel: PlainChannelSchema,
        from: z.number(),
        to: z.number(),
        corrections: z.array(
          z.object({
            ts: z.number(),
            value: ReadingValueSchema,
            quality: z.number().int(),
            /** `seq` of what replaced it. */
            replacedBy: z.number().int(),
          }),
        ),
      }),
    ),
  /** Buckets of several channels, calculated ones too, on one time axis, for charts; ms. */
  chart: base
    .meta({ access: 'telemetry:read' })
    .errors(errors('not_found', 'range_invalid', 'calculation_circular'))
    .input(
      z.object({
        channelIds: z.array(IdSchema).min(1).max(32),
        from: z.number().int(),
        to: z.number().int(),
        points: z.number().int().min(1).max(4_000),
      }),
    )
    .output(z.object({ series: z.array(z.object({ channelId: IdSchema, buckets: BucketsSchema })) })),
  /**
   * New readings of these channels, a few times a second; the latest one only where many came. A calculated channel
   * has a new value whenever one of its inputs has.
   */
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
