import * as z from 'zod'
import { IdSchema } from './ids.ts'
import { ReadingSchema, ValueKindSchema } from './reading.ts'

export const ChannelSchema = z.object({
  id: IdSchema,
  gatewayId: IdSchema,
  gatewayCode: z.string(),
  /** The name on the wire, such as `meter1/energy`; never changes. */
  key: z.string(),
  /** The name people gave it, or the key. */
  name: z.string(),
  unit: z.string().nullable(),
  kind: ValueKindSchema,
  lowLimit: z.number().nullable(),
  highLimit: z.number().nullable(),
  /** How long its readings are kept; null: as its tenant's, or the site's. */
  retentionClass: z.string().nullable(),
  latest: ReadingSchema.nullable(),
})
export type Channel = z.infer<typeof ChannelSchema>
