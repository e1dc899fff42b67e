import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import type { SessionDb } from './session-file.ts'
import { recordOf } from './session-id.ts'
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
  /** Of one session. */
  private readonly most: number
  private readonly selectAll: Statement<[], Row>
  private readonly upsert: Statement<[string, string, string]>
  private readonly deleteOne: Statement<[string, string]>
  private readonly deleteClient: Statement<[string]>
  /** Counts changes. */
  version = 0
  private byClient = new Map<string, Map<string, string>>()
  /** Ids of the sessions of each MQTT client, which begin with its record's id and a slash. */
  private byRecord = new Map<string, Set<string>>()
  /** Those with QoS 1 or 2: only for these are messages kept while the client is away. */
  private queueing = new TopicTrie<Subscription>()

  constructor(db: SessionDb, group: GroupCommit, most: number) {
    this.group = group
    this.most = most
    this.selectAll = db.prepare('SELECT clientId, topic, options FROM subscriptions')
    this.upsert = db.prepare(
      `INSERT INTO subscriptions (clientId, topic, options) VALUES (?, ?, ?)
       ON CONFLICT (clientId, topic) DO UPDATE SET options = excluded.options`,
    )
    this.deleteOne = db.prepare('DELETE FROM subscriptions WHERE clientId = ? AND topic = ?')
    this.deleteClient = db.prepare('DELETE FROM subscriptions WHERE clientId = ?')
  }

  load(): void {
    this.version += 1
    this.byClient = new Map()
    this.byRecord = new Map()
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

  /** @throws where the session would have more than it may */
  async add(clientId: string, subscriptions: Subscription[]): Promise<void> {
    const before = this.byClient.get(clientId)
    const wanted = new Map(
      subscriptions.map(({ topic, ...options }) => [topic, JSON.stringify(bare(options))]),
    )
    const changed = [...wanted].filter(([topic, options]) => before?.get(topic) !== options)
    if (changed.length === 0) return
    const added = changed.filter(([topic]) => !before?.has(topic)).length
    if ((before?.size ?? 0) + added > this.most) throw new Error(`more than ${this.most} subscriptions`)
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

  has(clientId: string): boolean {
    return this.byClient.has(clientId)
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

  /** Ids of the kept sessions of one MQTT client. */
  ofRecord(record: string): ReadonlySet<string> {
    return this.byRecord.get(record) ?? none
  }

  /** Ids of the records that have kept sessions. */
  records(): Iterable<string> {
    return this.byRecord.keys()
  }

  private remember(clientId: string, topic: string, options: string): void {
    this.version += 1
    let filters = this.byClient.get(clientId)
    if (!filters) {
      filters = new Map()
      this.byClient.set(clientId, filters)
      this.enlist(clientId)
    }
    filters.set(topic, options)
    const { qos, rh, rap, nl } = JSON.parse(options) as Subscription
    if (qos > 0) this.queueing.set(topic, clientId, { clientId, topic, qos, rh, rap, nl })
    else this.queueing.delete(topic, clientId)
  }

  private forget(clientId: string, filter: string): void {
    this.version += 1
    const filters = this.byClient.get(clientId)
    filters?.delete(filter)
    if (filters?.size === 0) {
      this.byClient.delete(clientId)
      this.delist(clientId)
    }
    this.queueing.delete(filter, clientId)
  }

  private enlist(clientId: string): void {
    const record = recordOf(clientId)
    if (record === null) return
    const ids = this.byRecord.get(record)
    if (ids) ids.add(clientId)
    else this.byRecord.set(record, new Set([clientId]))
  }

  private delist(clientId: string): void {
    const record = recordOf(clientId)
    const ids = record === null ? undefined : this.byRecord.get(record)
    if (record !== null && ids?.delete(clientId) && ids.size === 0) this.byRecord.delete(record)
  }
}

const none: ReadonlySet<string> = new Set()

function bare({ qos, rh, rap, nl, subscriptionIdentifier }: Omit<Subscription, 'topic'>): object {
  return { qos, rh, rap, nl, subscriptionIdentifier }
}
