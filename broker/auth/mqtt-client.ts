import { sharedTopics } from '#broker/dialects/dialects.ts'
import { matchesFilter } from '#broker/persistence/topic-filter.ts'
import type { MqttClientIdentity } from '#broker/port.ts'
import type { Session } from '#broker/sessions/session.ts'
import { reachesClient, reachesGateway } from './reach.ts'
import type { TopicIndex } from './topic-index.ts'

/** By what right a topic may be written: a gateway's that receives on it, or its own. */
export type WriteRight = 'commands' | 'twin_desired' | 'own'

/** One MQTT client of the snapshot: a user of the broker that is no gateway, with any number of sessions. */
export class MqttClient {
  readonly kind = 'client'
  identity: MqttClientIdentity
  /** Every connection that proved to be this client's. */
  readonly sessions = new Set<Session>()
  /** Those past CONNECT, by the id that they are kept under. */
  readonly live = new Map<string, Session>()
  private readonly index: TopicIndex

  constructor(identity: MqttClientIdentity, index: TopicIndex) {
    this.identity = identity
    this.index = index
  }

  get id(): string {
    return this.identity.clientId
  }

  get maySubscribe(): boolean {
    return this.identity.access === 'allowed' && this.identity.rights !== 'write'
  }

  get mayPublish(): boolean {
    return this.identity.access === 'allowed' && this.identity.rights !== 'read'
  }

  /** Whether it may be sent a message with this topic, whatever filter it came by. */
  mayRead(topic: string): boolean {
    if (!this.maySubscribe) return false
    if (sharedTopics.has(topic)) return true
    const { identity } = this
    const owner = this.index.ownerOf(topic)
    if (owner === null) return false
    if (owner.kind === 'gateway') {
      const gateway = owner.gateway.identity
      return (
        gateway.tenantId === identity.tenantId &&
        reachesGateway(identity.reach, gateway) &&
        this.isInTopics(topic)
      )
    }
    if (owner.tenantId !== identity.tenantId) return false
    if (owner.clients.has(identity.clientId)) return true
    for (const other of owner.clients.values())
      if (reachesClient(identity.reach, other)) return this.isInTopics(topic)
    return false
  }

  /** By what right it may publish to this topic; null where it has none. */
  writing(topic: string): WriteRight | null {
    if (!this.mayPublish) return null
    const { identity } = this
    const owner = this.index.ownerOf(topic)
    if (owner?.kind === 'space')
      return owner.tenantId === identity.tenantId && owner.clients.has(identity.clientId) ? 'own' : null
    if (owner === null || owner.gateway.identity.tenantId !== identity.tenantId) return null
    const kind = owner.gateway.rules.receiving(topic)?.kind
    if (kind !== 'commands' && kind !== 'twin_desired') return null
    return reachesGateway(identity.reach, owner.gateway.identity) && this.isInTopics(topic) ? kind : null
  }

  private isInTopics(topic: string): boolean {
    return this.identity.topics.some((filter) => filter === '#' || matchesFilter(filter, topic))
  }
}
