import * as z from 'zod'
import { IdSchema, SlugSchema } from './ids.ts'

/** A tenant, where others are about. */
export const TenantRefSchema = z.object({ id: IdSchema, slug: SlugSchema, name: z.string() })
export type TenantRef = z.infer<typeof TenantRefSchema>
