import type { Subscription } from 'aedes'
import type { MqttClient } from '#broker/auth/mqtt-client.ts'
import type { Policy } from '#broker/auth/policy.ts'
import type { RefusalLog } from '#broker/events/refusal-log.ts'
import { refusedOn } from '#broker/events/refused-session.ts'
import { TokenBucket } from '#broker/limits/token-bucket.ts'
import type { BrokerLimits } from '#broker/port.ts'
import { type Session, sessionOf } from '#broker/sessions/session.ts'
import type { AedesClient } from './aedes-internals.ts'
import type { Audience } from './audience.ts'

/** Of one MQTT client, sustained; as many at once as all its sessions may have. */
const SUBSCRIPTIONS_PER_SECOND = 5

type Granted = (error: Error | null, subscription?: Subscription | null) => void

/**
 * What may be subscribed to. A gateway subscribes to its own topics, with a wildcard only
 * where its dialect leaves a level open; an MQTT client to anything but `$SYS`
 * and shared subscriptions, for what it may not read is held back message by message.
 */
export class SubscriptionCheck {
  private readonly refusals: RefusalLog
  private readonly limits: BrokerLimits
  private readonly audience: Audience
  private readonly now: () => number
  private readonly buckets = new WeakMap<MqttClient, TokenBucket>()

  /** @param now a clock that never jumps, ms */
  constructor(
    refusals: RefusalLog,
    limits: BrokerLimits,
    audience: Audience,
    now = performance.now.bind(performance),
  ) {
    this.refusals = refusals
    this.limits = limits
    this.audience = audience
    this.now = now
  }

  /** aedes' `authorizeSubscribe`: null denies one filter with 0x80 and leaves the others [MQTT-3.9.3-2]. */
  authorize(client: AedesClient, subscription: Subscription, granted: Granted): void {
    const session = sessionOf(client.conn)
    if (!session?.peer || session.socket.destroyed) return
    const { topic, qos } = subscription
    const detail = this.problem(session, topic)
    if (detail === null) {
      session.filters.set(topic, qos)
      this.audience.subscribed(session, topic)
      granted(null, subscription)
      return
    }
    this.refusals.record(refusedOn(session, 'subscription_denied', { topic, detail }))
    granted(null, null)
  }

  ended(client: AedesClient, filters: string[]): void {
    const session = sessionOf(client.conn)
    if (!session) return
    for (const filter of filters) session.filters.delete(filter)
    this.audience.unsubscribed(session, filters)
  }

  /** The connection is closed; what was subscribed to with a kept session stays kept. */
  closed(session: Session): void {
    if (session.filters.size > 0) this.audience.unsubscribed(session, session.filters.keys())
  }

  private problem(session: Session, topic: string): string | null {
    const { topicBytes, subscriptionsPerClient } = this.limits
    const { filters, peer } = session
    if (topic.length > topicBytes) return `a filter of ${topic.length} characters`
    const denied =
      peer?.kind === 'client' ? clientProblem(peer.maySubscribe, topic) : gatewayProblem(session, topic)
    if (denied !== null) return denied
    if (!filters.has(topic) && filters.size >= subscriptionsPerClient) return `${filters.size} subscriptions`
    // What a kept session had is restored before CONNACK, and costs nothing.
    return peer?.kind === 'client' && session.ready ? this.haste(peer) : null
  }

  /** Each subscription to everything goes through the retained messages of the whole site. */
  private haste(client: MqttClient): string | null {
    const { subscriptionsPerClient, sessionsPerClient } = this.limits
    let bucket = this.buckets.get(client)
    if (!bucket) {
      const burst = subscriptionsPerClient * sessionsPerClient
      bucket = new TokenBucket({ perSecond: SUBSCRIPTIONS_PER_SECOND, burst })
      this.buckets.set(client, bucket)
    }
    const now = this.now()
    if (!bucket.has(now)) return `more than ${SUBSCRIPTIONS_PER_SECOND} subscriptions a second`
    bucket.take(now, 0)
    return null
  }
}

/** Whether the connected session was granted this filter: no other is kept for it. */
export function isGranted(policy: Policy, sessionId: string, filter: string): boolean {
  return policy.liveSession(sessionId)?.filters.has(filter) ?? false
}

/** Whether a message may be kept for a session that is away. */
export function mayKeepMessage(policy: Policy, sessionId: string, topic: string): boolean {
  const peer = policy.findBySessionId(sessionId)
  return peer?.kind === 'client' ? peer.mayRead(topic) : peer?.receiving(topic) !== undefined
}

function gatewayProblem(session: Session, topic: string): string | null {
  // Granted also before its binding is acknowledged: what comes by it is judged message by message.
  const mine = session.gateway?.rules.subscribing(topic) !== undefined
  return mine ? null : 'not one of the topics of this gateway'
}

function clientProblem(maySubscribe: boolean, topic: string): string | null {
  if (!maySubscribe) return 'this client may only write'
  return topic.startsWith('$') ? "the broker's own topics and shared subscriptions are not given out" : null
}
