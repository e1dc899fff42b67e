import * as z from 'zod'
import { IdSchema } from './ids.ts'
import { ReadingValueSchema, ValueKindSchema } from './reading.ts'

/** ISO 8601, or ms since 1970. */
export const InstantSchema = z
  .union([
    z.int(),
    // Of a query string, which has no numbers; left empty it is no time.
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number),
    z.iso.datetime({ offset: true }),
  ])
  .describe('ISO 8601 time, or ms since 1970')

/** [from, to), as a person asks for it. */
export const rangeFields = {
  from: InstantSchema.optional().describe('Inclusive; 24 hours before `to` where left out'),
  to: InstantSchema.optional().describe('Exclusive; now where left out'),
}

const ChannelNameSchema = z.string().min(1).max(128)

export const ChannelRefSchema = z.object({
  gateway: z.string().min(1).max(64),
  tenant: z.string().max(64).optional(),
  channel: ChannelNameSchema.optional().describe(
    'Key, name or id; may be left out where the gateway has one channel',
  ),
})

/** More of them than this are several questions. */
export const CHANNELS_ASKED_MAX = 32

/** One or several channels; some may be of other gateways, and calculated ones. */
export const ChannelsRefSchema = z.object({
  gateway: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Code or id; may be left out where every channel is named by its id'),
  tenant: z.string().max(64).optional(),
  channel: z
    .union([ChannelNameSchema, z.array(ChannelNameSchema).min(1).max(CHANNELS_ASKED_MAX)])
    .optional()
    .describe(
      'Key, name or id, repeated for several; `=name` or the id of a calculated channel; may be left out where the gateway has one channel',
    ),
})

const INTERVAL = /^(?:[1-9]\d{0,4}[smh]|1d|hour|shift|day|week|month|year)$/

/** Spans of the site's calendar: in its time zone, whole ones. */
export const IntervalSchema = z
  .string()
  .regex(
    INTERVAL,
    'write a span that divides a day, such as 5m or 1h, or hour, shift, day, week, month, year',
  )
  .describe(
    '`5m`, `1h`, … (a divisor of a day), `shift`, `day` or `1d`, `week`, `month`, `year`; in the time zone of the site',
  )

/** At most; also times the channels asked for, below. */
export const SPANS_MAX = 10_000
export const CELLS_MAX = 100_000

export const spanFields = {
  buckets: z.coerce
    .number()
    .int()
    .min(1)
    .max(SPANS_MAX)
    .optional()
    .describe('That many equal spans from `from` to `to`'),
  interval: IntervalSchema.optional(),
}

/** [from, to), ms. */
export const TimeSpanSchema = z.object({ from: z.number(), to: z.number() })

/** Columns of equal length, one entry a bucket that holds readings. */
export const BucketsSchema = z.object({
  /** ms, start of the bucket. */
  ts: z.array(z.number()),
  count: z.array(z.number()),
  min: z.array(z.number()),
  max: z.array(z.number()),
  avg: z.array(z.number()),
  /** Over time: each value holds until the next reading. */
  timeAverage: z.array(z.number()),
  sum: z.array(z.number()),
  first: z.array(z.union([z.number(), z.string()])),
  last: z.array(z.union([z.number(), z.string()])),
  /** ms; of the first one where an interval was asked for. */
  width: z.number(),
  /** Parts of the range whose readings could not be read: their blocks are damaged. */
  damaged: z.array(TimeSpanSchema),
})
export type Buckets = z.infer<typeof BucketsSchema>

/** Whose column it is: a channel of a gateway, or a calculated one. */
export const QuantitySchema = z.object({
  id: IdSchema,
  /** Code; null for a calculated channel. */
  gateway: z.string().nullable(),
  /** Key on the wire; null for a calculated channel. */
  channel: z.string().nullable(),
  name: z.string(),
  unit: z.string().nullable(),
  kind: ValueKindSchema,
})
export type Quantity = z.infer<typeof QuantitySchema>

const Numbers = z.array(z.number().nullable())
const Values = z.array(ReadingValueSchema.nullable())

/** Several channels on one time axis: every column has one entry for each time, null where there is no value. */
export const AlignedSchema = z.object({
  /** ms; of spans, their starts. */
  ts: z.array(z.number()),
  columns: z.array(
    QuantitySchema.extend({
      /** Of single readings. */
      values: Values.optional(),
      quality: Numbers.optional(),
      /** Of spans. */
      count: Numbers.optional(),
      min: Numbers.optional(),
      max: Numbers.optional(),
      avg: Numbers.optional(),
      timeAverage: Numbers.optional(),
      sum: Numbers.optional(),
      first: Values.optional(),
      last: Values.optional(),
    }),
  ),
})
export type Aligned = z.infer<typeof AlignedSchema>
export type AlignedColumn = Aligned['columns'][number]
