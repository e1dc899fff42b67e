import { Readable } from 'node:stream'
import { AssignmentBook } from './assignment-book.ts'
import { GroupCommit } from './group-commit.ts'
import { IncomingPackets } from './incoming-packets.ts'
import { OutgoingPackets } from './outgoing-packets.ts'
import type { StoredPacket } from './packets.ts'
import { RetainedMessages } from './retained-messages.ts'
import { openSessionFile, type SessionDb } from './session-file.ts'
import { type Subscription, Subscriptions } from './subscriptions.ts'
import { Wills } from './wills.ts'

export interface PersistenceRules {
  queuedMessagesPerClient: number
  /** Of one gateway, or of all sessions of one MQTT client. */
  queuedBytesPerClient: number
  /** Of one session. */
  subscriptionsPerClient: number
  /** A message was not queued, for the client has as many as it may have. */
  onQueueFull(clientId: string, topic: string): void
  /**
   * aedes stores every subscription of a SUBSCRIBE as soon as one is granted, the refused ones too: those that were not granted
   * so far are kept out here.
   */
  maySubscribe(clientId: string, filter: string): boolean
  /** A message that the session may not read is not kept for it either: foreign ones would fill its queue. */
  mayReceive(clientId: string, topic: string): boolean
}

interface ClientRef {
  id: string
}

/**
 * The persistence that aedes asks for (`aedes-persistence` 11, its asynchronous form), on one SQLite file: subscriptions,
 * queued QoS 1 and 2 messages, unfinished QoS 2 receptions, retained messages and last wills. Verified with that
 * package's own conformance suite.
 */
export class SqlitePersistence {
  broker: { id: string } = { id: '' }
  readonly retained: RetainedMessages
  readonly subscriptions: Subscriptions
  readonly outgoing: OutgoingPackets
  readonly incoming: IncomingPackets
  readonly wills: Wills
  readonly assignments: AssignmentBook
  /** What the client may read whose SUBSCRIBE is about to be answered with retained messages; null: everything. */
  retainedReader: ((topic: string) => boolean) | null = null
  private readonly db: SessionDb
  private readonly group: GroupCommit
  private readonly rules: PersistenceRules

  /** @throws ExpectedError `data_damaged`, `data_from_newer_version` */
  constructor(file: string, rules: PersistenceRules) {
    this.rules = rules
    this.db = openSessionFile(file)
    this.group = new GroupCommit(this.db, () => this.load())
    this.retained = new RetainedMessages(this.db, this.group)
    this.subscriptions = new Subscriptions(this.db, this.group, rules.subscriptionsPerClient)
    this.outgoing = new OutgoingPackets(this.db, this.group, rules)
    this.incoming = new IncomingPackets(this.db, this.group)
    this.wills = new Wills(this.db, this.group)
    this.assignments = new AssignmentBook(this.db, this.group)
    this.load()
  }

  /** Reads what is mirrored in memory. */
  private load(): void {
    this.retained.load()
    this.subscriptions.load()
    this.outgoing.load()
    this.incoming.load()
    this.wills.load()
    this.assignments.load()
  }

  async setup(broker: { id: string }): Promise<void> {
    this.broker = broker
  }

  async destroy(): Promise<void> {
    if (!this.db.open) throw new Error('destroyed twice')
    this.group.commit()
    this.db.close()
  }

  async storeRetained(packet: StoredPacket): Promise<void> {
    await this.retained.store(packet)
  }

  createRetainedStream(filter: string): Readable {
    return Readable.from(this.retained.matching([filter]))
  }

  createRetainedStreamCombi(filters: string[]): Readable {
    const reader = this.retainedReader ?? undefined
    this.retainedReader = null
    return Readable.from(this.retained.matchingInTurns(filters, reader))
  }

  async addSubscriptions(client: ClientRef, subscriptions: Subscription[]): Promise<void> {
    const allowed = subscriptions.filter(({ topic }) => this.rules.maySubscribe(client.id, topic))
    await this.subscriptions.add(client.id, allowed)
  }

  async removeSubscriptions(client: ClientRef, filters: string[]): Promise<void> {
    const removed = this.subscriptions.remove(client.id, filters)
    const left = this.subscriptions.has(client.id)
    // Nothing of a session without subscriptions would list its queue any more.
    await Promise.all([removed, left ? null : this.outgoing.clearUnsent(client.id)])
  }

