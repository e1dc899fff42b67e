import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { RetentionClassIdSchema, RetentionClassSchema, StorageForecastSchema } from '../model/retention.ts'

const NameSchema = z.string().trim().min(1).max(60)
const DaysSchema = z
  .number()
  .int()
  .min(1)
  .max(36_500)
  .nullable()
  .describe('Days that a reading is kept at least; null: for ever')

export const RetentionSchema = z.object({
  /** The standard one first. */
  classes: z.array(
    RetentionClassSchema.extend({
      /** Tenants and channels that name it themselves, and what is stored in it. */
      tenants: z.number().int(),
      channels: z.number().int(),
      files: z.number().int(),
      bytes: z.number(),
    }),
  ),
  defaultClass: z.string(),
  /** Bytes that readings may take; null: as much as the disk holds. */
  budgetBytes: z.number().nullable(),
  tenants: z.array(z.object({ id: IdSchema, name: z.string(), retentionClass: z.string().nullable() })),
})
export type Retention = z.infer<typeof RetentionSchema>

export const StorageSchema = z.object({
  /** ms. */
  measuredAt: z.number(),
  /** Of each month and class, newest first. */
  files: z.array(
    z.object({
      /** `2026-11`, in UTC. */
      month: z.string(),
      retentionClass: z.string(),
      bytes: z.number(),
      readings: z.number(),
      series: z.number(),
      blocks: z.number(),
      damagedBlocks: z.number(),
      /** ms; null: never. */
      expiresAt: z.number().nullable(),
    }),
  ),
  totalBytes: z.number(),
  /** Readings that are not in blocks yet. */
  unfoldedReadings: z.number(),
  diskFreeBytes: z.number(),
  diskTotalBytes: z.number(),
  budgetBytes: z.number().nullable(),
  forecast: StorageForecastSchema,
})
export type Storage = z.infer<typeof StorageSchema>

export const retention = {
  show: base
    .meta({ access: 'site:write' })
    .route({
      method: 'GET',
      path: '/retention',
      tags: ['Storage'],
      summary: 'Retention classes, who uses them, and the disk budget',
    })
    .output(RetentionSchema),
  /** For whoever chooses one for a channel. */
  classes: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/retention/classes',
      tags: ['Storage'],
      summary: 'Retention classes to choose from',
    })
    .output(z.object({ classes: z.array(RetentionClassSchema), defaultClass: z.string() })),
  update: base
    .meta({ access: 'site:write', audit: 'retention.update' })
    .route({
      method: 'PATCH',
      path: '/retention',
      tags: ['Storage'],
      summary: "The site's default class and the disk budget",
    })
    .errors(errors('not_found'))
    .input(
      z.object({
        defaultClass: RetentionClassIdSchema.optional(),
        budgetBytes: z
          .number()
          .int()
          .min(1_000_000)
          .max(Number.MAX_SAFE_INTEGER)
          .nullable()
          .optional()
          .describe('null: as much as the disk holds'),
      }),
    )
    .output(RetentionSchema),
  createClass: base
    .meta({ access: 'site:write', audit: 'retention.class.create' })
    .route({
      method: 'POST',
      path: '/retention/classes',
      tags: ['Storage'],
      summary: 'Another retention class',
    })
    .errors(errors('retention_class_taken', 'input_invalid'))
    .input(
      z.object({
        id: RetentionClassIdSchema.optional().describe('Made from the name where left out'),
        name: NameSchema,
        days: DaysSchema,
        evictable: z.boolean().default(false),
      }),
    )
    .output(RetentionClassSchema),
  updateClass: base
    .meta({ access: 'site:write', audit: 'retention.class.update' })
    .route({
      method: 'PATCH',
      path: '/retention/classes/{id}',
      tags: ['Storage'],
      summary: 'Name, days and eviction of a class; fewer days delete older months within minutes',
    })
    .errors(errors('not_found'))
    .input(
      z.object({
        id: RetentionClassIdSchema,
        name: NameSchema.optional(),
        days: DaysSchema.optional(),
        evictable: z.boolean().optional(),
      }),
    )
    .output(RetentionClassSchema),
  deleteClass: base
    .meta({ access: 'site:write', audit: 'retention.class.delete' })
    .route({
      method: 'DELETE',
      path: '/retention/classes/{id}',
      tags: ['Storage'],
      summary: 'Delete a class that nothing uses',
      successStatus: 204,
    })
    .errors(errors('not_found', 'retention_class_default', 'retention_class_in_use'))
    .input(z.object({ id: RetentionClassIdSchema }))
    .output(z.void()),
  setTenant: base
    .meta({ access: 'site:write', audit: 'retention.tenant' })
    .route({
      method: 'PUT',
      path: '/retention/tenants/{tenantId}',
      tags: ['Storage'],
      summary: "The class of a tenant's channels; null: the site's default",
    })
    .errors(errors('not_found', 'tenant_unknown'))
    .input(z.object({ tenantId: IdSchema, retentionClass: RetentionClassIdSchema.nullable() }))
    .output(RetentionSchema),
  storage: base
    .meta({ access: 'site:write' })
    .route({
      method: 'GET',
      path: '/storage',
      tags: ['Storage'],
      summary: 'What readings take on the disk, file by file, and how long the disk lasts',
    })
    .output(StorageSchema),
}
