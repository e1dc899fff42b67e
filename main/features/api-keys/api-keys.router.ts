import type { Procedures } from '#features/access/index.ts'
import type { ApiKeysService } from './api-keys.service.ts'

export function createApiKeysRouter({ apiKeys }: Procedures, service: ApiKeysService) {
  return {
    list: apiKeys.list.handler(async ({ input, context }) => ({
      keys: await service.list(context.scope, input?.tenant),
    })),
    create: apiKeys.create.handler(({ input, context }) =>
      service.create(context.actor, input, context.audit),
    ),
    rename: apiKeys.rename.handler(({ input, context }) =>
      service.rename(context.scope, input.key, input.name, context.audit),
    ),
    revoke: apiKeys.revoke.handler(({ input, context }) =>
      service.revoke(context.scope, input.key, context.audit),
    ),
  }
}
