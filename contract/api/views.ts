import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { DashboardSchema } from '../model/dashboard.ts'
import { IdSchema } from '../model/ids.ts'
import { TrendSchema } from '../model/trend.ts'

export const viewKinds = ['trend', 'dashboard'] as const
export type ViewKind = (typeof viewKinds)[number]
const ViewKindSchema = z.enum(viewKinds)

/** A saved view without what it shows, for lists. */
export const ViewSummarySchema = z.object({
  id: IdSchema,
  kind: ViewKindSchema,
  name: z.string(),
  /** Everyone of the tenant sees it; else only its owner. */
  shared: z.boolean(),
  /** The caller is its owner. */
  mine: z.boolean(),
  /** The caller may save, rename, share and delete it. */
  writable: z.boolean(),
  ownerName: z.string().nullable(),
  /** Null: of the whole site, for site administrators. */
  tenant: z.object({ id: IdSchema, slug: z.string(), name: z.string() }).nullable(),
  /** Rises with every change; give it back when saving, so that no change of somebody else is lost. */
  version: z.number().int(),
  createdAt: z.date(),
  updatedAt: z.date(),
  updatedBy: z.string().nullable(),
})
export type ViewSummary = z.infer<typeof ViewSummarySchema>

export const ViewContentSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('trend'), content: TrendSchema }),
  z.object({ kind: z.literal('dashboard'), content: DashboardSchema }),
])
export type ViewContent = z.infer<typeof ViewContentSchema>

/** `kind` says what `content` is. */
export const ViewSchema = z.intersection(ViewSummarySchema, ViewContentSchema)
export type View = z.infer<typeof ViewSchema>

const NameSchema = z.string().trim().min(1).max(100)
const TenantRefSchema = z
  .string()
  .max(64)
  .optional()
  .describe('Id or slug, for site administrators; may be left out where there is one tenant')

export const views = {
  list: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/views',
      tags: ['Views'],
      summary: 'Saved views: one’s own and those shared in the tenant',
    })
    .input(z.object({ kind: ViewKindSchema.optional() }))
    .output(z.object({ views: z.array(ViewSummarySchema) })),
  /** The list, then the list again whenever a view that the caller may see was made, changed or deleted. */
  watch: base
    .meta({ access: 'telemetry:read' })
    .input(z.object({ kind: ViewKindSchema.optional() }))
    .output(eventIterator(z.object({ views: z.array(ViewSummarySchema) }))),
  get: base
    .meta({ access: 'telemetry:read' })
    .route({ method: 'GET', path: '/views/{viewId}', tags: ['Views'], summary: 'One saved view' })
    .errors(errors('not_found'))
    .input(z.object({ viewId: IdSchema }))
    .output(ViewSchema),
  /** A view that is shared needs `dashboards:write` as well. */
  create: base
    .meta({ access: 'telemetry:read', audit: 'view.create' })
    .route({
      method: 'POST',
      path: '/views',
      tags: ['Views'],
      summary: 'Save a view',
      description: 'A shared one needs the permission `dashboards:write`.',
      successStatus: 201,
    })
    .errors(errors('forbidden', 'tenant_unknown', 'view_name_taken', 'too_many_views'))
    .input(
      z.intersection(
        z.object({ name: NameSchema, shared: z.boolean().default(false), tenant: TenantRefSchema }),
        ViewContentSchema,
      ),
    )
    .output(ViewSchema),
  /** What is left out stays. `content` needs the `version` it was made from. */
  update: base
    .meta({ access: 'telemetry:read', audit: 'view.update' })
    .route({
      method: 'PATCH',
      path: '/views/{viewId}',
      tags: ['Views'],
      summary: 'Save, rename or share a view',
      description: 'Another’s view, and sharing, need the permission `dashboards:write`.',
    })
    .errors(errors('forbidden', 'not_found', 'view_changed', 'view_name_taken', 'too_many_views'))
    .input(
      z.object({
        viewId: IdSchema,
        version: z.number().int().describe('The version that the change was made from'),
        name: NameSchema.optional(),
        shared: z.boolean().optional(),
        content: z.union([TrendSchema, DashboardSchema]).optional(),
      }),
    )
    .output(ViewSchema),
  delete: base
    .meta({ access: 'telemetry:read', audit: 'view.delete' })
    .route({ method: 'DELETE', path: '/views/{viewId}', tags: ['Views'], summary: 'Delete a view' })
    .errors(errors('forbidden', 'not_found'))
    .input(z.object({ viewId: IdSchema }))
    .output(z.object({ id: IdSchema })),
}
