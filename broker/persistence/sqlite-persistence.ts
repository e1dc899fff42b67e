import { Readable } from 'node:stream'
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
  /** A message was not queued, for the client has as many as it may have. */
  onQueueFull(clientId: string, topic: string): void
  /** aedes stores every subscription of a SUBSCRIBE, the refused ones too: these are kept out here. */
  maySubscribe(clientId: string, filter: string): boolean
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
  private readonly db: SessionDb
  private readonly group: GroupCommit
  private readonly rules: PersistenceRules

  /** @throws ExpectedError `data_damaged`, `data_from_newer_version` */
  constructor(file: string, rules: PersistenceRules) {
    this.rules = rules
    this.db = openSessionFile(file)
    this.group = new GroupCommit(this.db, () => this.load())
    this.retained = new RetainedMessages(this.db, this.group)
    this.subscriptions = new Subscriptions(this.db, this.group)
    this.outgoing = new OutgoingPackets(this.db, this.group, rules)
    this.incoming = new IncomingPackets(this.db, this.group)
    this.wills = new Wills(this.db, this.group)
    this.load()
  }

  /** Reads what is mirrored in memory. */
  private load(): void {
    this.retained.load()
    this.subscriptions.load()
    this.outgoing.load()
    this.incoming.load()
    this.wills.load()
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
    return Readable.from(this.retained.matching(filters))
  }

  async addSubscriptions(client: ClientRef, subscriptions: Subscription[]): Promise<void> {
    const allowed = subscriptions.filter(({ topic }) => this.rules.maySubscribe(client.id, topic))
    await this.subscriptions.add(client.id, allowed)
  }

  async removeSubscriptions(client: ClientRef, filters: string[]): Promise<void> {
    await this.subscriptions.remove(client.id, filters)
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

  async subscriptionsByClient(client: ClientRef): Promise<Subscription[]> {
    return this.subscriptions.ofClient(client.id)
  }

  async subscriptionsByTopic(topic: string): Promise<Subscription[]> {
    return this.subscriptions.forTopic(topic)
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
