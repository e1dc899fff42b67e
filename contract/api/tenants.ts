import * as z from 'zod'
import { base } from '../base.ts'
import { IdSchema, SlugSchema } from '../model/ids.ts'

export const TenantSchema = z.object({
  id: IdSchema,
  slug: SlugSchema,
  name: z.string(),
  createdAt: z.date(),
})
export type Tenant = z.infer<typeof TenantSchema>

export const tenants = {
  list: base
    .meta({ access: 'tenants:read' })
    .route({ method: 'GET', path: '/tenants', tags: ['Tenants'], summary: 'Tenants that the caller may see' })
    .output(z.object({ tenants: z.array(TenantSchema) })),
}
