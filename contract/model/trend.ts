import * as z from 'zod'
import { IdSchema } from './ids.ts'

/** As many as the store answers in one call; the eye takes fewer. */
export const MOST_TREND_CHANNELS = 16

/**
 * Which scale a channel is drawn on. `auto`: that of its unit. `left`, `right`: the one of that side, shared by all that
 * are put there, whatever their units. `own`: one of its own.
 */
export const trendAxes = ['auto', 'left', 'right', 'own'] as const
export type TrendAxis = (typeof trendAxes)[number]

export const TrendChannelSchema = z
  .object({
    /** Of a channel, or of a calculated one. */
    id: IdSchema,
    axis: z.enum(trendAxes).default('auto'),
    /** Ends of the scale; null where they follow the readings. */
    min: z.number().nullable().default(null),
    max: z.number().nullable().default(null),
  })
  .refine(({ min, max }) => min === null || max === null || min < max, 'min is not below max')
export type TrendChannelSetting = z.infer<typeof TrendChannelSchema>

/** The longest way back that a comparison goes, ms: five years. */
export const MOST_COMPARE = 5 * 366 * 86_400_000

/** What a saved view of kind `trend` holds. */
export const TrendSchema = z.object({
  channels: z
    .array(TrendChannelSchema)
    .max(MOST_TREND_CHANNELS)
    .refine(
      (channels) => new Set(channels.map(({ id }) => id)).size === channels.length,
      'a channel stands twice in the view',
    ),
  /** As in addresses: `8h` ends now and moves on, `<from>-<to>` in ms stays. */
  range: z
    .string()
    .regex(/^([1-9]\d{0,8}[smhd]|\d{1,14}-\d{1,14})$/, 'write it as 15m, 8h, 7d or <from>-<to>'),
  /** ms that the same channels are shown earlier as well; null: not. */
  compare: z.number().int().min(1_000).max(MOST_COMPARE).nullable().default(null),
  /** Limits of all channels, not only of the one in focus. */
  bands: z.boolean().default(false),
  /** Annotations on the time axis. */
  annotations: z.boolean().default(true),
})
export type Trend = z.infer<typeof TrendSchema>
