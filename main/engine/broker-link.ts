import {
  type Broker,
  type BrokerEvent,
  defaultBrokerLimits,
  type Identity,
  type PolicyChange,
} from '#broker/port.ts'
import { assertNever } from '#contract/errors.ts'
import type { CommandDelivery } from '#features/commands/index.ts'
import {
  credentialsOf,
  gatewaysRepository,
  type PolicySink,
  type PresenceRecorder,
  policyOf,
} from '#features/fleet/index.ts'
import type { LimitsService } from '#features/limits/index.ts'
import type { SiteVitals } from '#features/overview/index.ts'
import { crowdedAssignments } from '#features/telemetry/index.ts'
import type { GroupTree } from '#features/tenants/index.ts'
import type { TopicsService } from '#features/topics/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { MqttServices } from './mqtt-services.ts'

/**
 * Where changes of policy go. The broker starts from a snapshot of the store; what changed while it started may be
 * missing there, so it is kept, the newest of each gateway, client and tenant, and told once the broker runs.
 */
export class BrokerPolicy implements PolicySink {
  #broker: Pick<Broker, 'applyPolicy'> | null = null
  readonly #missed = new Map<string, PolicyChange>()

  async attach(broker: Pick<Broker, 'applyPolicy'>): Promise<void> {
    this.#broker = broker
    const missed = [...this.#missed.values()]
    this.#missed.clear()
    if (missed.length > 0) await broker.applyPolicy(missed)
  }

  async applyPolicy(changes: PolicyChange[]): Promise<void> {
    if (this.#broker) return this.#broker.applyPolicy(changes)
    for (const change of changes) this.#missed.set(subjectOf(change), change)
  }
}

function subjectOf(change: PolicyChange): string {
  switch (change.op) {
    case 'put':
      return `gateway ${change.identity.gatewayId}`
    case 'remove':
      return `gateway ${change.gatewayId}`
    case 'put_client':
      return `client ${change.client.clientId}`
    case 'remove_client':
      return `client ${change.clientId}`
    case 'put_tenant':
      return `tenant ${change.tenant.tenantId}`
    case 'remove_tenant':
      return `tenant ${change.tenantId}`
    case 'put_dialect':
      return `dialect ${change.dialect.name}`
    case 'remove_dialect':
      return `dialect ${change.name}`
    default:
      return assertNever(change)
  }
}

/** Everyone whom the broker must know at start. */
export async function identitiesOf(db: SiteDb, groups: Pick<GroupTree, 'pathOf'>): Promise<Identity[]> {
  const gateways = await gatewaysRepository.allGateways(db)
  const credentials = await credentialsOf(db, null)
  const crowded = await crowdedAssignments(db, MANY_CHANNELS)
  return gateways.flatMap((gateway) => {
    const change = policyOf(gateway, credentials(gateway.id), groups.pathOf(gateway.groupId))
    if (change.op !== 'put') return []
    const knownChannels = crowded.get(change.identity.assignmentId)
    return [knownChannels ? { ...change.identity, knownChannels } : change.identity]
  })
}

/** From here on the broker is told which channels there are, for it bounds them. */
const MANY_CHANNELS = defaultBrokerLimits.channelsPerGateway / 4

/** Hands what the broker tells to the features that it concerns. */
export function routeBrokerEvents(
  broker: Broker,
  {
    presence,
    vitals,
    limits,
    mqtt,
    commands,
    topics,
    log,
  }: {
    presence: PresenceRecorder
    vitals: SiteVitals
    limits: LimitsService
    mqtt: Pick<MqttServices, 'connections'>
    commands: Pick<CommandDelivery, 'listened' | 'wentOffline' | 'answered'>
    topics: Pick<TopicsService, 'tapped' | 'brokerRestarted'>
    log: Log
  },
): void {
  broker.on((event: BrokerEvent) => {
    switch (event.type) {
      case 'gatewayWentOnline':
        return presence.wentOnline(event)
      case 'gatewayWentOffline':
        commands.wentOffline(event)
        return presence.wentOffline(event)
      case 'gatewayListened':
        return commands.listened(event)
      case 'refused':
        // In the store, where an operator looks; a flood of them must not fill the log too.
        log.debug({ refusal: event.refusal }, 'refused')
        return presence.refused(event.refusal)
      case 'limited':
        return limits.limited(event)
      case 'tenantMessages':
        return limits.tenantMessages(event)
      case 'clientWentOnline':
        return mqtt.connections.noteConnected(event)
      case 'clientWentOffline':
        return undefined
      case 'listenerFailed':
        return log.error(
          { listener: event.listener, code: event.code, ...event.data },
          'an MQTT listener could not be opened',
        )
      case 'retainedUnreadable':
        return log.error({ cause: event.cause }, 'the retained messages could not be listed')
      case 'ingestStalled':
        log.error(
          { store: event.code, cause: event.cause },
          'the store cannot write: readings wait unacknowledged',
        )
        return vitals.stalled(event.cause)
      case 'ingestRecovered':
        log.info('the store writes again')
        return vitals.recovered()
      case 'brokerCrashed':
        return log.error(
          { cause: event.cause, restartIn: event.restartIn },
          'the broker crashed and starts again',
        )
      case 'tapped':
        return topics.tapped(event.batch)
      case 'brokerRestarted':
        topics.brokerRestarted()
        return log.info('the broker runs again')
      case 'messageReceived':
        // Other kinds have their features later; presence and readings already say that the gateway is heard.
        return event.kind === 'command_ack' ? commands.answered(event) : undefined
      case 'gatewaysSeen':
        return undefined
      default:
        return assertNever(event)
    }
  })
}
