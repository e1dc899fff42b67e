import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { RoleSchema as BuiltInRoleSchema, PermissionSchema } from '../model/permission.ts'

/** A built-in role's name, or an own role's id. */
export const RoleIdSchema = z.union([BuiltInRoleSchema, IdSchema])

const NameSchema = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line')

export const RoleSchema = z.object({
  id: RoleIdSchema,
  /** Null: built in. */
  tenantId: IdSchema.nullable(),
  name: z.string(),
  permissions: z.array(PermissionSchema),
  /** Whoever has it needs a second factor. */
  secondFactor: z.boolean(),
  /** Who has it, invited ones too, as far as the caller may see. */
  people: z.number().int(),
})
export type RoleInfo = z.infer<typeof RoleSchema>

const tenant = z.string().max(64).optional().describe('Id or slug; may be left out where there is one')

/** Roles: the built-in ones, and those that a tenant makes of permissions. */
export const roles = {
  list: base
    .meta({ access: 'users:read' })
    .route({ method: 'GET', path: '/roles', tags: ['Roles'], summary: 'Built-in roles and own ones' })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional() }).optional())
    .output(
      z.object({
        roles: z.array(RoleSchema),
        /** Those that something of this site asks for: others are seeded for what comes later. */
        permissions: z.array(PermissionSchema),
      }),
    ),
  create: base
    .meta({ access: 'roles:write', reach: 'tenant', audit: 'role.create' })
    .route({
      method: 'POST',
      path: '/roles',
      tags: ['Roles'],
      summary: 'Make a role of permissions that the caller has',
      successStatus: 201,
    })
    .errors(errors('tenant_unknown', 'role_name_taken', 'rights_beyond', 'too_many_roles'))
    .input(
      z.object({
        tenant,
        name: NameSchema,
        permissions: z.array(PermissionSchema).max(100),
        secondFactor: z.boolean().default(false),
      }),
    )
    .output(RoleSchema),
  update: base
    .meta({ access: 'roles:write', reach: 'tenant', audit: 'role.update' })
    .route({
      method: 'PATCH',
      path: '/roles/{roleId}',
      tags: ['Roles'],
      summary: 'Change an own role; of a built-in one only whether it needs a second factor',
    })
    .errors(errors('not_found', 'role_name_taken', 'rights_beyond', 'role_built_in', 'forbidden_reach'))
    .input(
      z.object({
        roleId: RoleIdSchema,
        name: NameSchema.optional(),
        permissions: z.array(PermissionSchema).max(100).optional(),
        secondFactor: z.boolean().optional(),
      }),
    )
    .output(RoleSchema),
  delete: base
    .meta({ access: 'roles:write', reach: 'tenant', audit: 'role.delete' })
    .route({
      method: 'DELETE',
      path: '/roles/{roleId}',
      tags: ['Roles'],
      summary: 'Delete an own role that nobody has',
      successStatus: 204,
    })
    .errors(errors('not_found', 'role_in_use', 'rights_beyond', 'role_built_in'))
    .input(z.object({ roleId: RoleIdSchema }))
    .output(z.void()),
}
