import type { Procedures } from '#features/access/index.ts'
import type { ConfigureService } from './configure.service.ts'
import type { ConnectionGuide } from './connection-guide.ts'

export function createConnectionRouter(
  { gateways }: Procedures,
  { guide, configuration }: { guide: ConnectionGuide; configuration: ConfigureService },
) {
  return {
    connection: gateways.connection.handler(({ input, context }) => guide.find(context.scope, input)),
    configure: gateways.configure.handler(async ({ input, context }) =>
      guide.of(await configuration.configure(context.scope, input, context.audit)),
    ),
  }
}
