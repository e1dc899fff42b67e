import * as z from 'zod'

/** The class that every site has; it cannot be deleted. */
export const STANDARD_CLASS = 'standard'

/** Part of the names of the files that its readings are in: docs/storage.md. */
export const RetentionClassIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
  .describe('Lower-case letters, digits and dashes; 32 at the most')

export const RetentionClassSchema = z.object({
  id: RetentionClassIdSchema,
  name: z.string(),
  /** Days that a reading is kept at least; null: for ever. */
  days: z.number().int().nullable(),
  /** Whether its oldest month may go early when the disk budget is used up. */
  evictable: z.boolean(),
})
export type RetentionClass = z.infer<typeof RetentionClassSchema>

/** Of the budget: from here on a warning. */
export const BUDGET_WARNING_SHARE = 0.8
/** Days that the disk or the budget lasts: below this a warning. */
export const HORIZON_WARNING_DAYS = 30

/** What the store did by itself, found or could not do. */
export const storageEventKinds = [
  'month_retired',
  'month_evicted',
  'expired_on_arrival',
  'budget_exceeded',
  'block_damaged',
  'fold_failed',
  'fold_recovered',
] as const
export type StorageEventKind = (typeof storageEventKinds)[number]

/** How long the disk lasts, for the status bar and the Overview. */
export const DiskHorizonSchema = z.object({
  /** Null: for ever at this rate, or not known yet. */
  daysLeft: z.number().nullable(),
  limit: z.enum(['disk', 'budget']),
  /** Where retention holds the store; null: it grows for ever, or not known yet. */
  steadyBytes: z.number().nullable(),
  /** There is a warning about it. */
  isShort: z.boolean(),
})

/** What becomes of the store when readings go on as they came in the last day. */
export const StorageForecastSchema = z.object({
  /** Null until something has been folded. */
  bytesPerDay: z.number().nullable(),
  readingsPerDay: z.number().nullable(),
  /** Days until the limit is reached; null: never, or not known yet. */
  daysLeft: z.number().nullable(),
  /** What is reached first. */
  limit: z.enum(['disk', 'budget']),
  /** Where retention holds the store, at its largest; null: it grows for ever, or not known yet. */
  steadyBytes: z.number().nullable(),
})
export type StorageForecast = z.infer<typeof StorageForecastSchema>
