import type { Procedures } from '#features/access/index.ts'
import type { GroupsService } from './groups.service.ts'

export function createGroupsRouter({ groups }: Procedures, service: GroupsService) {
  return {
    list: groups.list.handler(async ({ input, context }) => ({
      groups: await service.list(context.scope, input?.tenant),
    })),
    create: groups.create.handler(({ input, context }) =>
      service.create(context.scope, input, context.audit),
    ),
    rename: groups.rename.handler(({ input, context }) =>
      service.rename(context.scope, input, context.audit),
    ),
    move: groups.move.handler(({ input, context }) => service.move(context.scope, input, context.audit)),
    remove: groups.remove.handler(({ input, context }) =>
      service.remove(context.scope, input, context.audit),
    ),
  }
}
