import type { ConnectionProblem, GatewayConnection } from '#contract/api/gateway-connection.ts'
import type { TenantScope } from '#features/access/index.ts'
import { type BrokerDirectory, type GatewayWiring, publishCommand } from '#features/enrollment/index.ts'
import { aliasesOf, type FleetService, type gatewaysRepository } from '#features/fleet/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'

type GatewayRow = gatewaysRepository.GatewayRow

export interface ConnectionGuideDependencies {
  fleet: FleetService
  tenants: TenantsService
  directory: BrokerDirectory
  /** Ports of the listeners that people turn on; null where one is off. */
  listeners(): { passwordMqtts: number | null; websocket: number | null }
}

/** Everything that a gateway's program is told, but its secret, and what keeps it out all the same. */
export class ConnectionGuide {
  readonly #dependencies: ConnectionGuideDependencies

  constructor(dependencies: ConnectionGuideDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `not_found` */
  async find(
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined },
  ): Promise<GatewayConnection> {
    return this.of(await this.#dependencies.fleet.find(scope, reference))
  }

  async of(gateway: GatewayRow): Promise<GatewayConnection> {
    const { directory, listeners } = this.#dependencies
    const { profileId, profileName, ownDialect, credential, fingerprint } = gateway
    const { dialect, topics, example } = directory.wiringOf(gateway)
    const { topic, tenant, user, clientId: client_id, username: ownName } = aliasesOf(gateway)
    const facts = {
      hosts: directory.hosts(),
      port: directory.portFor(credential),
      clientId: directory.clientIdOf(gateway),
      username: directory.usernameOf(gateway),
    }
    return {
      dialect,
      dialectOfProfile: ownDialect === 0,
      profile: profileId === null ? null : { id: profileId, name: profileName ?? '' },
      credential,
      aliases: { topic, tenant, user, client_id, username: ownName },
      ...facts,
      websocketPort: listeners().websocket,
      password: ({ certificate: 'none', secret: 'secret', both: 'fingerprint' } as const)[credential],
      topics,
      example,
      command:
        example === null ? '' : publishCommand({ ...facts, credential, fingerprint, secret: null, example }),
      problems: await this.#problems(gateway, example),
    }
  }

  async #problems(gateway: GatewayRow, example: GatewayWiring['example']): Promise<ConnectionProblem[]> {
    const { tenants, listeners } = this.#dependencies
    const problems: ConnectionProblem[] = []
    if (gateway.credential === 'secret') {
      const tenant = await tenants.resolve({ all: true }, gateway.tenantId)
      if (tenant.passwordGateways === 0) problems.push('password_gateways_off')
      const { passwordMqtts, websocket } = listeners()
      if (passwordMqtts === null && websocket === null) problems.push('password_listener_off')
    }
    if (gateway.bindState === 'pending') problems.push('bind_pending')
    if (example === null) problems.push('alias_missing')
    if (gateway.state === 'suspended' || gateway.state === 'revoked') problems.push(gateway.state)
    return problems
  }
}
