import type { Subscription } from 'aedes'
import type { RefusalLog } from '#broker/events/refusal-log.ts'
import type { BrokerLimits } from '#broker/port.ts'
import { sessionOf } from '#broker/sessions/session.ts'
import type { AedesClient } from './aedes-internals.ts'

type Granted = (error: Error | null, subscription?: Subscription | null) => void

/** What gateways subscribe to, and what they are sent: both by the same rules. */
export class SubscriptionCheck {
  private readonly refusals: RefusalLog
  private readonly limits: BrokerLimits

  constructor(refusals: RefusalLog, limits: BrokerLimits) {
    this.refusals = refusals
    this.limits = limits
  }

  /** aedes' `authorizeSubscribe`: null denies one filter with 0x80 and leaves the others [MQTT-3.9.3-2]. */
  authorize(client: AedesClient, subscription: Subscription, granted: Granted): void {
    const session = sessionOf(client.conn)
    if (!session?.gateway) return
    const { topic } = subscription
    const detail = this.problem(session.gateway.rules.allowsReceiving(topic), topic, session.filters)
    if (detail === null) {
      session.filters.add(topic)
      granted(null, subscription)
      return
    }
    const { address, fingerprint, clientId, gateway } = session
    this.refusals.record({
      reason: 'subscription_denied',
      address,
      gatewayId: gateway?.id ?? null,
      fingerprint: fingerprint || null,
      clientId,
      topic,
      detail,
    })
    granted(null, null)
  }

  ended(client: AedesClient, filters: string[]): void {
    const session = sessionOf(client.conn)
    for (const filter of filters) session?.filters.delete(filter)
  }

  /** aedes' `authorizeForward`: a queued message may have outlived the right to receive it. */
  mayForward(client: AedesClient, topic: string): boolean {
    return sessionOf(client.conn)?.gateway?.rules.allowsReceiving(topic) ?? false
  }

  private problem(allowed: boolean, topic: string, filters: ReadonlySet<string>): string | null {
    const { topicBytes, subscriptionsPerClient } = this.limits
    if (topic.length > topicBytes) return `a filter of ${topic.length} characters`
    if (!allowed) return 'not one of the topics of this gateway'
    if (!filters.has(topic) && filters.size >= subscriptionsPerClient) return `${filters.size} subscriptions`
    return null
  }
}
