import * as z from 'zod'

/** What a reading's value can be. A channel keeps the kind of its first reading. */
export const valueKinds = ['number', 'integer', 'boolean', 'text'] as const
export type ValueKind = (typeof valueKinds)[number]
export const ValueKindSchema = z.enum(valueKinds)

export type ReadingValue = number | boolean | string
export const ReadingValueSchema = z.union([z.number(), z.boolean(), z.string()])

/** One reading as the API gives it: `ts` in ms since 1970 UTC, `seq` its version (the highest wins). */
export const ReadingSchema = z.object({
  ts: z.number().int(),
  value: ReadingValueSchema,
  quality: z.number().int(),
  seq: z.number().int(),
})
export type Reading = z.infer<typeof ReadingSchema>
