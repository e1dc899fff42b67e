import * as z from 'zod'

/** What a reading's value can be. A channel keeps the kind of its first reading. */
export const valueKinds = ['number', 'integer', 'boolean', 'text'] as const
export type ValueKind = (typeof valueKinds)[number]
export const ValueKindSchema = z.enum(valueKinds)

export type ReadingValue = number | boolean | string
export const ReadingValueSchema = z.union([z.number(), z.boolean(), z.string()])

/**
 * Quality of a reading: bits, 0 is good. Stored with the row and never cleared.
 * Rules for times are in domain.md: without a time, or before 2020, the site's time is taken; more than ten
 * minutes ahead is kept but never becomes the latest.
 */
export const Quality = {
  good: 0,
  /** The gateway sent no usable time: `ts` is the site's. */
  siteTime: 1,
  /** `ts` is more than ten minutes ahead of the site. */
  ahead: 2,
} as const

/** Readings from before this are taken as "no clock": 2020-01-01T00:00:00Z, in ms. */
export const EARLIEST_TS = 1_577_836_800_000
/** Readings further ahead of the site's time than this are flagged, in ms. */
export const AHEAD_TOLERANCE = 10 * 60_000

/** One reading as the API gives it: `ts` in ms since 1970 UTC, `seq` its version (the highest wins). */
export const ReadingSchema = z.object({
  ts: z.number().int(),
  value: ReadingValueSchema,
  quality: z.number().int(),
  seq: z.number().int(),
})
export type Reading = z.infer<typeof ReadingSchema>
