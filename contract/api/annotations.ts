import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'

export const MOST_ANNOTATION_TEXT = 1_000
/** As many as one chart shows. */
const MOST_CHANNELS = 32
/** ms since 1970, until the year 10000. */
const InstantSchema = z.number().int().min(0).max(253_402_300_800_000)
const ChannelIdsSchema = z.array(IdSchema).max(MOST_CHANNELS)

/** Words of a person about a time or a span of it. */
export const AnnotationSchema = z.object({
  id: IdSchema,
  tenant: z.object({ id: IdSchema, slug: z.string(), name: z.string() }),
  /** ms. The same as `to` where it is about one point in time. */
  from: z.number().int(),
  to: z.number().int(),
  text: z.string(),
  /** What it is about; none: everything of the tenant. */
  channelIds: z.array(IdSchema),
  authorName: z.string().nullable(),
  /** Rises with every change. */
  version: z.number().int(),
  createdAt: z.date(),
  updatedAt: z.date(),
})
export type Annotation = z.infer<typeof AnnotationSchema>

const TextSchema = z.string().trim().min(1).max(MOST_ANNOTATION_TEXT)

export const annotations = {
  list: base
    .meta({ access: 'telemetry:read' })
    .route({
      method: 'GET',
      path: '/annotations',
      tags: ['Annotations'],
      summary: 'Annotations of a range of time, newest first',
      description: 'With `channelIds`: those about one of these channels, and those about everything.',
    })
    .errors(errors('range_invalid'))
    .input(
      z.object({
        from: z.coerce.number().int().describe('ms since 1970'),
        to: z.coerce.number().int().describe('ms since 1970, exclusive'),
        channelIds: z.union([ChannelIdsSchema, IdSchema.transform((id) => [id])]).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(500),
      }),
    )
    .output(z.object({ annotations: z.array(AnnotationSchema), more: z.boolean() })),
  /** Says once that it is open, then whenever annotations that the caller may see were made, changed or deleted. */
  watch: base
    .meta({ access: 'telemetry:read' })
    .output(eventIterator(z.object({ changed: z.number().int() }))),
  create: base
    .meta({ access: 'dashboards:write', audit: 'annotation.create' })
    .route({
      method: 'POST',
      path: '/annotations',
      tags: ['Annotations'],
      summary: 'Write an annotation',
      successStatus: 201,
    })
    .errors(errors('not_found', 'tenant_unknown', 'range_invalid'))
    .input(
      z.object({
        from: InstantSchema,
        to: InstantSchema.optional().describe('`from` where left out: a point in time'),
        text: TextSchema,
        channelIds: ChannelIdsSchema.default([]),
        tenant: z
          .string()
          .max(64)
          .optional()
          .describe('Id or slug; that of the channels, or of the caller, where left out'),
      }),
    )
    .output(AnnotationSchema),
  update: base
    .meta({ access: 'dashboards:write', audit: 'annotation.update' })
    .route({
      method: 'PATCH',
      path: '/annotations/{annotationId}',
      tags: ['Annotations'],
      summary: 'Change an annotation',
    })
    .errors(errors('not_found', 'range_invalid', 'annotation_changed'))
    .input(
      z.object({
        annotationId: IdSchema,
        version: z.number().int().describe('The version that the change was made from'),
        from: InstantSchema.optional(),
        to: InstantSchema.optional(),
        text: TextSchema.optional(),
        channelIds: ChannelIdsSchema.optional(),
      }),
    )
    .output(AnnotationSchema),
  delete: base
    .meta({ access: 'dashboards:write', audit: 'annotation.delete' })
    .route({
      method: 'DELETE',
      path: '/annotations/{annotationId}',
      tags: ['Annotations'],
      summary: 'Delete an annotation',
    })
    .errors(errors('not_found'))
    .input(z.object({ annotationId: IdSchema }))
    .output(z.object({ id: IdSchema })),
}
