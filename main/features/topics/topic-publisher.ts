import { createHash } from 'node:crypto'
import { PUBLISH_BYTES_MOST } from '#contract/api/topics.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { TopicUse } from '#contract/model/tapped.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { checkTopic, payloadBytes } from './publish-check.ts'
import { seesReach, seesTopic } from './topic-scope.ts'
import type { GatewayOf, TopicsBroker } from './topics-port.ts'

export interface PublishOrder {
  topic: string
  payload: string
  encoding: 'utf8' | 'base64'
  qos: number
  retain: boolean
}

/** Publishes for people, as the site. */
export class TopicPublisher {
  readonly #broker: Pick<TopicsBroker, 'publish' | 'topicUse'>
  readonly #gateway: GatewayOf

  constructor(broker: Pick<TopicsBroker, 'publish' | 'topicUse'>, gateway: GatewayOf) {
    this.#broker = broker
    this.#gateway = gateway
  }

  /**
   * To a topic that a gateway in scope receives on, or in the own space of MQTT clients in scope.
   * @throws ExpectedError `topic_invalid`, `topic_not_yours`, `topic_retain_refused`, `retained_full`, `gateway_state_conflict`, `input_invalid`
   */
  async publish(
    scope: TenantScope,
    { topic, payload, encoding, qos, retain }: PublishOrder,
    audit: AuditDraft,
  ): Promise<{ topic: string; bytes: number; sha256: string }> {
    const bytes = payloadBytes(payload, encoding, PUBLISH_BYTES_MOST)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    // Never what is published: it may hold a secret.
    audit.details = { topic: topic.slice(0, 200).toWellFormed(), qos, retain, bytes: bytes.length, sha256 }
    checkTopic(topic)
    const use = await this.#broker.topicUse(topic)
    if (use?.kind === 'gateway')
      this.#checkGateway(scope, use, { topic, retains: retain && bytes.length > 0 }, audit)
    else if (use?.kind === 'space' && use.reaches.some((reach) => seesReach(scope, use.tenantId, reach)))
      audit.about('topic', topic, use.tenantId, audit.details)
    else throw new ExpectedError('topic_not_yours', { topic })
    if (retain && bytes.length > 0 && !use.mayRetain) throw new ExpectedError('retained_full', { topic })
    await this.#broker.publish({ topic, payload: bytes, qos: qos === 0 ? 0 : 1, retain })
    return { topic, bytes: bytes.length, sha256 }
  }

  /** Whether a topic is one that can be published to, and in scope. */
  async accepts(scope: TenantScope, topic: string): Promise<boolean> {
    const use = await this.#broker.topicUse(topic).catch(() => null)
    switch (use?.kind) {
      case undefined:
        return false
      case 'space':
        return use.reaches.some((reach) => seesReach(scope, use.tenantId, reach))
      case 'gateway':
        return isReceived(use) && seesTopic(scope, use, this.#gateway)
    }
  }

  #checkGateway(
    scope: TenantScope,
    use: Extract<TopicUse, { kind: 'gateway' }>,
    { topic, retains }: { topic: string; retains: boolean },
    audit: AuditDraft,
  ): void {
    const row = this.#gateway(use.gatewayId)
    if (row === undefined || !seesTopic(scope, use, this.#gateway))
      throw new ExpectedError('topic_not_yours', { topic })
    audit.about('gateway', row.id, row.tenantId, audit.details)
    if (!isReceived(use)) throw new ExpectedError('topic_not_yours', { topic })
    if (row.state !== 'active' && row.state !== 'claimed') {
      const { code, state } = row
      throw new ExpectedError('gateway_state_conflict', { code, state, action: 'published to' })
    }
    // It would be carried out again at each connect of the gateway.
    if (retains && use.receives === 'commands')
      throw new ExpectedError('topic_retain_refused', { topic, code: row.code })
  }
}

/** What people may tell a gateway; firmware and the time come from the site alone. */
function isReceived({ receives }: Extract<TopicUse, { kind: 'gateway' }>): boolean {
  return receives === 'commands' || receives === 'twin_desired'
}
