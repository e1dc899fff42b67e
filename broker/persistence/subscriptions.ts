import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import type { SessionDb } from './session-file.ts'
import { TopicTrie } from './topic-trie.ts'

/** QoS and, for MQTT 5 and bridges, retain handling, retain as published, no local. */
export interface Subscription {
  topic: string
  qos: number
  [option: string]: unknown
}

interface Row {
  clientId: string
  topic: string
  options: string
}

/** Subscriptions of sessions that outlive their connection; mirrored in memory, for every publish looks here. */
export class Subscriptions {
  private readonly group: GroupCommit
  private readonly selectAll: Statement<[], Row>
  private readonly upsert: Statement<[string, string, string]>
  private readonly deleteOne: Statement<[string, string]>
  private readonly deleteClient: Statement<[string]>
  private byClient = new Map<string, Map<string, string>>()
  /** Those with QoS 1 or 2: only for these are messages kept while the client is away. */
  private queueing = new TopicTrie<Subscription>()

  constructor(db: SessionDb, group: GroupCommit) {
    this.group = group
    this.selectAll = db.prepare('SELECT clientId, topic, options FROM subscriptions')
    this.upsert = db.prepare(
      `INSERT INTO subscriptions (clientId, topic, options) VALUES (?, ?, ?)
       ON CONFLICT (clientId, topic) DO UPDATE SET options = excluded.options`,
    )
    this.deleteOne = db.prepare('DELETE FROM subscriptions WHERE clientId = ? AND topic = ?')
    this.deleteClient = db.prepare('DELETE FROM subscriptions WHERE clientId = ?')
  }

  load(): void {
    this.byClient = new Map()
    this.queueing = new TopicTrie()
    for (const { clientId, topic, options } of this.selectAll.iterate())
      this.remember(clientId, topic, options)
  }

  get count(): number {
    return this.queueing.size
  }

  get clients(): number {
    return this.byClient.size
  }

  async add(clientId: string, subscriptions: Subscription[]): Promise<void> {
    const before = this.byClient.get(clientId)
    const wanted = new Map(
      subscriptions.map(({ topic, ...options }) => [topic, JSON.stringify(bare(options))]),
    )
    const changed = [...wanted].filter(([topic, options]) => before?.get(topic) !== options)
    if (changed.length === 0) return
    await this.group.durably(() => {
      for (const [topic, options] of changed) {
        this.upsert.run(clientId, topic, options)
        this.remember(clientId, topic, options)
      }
    })
  }

  async remove(clientId: string, filters: string[]): Promise<void> {
    const known = filters.filter((filter) => this.byClient.get(clientId)?.has(filter))
    if (known.length === 0) return
    await this.group.durably(() => {
      for (const filter of known) {
        this.deleteOne.run(clientId, filter)
        this.forget(clientId, filter)
      }
    })
  }

  async clear(clientId: string): Promise<void> {
    const filters = this.byClient.get(clientId)
    if (!filters) return
    await this.group.durably(() => {
      this.deleteClient.run(clientId)
      for (const filter of filters.keys()) this.forget(clientId, filter)
    })
  }

  ofClient(clientId: string): Subscription[] {
    const filters = this.byClient.get(clientId) ?? []
    return Array.from(filters, ([topic, options]) => ({ topic, ...(JSON.parse(options) as { qos: number }) }))
  }

  forTopic(topic: string): Subscription[] {
    return this.queueing.match(topic)
  }

  *clientsOf(filter: string): Generator<string> {
    for (const [clientId, filters] of this.byClient) if (filters.has(filter)) yield clientId
  }

  private remember(clientId: string, topic: string, options: string): void {
    let filters = this.byClient.get(clientId)
    if (!filters) {
      filters = new Map()
      this.byClient.set(clientId, filters)
    }
    filters.set(topic, options)
    const { qos, rh, rap, nl } = JSON.parse(options) as Subscription
    if (qos > 0) this.queueing.set(topic, clientId, { clientId, topic, qos, rh, rap, nl })
    else this.queueing.delete(topic, clientId)
  }

  private forget(clientId: string, filter: string): void {
    const filters = this.byClient.get(clientId)
    filters?.delete(filter)
    if (filters?.size === 0) this.byClient.delete(clientId)
    this.queueing.delete(filter, clientId)
  }
}

function bare({ qos, rh, rap, nl, subscriptionIdentifier }: Omit<Subscription, 'topic'>): object {
  return { qos, rh, rap, nl, subscriptionIdentifier }
}
