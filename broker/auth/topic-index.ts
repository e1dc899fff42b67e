import type { MqttClientIdentity } from '#broker/port.ts'
import type { Gateway } from './gateway.ts'

/** Whose a topic is: a gateway's, or it lies in the own space of MQTT clients (several where they share a prefix). */
export type Owner =
  | { kind: 'gateway'; gateway: Gateway }
  | { kind: 'space'; tenantId: string | null; clients: ReadonlyMap<string, MqttClientIdentity> }

/** First levels below which clients have their spaces. */
const clientRoots = new Set(['clients', 'users'])

interface Space {
  kind: 'space'
  /** Null where clients of two tenants name the same prefix: then it is nobody's. */
  tenantId: string | null
  clients: Map<string, MqttClientIdentity>
}

/** Two gateways have a name at the beginning of a topic: it is nobody's. */
const CONTESTED = Symbol('contested')

/** From a topic to its owner, in time that depends on the topic's levels only. */
export class TopicIndex {
  /** Of gateways whose topics can be listed. */
  private readonly gateways = new Map<string, Owner & { kind: 'gateway' }>()
  /** By the beginning of their topics, in small letters, those of the others. */
  private readonly claims = new Map<string, Set<Gateway>>()
  private readonly spaces = new Map<string, Space>()
  private readonly roots: () => ReadonlySet<string>
  /** The last answer: one message is judged for each of its subscribers. */
  private lastTopic: string | null = null
  private lastOwner: Owner | null = null

  /** @param roots first levels of gateways' topics, in small letters */
  constructor(roots: () => ReadonlySet<string>) {
    this.roots = roots
  }

  addGateway(gateway: Gateway): void {
    const { ownTopics, claims } = gateway.rules
    const owner = { kind: 'gateway', gateway } as const
    for (const topic of ownTopics) this.gateways.set(topic, owner)
    for (const claim of claims) {
      const holders = this.claims.get(claim)
      if (holders) holders.add(gateway)
      else this.claims.set(claim, new Set([gateway]))
    }
    this.lastTopic = null
  }

  /** With the rules that it was added with. */
  removeGateway(gateway: Gateway): void {
    const { ownTopics, claims } = gateway.rules
    for (const topic of ownTopics)
      if (this.gateways.get(topic)?.gateway === gateway) this.gateways.delete(topic)
    for (const claim of claims) {
      const holders = this.claims.get(claim)
      holders?.delete(gateway)
      if (holders?.size === 0) this.claims.delete(claim)
    }
    this.lastTopic = null
  }

  /** Whether this gateway, and nobody else, has its name at the beginning of the topic. */
  isAlone(gateway: Gateway, topic: string): boolean {
    return this.claimantOf(topic) === gateway
  }

  addClient(client: MqttClientIdentity): void {
    this.lastTopic = null
    if (!this.isPrefix(client.prefix)) return
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
      this.lastOwner = this.gateways.get(topic) ?? this.find(topic)
      this.lastTopic = topic
    }
    return this.lastOwner
  }

  /**
   * Whether clients may have topics below it: nothing of gateways, of the broker or with a wildcard. Below `users` both have
   * some: what begins with the name of a gateway is the gateway's.
   */
  isPrefix(prefix: string): boolean {
    const [root = ''] = prefix.split('/')
    const folded = root.toLowerCase()
    return (
      root !== '' &&
      !root.startsWith('$') &&
      (clientRoots.has(folded) || !this.roots().has(folded)) &&
      !/[+#\u0000]|\/$/.test(prefix)
    )
  }

  private find(topic: string): Owner | null {
    const claimant = this.claimantOf(topic)
    if (claimant === null) return this.spaceOf(topic)
    // Below the name of a gateway nothing is a client's.
    return claimant !== CONTESTED && claimant.rules.owns(topic)
      ? { kind: 'gateway', gateway: claimant }
      : null
  }

  private claimantOf(topic: string): Gateway | typeof CONTESTED | null {
    if (this.claims.size === 0) return null
    const folded = topic.toLowerCase()
    let found: Gateway | null = null
    for (let end = folded.indexOf('/'); ; end = folded.indexOf('/', end + 1)) {
      const holders = this.claims.get(end === -1 ? folded : folded.slice(0, end))
      if (holders) {
        const [holder = null] = holders
        if (holders.size > 1 || (found !== null && found !== holder)) return CONTESTED
        found = holder
      }
      if (end === -1) return found
    }
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

function commonTenant(clients: ReadonlyMap<string, MqttClientIdentity>): string | null {
  const tenants = new Set(Array.from(clients.values(), ({ tenantId }) => tenantId))
  const [tenantId = null] = tenants
  return tenants.size === 1 ? tenantId : null
}
