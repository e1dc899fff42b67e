import { gatewayTopicRoots } from '#broker/dialects/dialects.ts'
import type { MqttClientIdentity } from '#broker/port.ts'
import type { Gateway } from './gateway.ts'

/** Whose a topic is: a gateway's, or it lies in the own space of MQTT clients (several where they share a prefix). */
export type Owner =
  | { kind: 'gateway'; gateway: Gateway }
  | { kind: 'space'; tenantId: string | null; clients: ReadonlyMap<string, MqttClientIdentity> }

interface Space {
  kind: 'space'
  /** Null where clients of two tenants name the same prefix: then it is nobody's. */
  tenantId: string | null
  clients: Map<string, MqttClientIdentity>
}

/** From a topic to its owner, in time that depends on the topic's levels only. */
export class TopicIndex {
  private readonly gateways = new Map<string, Owner & { kind: 'gateway' }>()
  private readonly spaces = new Map<string, Space>()
  /** The last answer: one message is judged for each of its subscribers. */
  private lastTopic: string | null = null
  private lastOwner: Owner | null = null

  addGateway(gateway: Gateway): void {
    const owner = { kind: 'gateway', gateway } as const
    for (const topic of gateway.rules.ownTopics) this.gateways.set(topic, owner)
    this.lastTopic = null
  }

  removeGateway(gateway: Gateway): void {
    for (const topic of gateway.rules.ownTopics)
      if (this.gateways.get(topic)?.gateway === gateway) this.gateways.delete(topic)
    this.lastTopic = null
  }

  addClient(client: MqttClientIdentity): void {
    this.lastTopic = null
    if (!isPrefix(client.prefix)) return
    const space: Space = this.spaces.get(client.prefix) ?? {
      kind: 'space',
      tenantId: null,
      clients: new Map(),
    }
    space.clients.set(client.clientId, client)
    space.tenantId = commonTenant(space.clients)
    this.spaces.set(client.prefix, space)
  }

  removeClient({ clientId, prefix }: MqttClientIdentity): void {
    this.lastTopic = null
    const space = this.spaces.get(prefix)
    if (!space?.clients.delete(clientId)) return
    space.tenantId = commonTenant(space.clients)
    if (space.clients.size === 0) this.spaces.delete(prefix)
  }

  hasSpace(prefix: string): boolean {
    return this.spaces.has(prefix)
  }

  ownerOf(topic: string): Owner | null {
    if (topic !== this.lastTopic) {
      this.lastOwner = this.gateways.get(topic) ?? this.spaceOf(topic)
      this.lastTopic = topic
    }
    return this.lastOwner
  }

  /** The innermost space that the topic lies in. */
  private spaceOf(topic: string): Space | null {
    if (this.spaces.size === 0) return null
    for (let end = topic.length; end > 0; end = topic.lastIndexOf('/', end - 1)) {
      const space = this.spaces.get(topic.slice(0, end))
      if (space) return space
    }
    return null
  }
}

/** Whether clients may have topics below it: nothing of gateways, of the broker or with a wildcard. */
export function isPrefix(prefix: string): boolean {
  const [root = ''] = prefix.split('/')
  return (
    root !== '' && !root.startsWith('$') && !gatewayTopicRoots.has(root) && !/[+#\u0000]|\/$/.test(prefix)
  )
}

function commonTenant(clients: ReadonlyMap<string, MqttClientIdentity>): string | null {
  const tenants = new Set(Array.from(clients.values(), ({ tenantId }) => tenantId))
  const [tenantId = null] = tenants
  return tenants.size === 1 ? tenantId : null
}