  async cleanSubscriptions(client: ClientRef): Promise<void> {
    await Promise.all([this.subscriptions.clear(client.id), this.outgoing.clear(client.id)])
  }

  /** Everything that is kept for one client and under these topics. */
  async forget(clientId: string, topics: string[]): Promise<void> {
    this.wills.take(clientId)
    await Promise.all([
      this.cleanSubscriptions({ id: clientId }),
      this.incoming.clear(clientId),
      this.retained.remove(topics),
    ])
  }

  /** Ids of the sessions that are kept for one MQTT client. */
  sessionsOf(record: string): ReadonlySet<string> {
    const { subscriptions, outgoing, incoming } = this
    return new Set([
      ...subscriptions.ofRecord(record),
      ...outgoing.ofRecord(record),
      ...incoming.ofRecord(record),
    ])
  }

  /** Ids of the records of MQTT clients that something is kept for. */
  records(): ReadonlySet<string> {
    const { subscriptions, outgoing, incoming } = this
    return new Set([...subscriptions.records(), ...outgoing.records(), ...incoming.records()])
  }

  /** Everything that is kept for one MQTT client, in all its sessions. */
  async forgetRecord(record: string): Promise<void> {
    await Promise.all(Array.from(this.sessionsOf(record), async (id) => this.forget(id, [])))
  }

  async subscriptionsByClient(client: ClientRef): Promise<Subscription[]> {
    return this.subscriptions.ofClient(client.id)
  }

  async subscriptionsByTopic(topic: string): Promise<Subscription[]> {
    return this.subscriptions.forTopic(topic)
  }

  /** Ids of the sessions that a message with this topic is kept for. */
  keepersOf(topic: string): ReadonlySet<string> {
    const found = new Set<string>()
    for (const { clientId } of this.subscriptions.forTopic(topic)) {
      const id = String(clientId)
      if (!found.has(id) && this.rules.mayReceive(id, topic)) found.add(id)
    }
    return found
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    return { subsCount: this.subscriptions.count, clientsCount: this.subscriptions.clients }
  }

  getClientList(filter: string): Readable {
    return Readable.from(this.subscriptions.clientsOf(filter))
  }

  async outgoingEnqueue(subscription: { clientId: string }, packet: StoredPacket): Promise<void> {
    await this.outgoing.enqueue([subscription.clientId], packet)
  }

  async outgoingEnqueueCombi(subscriptions: { clientId: string }[], packet: StoredPacket): Promise<void> {
    await this.outgoing.enqueue(new Set(subscriptions.map(({ clientId }) => clientId)), packet)
  }

  async outgoingUpdate(client: ClientRef, packet: StoredPacket): Promise<void> {
    await this.outgoing.update(client.id, packet)
  }

  async outgoingClearMessageId(client: ClientRef, packet: StoredPacket): Promise<StoredPacket | undefined> {
    return this.outgoing.take(client.id, packet.messageId)
  }

  outgoingStream(client: ClientRef): Readable {
    return Readable.from(this.outgoing.of(client.id))
  }

  async incomingStorePacket(client: ClientRef, packet: StoredPacket): Promise<void> {
    await this.incoming.store(client.id, packet)
  }

  /** @throws where there is none, as aedes expects */
  async incomingGetPacket(client: ClientRef, packet: StoredPacket): Promise<StoredPacket> {
    return this.incoming.get(client.id, packet.messageId)
  }

  async incomingDelPacket(client: ClientRef, packet: StoredPacket): Promise<void> {
    await this.incoming.delete(client.id, packet.messageId)
  }

  async cleanIncoming(client: ClientRef): Promise<void> {
    await this.incoming.clear(client.id)
  }

  async putWill(client: ClientRef, packet: StoredPacket): Promise<void> {
    packet.brokerId = this.broker.id
    packet.clientId = client.id
    this.wills.put(client.id, this.broker.id, packet)
  }

  async getWill(client: ClientRef): Promise<StoredPacket | undefined> {
    return this.wills.get(client.id)
  }

  async delWill(client: ClientRef): Promise<StoredPacket | undefined> {
    return this.wills.take(client.id)
  }

  streamWill(brokers: Record<string, unknown> = {}): Readable {
    return Readable.from(this.wills.notOf(new Set(Object.keys(brokers))))
  }
}
