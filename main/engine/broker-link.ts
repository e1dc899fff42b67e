import { type Broker, type BrokerEvent, defaultBrokerLimits, type Identity } from '#broker/port.ts'
import { assertNever } from '#contract/errors.ts'
import {
  type GatewayPolicyChange,
  gatewaysRepository,
  type PolicySink,
  type PresenceRecorder,
  policyOf,
} from '#features/fleet/index.ts'
import type { SiteVitals } from '#features/overview/index.ts'
import { crowdedAssignments } from '#features/telemetry/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'

/**
 * Where changes of policy go. The broker starts from a snapshot of the store; what changed while it started may be
 * missing there, so it is kept, the newest of each gateway, and told once the broker runs.
 */
export class BrokerPolicy implements PolicySink {
  #broker: Pick<Broker, 'applyPolicy'> | null = null
  readonly #missed = new Map<string, GatewayPolicyChange>()

  async attach(broker: Pick<Broker, 'applyPolicy'>): Promise<void> {
    this.#broker = broker
    const missed = [...this.#missed.values()]
    this.#missed.clear()
    if (missed.length > 0) await broker.applyPolicy(missed)
  }

  async applyPolicy(changes: GatewayPolicyChange[]): Promise<void> {
    if (this.#broker) return this.#broker.applyPolicy(changes)
    for (const change of changes) this.#missed.set(gatewayOf(change), change)
  }
}

function gatewayOf(change: GatewayPolicyChange): string {
  return change.op === 'put' ? change.identity.gatewayId : change.gatewayId
}

/** Everyone whom the broker must know at start. */
export async function identitiesOf(db: SiteDb): Promise<Identity[]> {
  const gateways = await gatewaysRepository.allGateways(db)
  const certificates = Map.groupBy(
    await gatewaysRepository.certificateStates(db, null),
    ({ gatewayId }) => gatewayId,
  )
  const crowded = await crowdedAssignments(db, MANY_CHANNELS)
  return gateways.flatMap((gateway) => {
    const change = policyOf(gateway, certificates.get(gateway.id) ?? [])
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
  { presence, vitals, log }: { presence: PresenceRecorder; vitals: SiteVitals; log: Log },
): void {
  broker.on((event: BrokerEvent) => {
    switch (event.type) {
      case 'gatewayWentOnline':
        return presence.wentOnline(event)
      case 'gatewayWentOffline':
        return presence.wentOffline(event)
      case 'refused':
        // In the store, where an operator looks; a flood of them must not fill the log too.
        log.debug({ refusal: event.refusal }, 'refused')
        return presence.refused(event.refusal)
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
      case 'brokerRestarted':
        return log.info('the broker runs again')
      // Their features come later; presence and readings already say that the gateway is heard.
      case 'messageReceived':
      case 'gatewaysSeen':
        return undefined
      default:
        return assertNever(event)
    }
  })
}
