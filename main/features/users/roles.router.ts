import type { Procedures } from '#features/access/index.ts'
import type { RolesService } from './roles.service.ts'
import { usedPermissions } from './used-permissions.ts'

export function createRolesRouter({ roles }: Procedures, service: RolesService) {
  return {
    list: roles.list.handler(async ({ input, context }) => ({
      roles: await service.list(context.actor, input?.tenant),
      permissions: usedPermissions(),
    })),
    create: roles.create.handler(({ input, context }) => service.create(context.actor, input, context.audit)),
    update: roles.update.handler(({ input: { roleId, ...changes }, context }) =>
      service.update(context.actor, roleId, changes, context.audit),
    ),
    delete: roles.delete.handler(({ input, context }) =>
      service.delete(context.actor, input.roleId, context.audit),
    ),
  }
}
