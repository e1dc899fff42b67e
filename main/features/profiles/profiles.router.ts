import type { Procedures } from '#features/access/index.ts'
import type { ProfilesService } from './profiles.service.ts'

export function createProfilesRouter({ profiles }: Procedures, service: ProfilesService) {
  return {
    list: profiles.list.handler(async ({ input, context }) => ({
      profiles: await service.list(context.scope, input.tenant),
    })),
    show: profiles.show.handler(({ input, context }) => service.show(context.scope, input)),
    create: profiles.create.handler(({ input, context }) =>
      service.create(context.scope, input, context.audit),
    ),
    update: profiles.update.handler(({ input, context }) =>
      service.update(context.scope, input, context.audit),
    ),
    remove: profiles.remove.handler(async ({ input, context }) => {
      await service.remove(context.scope, input, context.audit)
      return { removed: true as const }
    }),
  }
}
