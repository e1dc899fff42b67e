import type { MessagePort } from 'node:worker_threads'
import type { RefusalReason } from '#contract/model/refusal.ts'

/**
 * What the engine needs of an MQTT broker. It runs in a worker thread and knows identities, topics and
 * readings, but no database, users or features. Swapping aedes for another broker happens behind this.
 */
export interface Broker {
  /** Opens the listeners. @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden` */
  start(options: BrokerOptions): Promise<BrokerAddresses>
  /** Refuses new connections, commits what is in flight, closes sessions. At most `deadline` ms. */
  stop(deadline: number): Promise<void>
  /** Applies changes in order; resolves when live sessions that no longer qualify are closed. */
  applyPolicy(changes: PolicyChange[]): Promise<void>
  /** New server certificate for new connections; live ones go on. */
  replaceCredentials(credentials: ServerCredentials): Promise<void>
  /** Publishes as the site; QoS 1 resolves once stored for offline subscribers. */
  publish(message: SiteMessage): Promise<void>
  /**
   * Removes retained and queued messages of a gateway (unclaim, revoke). Call it while the gateway is still in
   * the snapshot: its topics follow from its dialect and wire name.
   */
  forget(gatewayId: string): Promise<void>
  /** A new port to the historian (its writer was restarted): what is not yet committed is sent again on it. */
  replaceIngest(port: MessagePort): Promise<void>
  stats(): Promise<BrokerStats>
  on(listener: (event: BrokerEvent) => void): void
}

export interface BrokerOptions {
  /** SQLite file for sessions, subscriptions, retained, queued and will messages. */
  persistenceFile: string
  mqtts: { addresses: string[]; port: number }
  credentials: ServerCredentials
  identities: Identity[]
  /**
   * Opens a port to where decoded readings go (`ReadingBatch` out, `IngestReply` in): the historian's
   * `openIngest`. A function, for a worker that died takes its port with it and its successor needs another.
   */
  openIngest: () => MessagePort
  limits: BrokerLimits
}

export interface ServerCredentials {
  /** PEM private key. */
  key: string
  /** PEM leaf and its issuing CA. */
  cert: string
  /** PEM of the device root and issuing CAs that client certificates must chain to. */
  ca: string
}

export interface BrokerLimits {
  /** Whole MQTT packet, bytes. */
  packetBytes: number
  /** Accept to CONNECT, ms. */
  connectTimeout: number
  connectionsPerAddress: number
  connections: number
  /** Accepted and not yet past CONNECT, in all. */
  halfOpenConnections: number
  /** New connections a second from one address, sustained; four times that in a burst. */
  connectionRatePerAddress: number
  topicBytes: number
  topicLevels: number
  subscriptionsPerClient: number
  queuedMessagesPerClient: number
  /** QoS 2 messages of one client between PUBLISH and PUBREL. */
  inflightPerClient: number
  retainedMessages: number
  channelsPerGateway: number
  valuesPerMessage: number
  textBytes: number
  /** Readings waiting for the historian before QoS 0 is dropped and QoS 1 waits unread. */
  pendingReadings: number
  drainTimeout: number
}

export const defaultBrokerLimits: BrokerLimits = {
  packetBytes: 256 * 1024,
  connectTimeout: 10_000,
  connectionsPerAddress: 4_000,
  connections: 20_000,
  halfOpenConnections: 5_000,
  connectionRatePerAddress: 500,
  topicBytes: 512,
  topicLevels: 16,
  subscriptionsPerClient: 32,
  queuedMessagesPerClient: 1_000,
  inflightPerClient: 1_000,
  retainedMessages: 100_000,
  channelsPerGateway: 2_000,
  valuesPerMessage: 5_000,
  textBytes: 4_096,
  pendingReadings: 100_000,
  drainTimeout: 2_000,
}

/** Who may connect: one gateway, its active certificates and what its rights follow from. */
export interface Identity {
  gatewayId: string
  assignmentId: string
  /** MAC without colons, or the id. */
  wireName: string
  /** `aa:bb:cc:dd:ee:ff`, where there is one. */
  mac: string | null
  dialect: string
  /** Suspended and revoked gateways stay in the snapshot, so that a refusal names the reason. */
  access: 'allowed' | 'suspended' | 'revoked'
  /** SHA-256 of each certificate (lower-case hex) and whether it still counts. */
  certificates: { fingerprint: string; state: 'active' | 'revoked' | 'superseded' }[]
  /**
   * Channels that the assignment already has, where they are many: a gateway that makes up names gets no more of
   * them by every start of the broker. Left out: few, or not known.
   */
  knownChannels?: string[]
}

/** `put` replaces what is known of the gateway; `remove` forgets it. */
export type PolicyChange = { op: 'put'; identity: Identity } | { op: 'remove'; gatewayId: string }

export interface SiteMessage {
  topic: string
  payload: string | Uint8Array<ArrayBuffer>
  qos: 0 | 1
  retain: boolean
}

export interface BrokerAddresses {
  mqtts: { address: string; port: number }[]
  /** Only where a test asked `createBroker` for it. */
  plain?: { address: string; port: number }
}

export interface BrokerStats {
  connections: number
  sessions: number
  messagesReceived: number
  readingsReceived: number
  readingsAcknowledged: number
  readingsDropped: number
  refusals: number
  pendingReadings: number
}

/** What happened, in the past tense. Nothing in the broker waits for a listener. */
export type BrokerEvent =
  | {
      type: 'gatewayWentOnline'
      gatewayId: string
      at: number
      address: string
      fingerprint: string
      tls: string
      cleanSession: boolean
    }
  | { type: 'gatewayWentOffline'; gatewayId: string; at: number; reason: OfflineReason }
  | { type: 'refused'; refusal: Refusal }
  /** A message of a canonical kind other than telemetry; `payload` as received, bounded by the packet limit. */
  | { type: 'messageReceived'; gatewayId: string; kind: GatewayMessageKind; at: number; payload: Uint8Array }
  /** Readings of a gateway were committed: at most one event a gateway and second. */
  | { type: 'gatewaysSeen'; at: number; gatewayIds: string[] }
  | { type: 'ingestStalled'; code: 'disk_full' | 'store_failed'; cause: string }
  | { type: 'ingestRecovered' }
  /** The worker died. Gateways that were online are reported offline first; it is started again after `restartIn` ms. */
  | { type: 'brokerCrashed'; at: number; cause: string; restartIn: number }
  | { type: 'brokerRestarted'; at: number }

export type OfflineReason =
  | 'disconnected'
  | 'connection_lost'
  | 'keepalive_missed'
  | 'taken_over'
  | 'suspended'
  | 'revoked'
  | 'refused'
  | 'site_stopped'
export type GatewayMessageKind = 'status' | 'events' | 'logs' | 'command_ack' | 'twin_reported'

/** Repeats of the same refusal within a second arrive as one, with `count`. */
export interface Refusal {
  at: number
  reason: RefusalReason
  address: string
  gatewayId: string | null
  fingerprint: string | null
  clientId: string | null
  topic: string | null
  /** What was seen, in a few words, never a secret: an OpenSSL reason, a byte count, the start of a payload. */
  detail: string | null
  count: number
}
