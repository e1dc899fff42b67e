import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'

/** One level of a path: no slash, which parts the levels. */
export const GroupNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^/\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line without slashes')

/** A group: its id, or its path from the top, `Plant 1/Line 2`. */
export const GroupRefSchema = z.string().min(1).max(600)

/** Levels of a tree, and groups of a tenant, at the most. */
export const GROUP_DEPTH = 8
export const GROUPS_PER_TENANT = 2_000

export const GroupSchema = z.object({
  id: IdSchema,
  tenantId: IdSchema,
  /** Null: at the top, or the group above is none that the caller may see. */
  parentId: IdSchema.nullable(),
  name: z.string(),
  /** Names from the top that the caller may see down to its own: `['Plant 1', 'Line 2']`. */
  path: z.array(z.string()),
  /** Gateways in it, and in it and all below. */
  gateways: z.object({ own: z.number().int(), all: z.number().int() }),
})
export type Group = z.infer<typeof GroupSchema>

const tenant = z.string().max(64).optional().describe('Id or slug; may be left out where there is one')

export const groups = {
  list: base
    .meta({ access: 'tenants:read' })
    .route({
      method: 'GET',
      path: '/groups',
      tags: ['Groups'],
      summary: 'Groups that the caller may see, each followed by those below it',
    })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional() }).optional())
    .output(z.object({ groups: z.array(GroupSchema) })),
  create: base
    .meta({ access: 'tenants:write', audit: 'group.create' })
    .route({
      method: 'POST',
      path: '/groups',
      tags: ['Groups'],
      summary: 'Add a group at the top or below another',
      successStatus: 201,
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'forbidden_reach',
        'group_name_taken',
        'group_too_deep',
        'too_many_groups',
      ),
    )
    .input(z.object({ tenant, parent: GroupRefSchema.nullable().default(null), name: GroupNameSchema }))
    .output(GroupSchema),
  rename: base
    .meta({ access: 'tenants:write', audit: 'group.rename' })
    .route({ method: 'PATCH', path: '/groups/{group}', tags: ['Groups'], summary: 'Rename a group' })
    .errors(errors('not_found', 'group_name_taken'))
    .input(z.object({ group: GroupRefSchema, tenant, name: GroupNameSchema }))
    .output(GroupSchema),
  move: base
    .meta({ access: 'tenants:write', audit: 'group.move' })
    .route({
      method: 'POST',
      path: '/groups/{group}/move',
      tags: ['Groups'],
      summary: 'Put a group with all below it under another, or at the top',
    })
    .errors(errors('not_found', 'forbidden_reach', 'group_circular', 'group_name_taken', 'group_too_deep'))
    .input(z.object({ group: GroupRefSchema, tenant, parent: GroupRefSchema.nullable() }))
    .output(GroupSchema),
  remove: base
    .meta({ access: 'tenants:write', audit: 'group.remove' })
    .route({
      method: 'DELETE',
      path: '/groups/{group}',
      tags: ['Groups'],
      summary: 'Delete a group; what is in it goes one level up where asked',
      successStatus: 204,
    })
    .errors(errors('not_found', 'forbidden_reach', 'group_not_empty', 'group_in_use', 'group_name_taken'))
    .input(
      z.object({
        group: GroupRefSchema,
        tenant,
        content: z
          .enum(['refuse', 'to_parent'])
          .default('refuse')
          .describe('`to_parent`: groups and gateways in it go one level up'),
      }),
    )
    .output(z.void()),
}
