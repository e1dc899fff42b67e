import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import type { Procedures, TenantScope } from '#features/access/index.ts'
import type { PlayedGateway } from './dialect-tools.ts'
import type { DialectsService } from './dialects.service.ts'

export interface DialectsRouterDependencies {
  service: DialectsService
  /** @throws ExpectedError `not_found`, `tenant_unknown` */
  played(
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined },
  ): Promise<PlayedGateway>
}

export function createDialectsRouter(
  { dialects }: Procedures,
  { service, played }: DialectsRouterDependencies,
) {
  return {
    list: dialects.list.handler(async ({ context }) => ({ dialects: await service.list(context.scope) })),
    show: dialects.show.handler(({ input, context }) => service.show(context.scope, input.name)),
    save: dialects.save.handler(({ input: { version, ...definition }, context }) =>
      service.save(context.scope, definition, version, context.audit),
    ),
    remove: dialects.remove.handler(async ({ input, context }) => {
      await service.remove(input.name, context.audit)
      return { removed: true as const }
    }),
    test: dialects.test.handler(async ({ input: { definition, as = {}, messages }, context }) => {
      const gateway = 'gateway' in as ? await played(context.scope, as) : madeUp(as)
      const samples = messages.map(({ topic, payload, encoding }) => ({
        topic,
        payload: Buffer.from(payload, encoding === 'base64' ? 'base64' : 'utf8'),
      }))
      return { problems: service.problemsOf(definition), ...service.tryOut(definition, gateway, samples) }
    }),
  }
}

const SOME_ID = '01890a5d-ac96-774b-bcce-b302099a8057'
const SOME_TENANT = '01890a5d-ac96-774b-bcce-b302099a8001'

/** @throws ExpectedError `mac_invalid` */
function madeUp({
  mac: given = 'a0:b1:c2:a1:b2:c3',
  label,
  topic,
  tenantAlias,
  user,
}: {
  mac?: string | undefined
  label?: string | undefined
  topic?: string | undefined
  tenantAlias?: string | undefined
  user?: string | undefined
}): PlayedGateway {
  const mac = normalizeMac(given)
  if (mac === null) throw new ExpectedError('mac_invalid', { mac: given })
  const wireName = mac.replaceAll(':', '')
  return {
    gatewayId: SOME_ID,
    tenantId: SOME_TENANT,
    wireName,
    mac,
    label: label || `ESP-${wireName.slice(6).toUpperCase()}`,
    aliases: {
      topic: topic || null,
      tenant: tenantAlias || null,
      user: user || null,
      clientId: null,
      username: null,
    },
  }
}
