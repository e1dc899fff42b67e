import type { Broker } from '#broker/port.ts'
import type { Procedures } from '#features/access/index.ts'
import type { FleetService, FleetState } from '#features/fleet/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import { createTopicsRouter, TopicPublisher, TopicsService } from '#features/topics/index.ts'
import type { Log } from '#platform/log/log.ts'

export interface TopicServicesDependencies {
  log: Log
  tenants: TenantsService
  fleet: FleetService
  state: Pick<FleetState, 'row'>
  broker: Pick<Broker, 'tap' | 'refusedMessages' | 'topicUse' | 'publish'>
}

/** What is published, for those who look, and to publish oneself. */
export function createTopicServices(dependencies: TopicServicesDependencies, procedures: Procedures) {
  const { broker, state } = dependencies
  const gateway = (id: string) => state.row(id)
  const publisher = new TopicPublisher(broker, gateway)
  const service = new TopicsService({ ...dependencies, publisher, gateway })
  return { service, publisher, router: createTopicsRouter(procedures, { service, publisher }) }
}
