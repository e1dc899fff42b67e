import type { Broker } from '#broker/port.ts'
import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import { CommandDelivery, CommandsService, createCommandsRouter } from '#features/commands/index.ts'
import type { BrokerDirectory } from '#features/enrollment/index.ts'
import type { FleetService, GatewayChange, RefusalFact } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'

export interface CommandServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  fleet: FleetService
  broker: Pick<Broker, 'publish' | 'confirmMessage'>
  directory: BrokerDirectory
  /** Whoever follows a gateway is told. */
  gatewayChanged(change: GatewayChange): void
  refused(refusal: RefusalFact): void
}

/** Requests to gateways, and their answers. */
export function createCommandServices(dependencies: CommandServicesDependencies, procedures: Procedures) {
  const { broker, directory } = dependencies
  const delivery = new CommandDelivery({
    ...dependencies,
    publish: (message) => broker.publish(message),
    confirm: (receipt) => broker.confirmMessage(receipt),
    changed: (change) => dependencies.gatewayChanged(change),
    topicsOf: (gateway) => {
      const { topics } = directory.wiringOf(gateway)
      const all = topics.flatMap(({ kind, topic }) => (kind === 'commands' && topic !== null ? [topic] : []))
      const [commands = null, ...others] = all
      const acknowledgements = topics.find(({ kind, topic }) => kind === 'command_ack' && topic !== null)
      return { commands, others, acknowledgements: acknowledgements?.topic ?? null }
    },
  })
  const service = new CommandsService({ ...dependencies, delivery })
  return { service, delivery, router: createCommandsRouter(procedures, service) }
}

export type CommandServices = ReturnType<typeof createCommandServices>
