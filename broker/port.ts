import type { MessagePort } from 'node:worker_threads'
import type { ErrorCode, ErrorData } from '#contract/errors.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import type { LimitedCount, TenantPolicy } from './limits/tenant-policy.ts'

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
  /**
   * Opens, moves or closes the listeners that a person turns on. Sessions of one that closes end. Where one cannot be
   * opened, those that were open before stay.
   *
   * @returns all that is open then
   * @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden`
   */
  openListeners(listeners: OptionalListeners): Promise<BrokerAddresses>
  /** Every session past CONNECT, of gateways and of MQTT clients. */
  connections(): Promise<BrokerConnection[]>
  /** Ends one session; false where there is none of that id. Its owner may connect again. */
  disconnect(connectionId: string): Promise<boolean>
  on(listener: (event: BrokerEvent) => void): void
}

export interface BrokerOptions {
  /** SQLite file for sessions, subscriptions, retained, queued and will messages. */
  persistenceFile: string
  mqtts: { addresses: string[]; port: number }
  credentials: ServerCredentials
  identities: Identity[]
  /** Quotas, rates and standing of tenants; one that is left out is not limited. */
  tenants?: TenantPolicy[]
  /** MQTT clients: SCADA, Node-RED, phones. */
  clients?: MqttClientIdentity[]
  /**
   * Listeners that a person turned on; left out, both are off. One that cannot be opened at start is told as
   * `listenerFailed` and keeps nothing else from starting.
   */
  listeners?: OptionalListeners
  /**
   * Opens a port to where decoded readings go (`ReadingBatch` out, `IngestReply` in): the historian's
   * `openIngest`. A function, for a worker that died takes its port with it and its successor needs another.
   */
  openIngest: () => MessagePort
  limits: BrokerLimits
}

export interface ListenerAddress {
  addresses: string[]
  /** 0: a free one. */
  port: number
}

/** Off where null. */
export interface OptionalListeners {
  /** MQTT over TLS with user name and password. */
  passwordMqtts: ListenerAddress | null
  /** WebSocket over TLS on the path `/mqtt`, with user name and password or a client certificate. */
  websocket: ListenerAddress | null
}

/** By which door a session came. */
export type ListenerName = 'mqtts' | 'password' | 'websocket'

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
  /** Sessions that one MQTT client may have at a time, each under a client id of its own; connected or kept. */
  sessionsPerClient: number
  /** Wrong passwords a minute from one address before any further is refused unseen. */
  wrongPasswordsPerAddress: number
  queuedMessagesPerClient: number
  /** That wait for one gateway, or for one MQTT client in all its sessions together. */
  queuedBytesPerClient: number
  /** QoS 2 messages of one client between PUBLISH and PUBREL. */
  inflightPerClient: number
  retainedMessages: number
  /** In the own topic space of one MQTT client. */
  retainedPerClient: number
  /** Bytes that may wait for one subscriber's socket: above, QoS 0 is dropped; at eight times as many the session ends. */
  unsentBytesPerClient: number
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
  sessionsPerClient: 20,
  wrongPasswordsPerAddress: 10,
  queuedMessagesPerClient: 1_000,
  queuedBytesPerClient: 16 * 1024 * 1024,
  inflightPerClient: 1_000,
  retainedMessages: 100_000,
  retainedPerClient: 1_000,
  unsentBytesPerClient: 1024 * 1024,
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
  tenantId: string
  /** The group that it is in and all above it; empty where it is in none. */
  groupPath: string[]
  ownerUserId: string | null
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

/** An MQTT user that is no gateway. It acts within one tenant. */
export interface MqttClientIdentity {
  /** Of the record. Its sessions are kept under `<clientId>/<id as sent>`. */
  clientId: string
  username: string
  tenantId: string
  /** A suspended one stays in the snapshot, so that a refusal names the reason. */
  access: 'allowed' | 'suspended'
  /** `hash` is `hashMqttPassword` of the password and this salt; null: it comes with a certificate only. */
  password: { salt: string; hash: string } | null
  certificates: Identity['certificates']
  reach: Reach
  rights: 'read' | 'write' | 'both'
  /** Topic filters that narrow what it may read and write of gateways and other clients; `['#']`: not at all. */
  topics: string[]
  /** Its own topic space, such as `clients/<username>`: it may read and write all below, whatever its reach and topics. */
  prefix: string
}

/**
 * Which gateways of its tenant an MQTT client may see: both null for all of them, else those whose `groupPath` holds one of
 * these groups and those of this owner (`groupIds` null beside an owner counts as none: never more than is said).
 */
export interface Reach {
  groupIds: string[] | null
  ownerUserId: string | null
}

/** `put` replaces what is known; `remove` forgets it, and of an MQTT client its kept sessions and retained messages. */
export type PolicyChange =
  | { op: 'put'; identity: Identity }
  | { op: 'remove'; gatewayId: string }
  | { op: 'put_client'; client: MqttClientIdentity }
  | { op: 'remove_client'; clientId: string }
  | { op: 'put_tenant'; tenant: TenantPolicy }
  | { op: 'remove_tenant'; tenantId: string }

export interface SiteMessage {
  topic: string
  payload: string | Uint8Array<ArrayBuffer>
  qos: 0 | 1
  retain: boolean
}

export interface BrokerAddresses {
  mqtts: { address: string; port: number }[]
  /** Empty where it is off. */
  passwordMqtts: { address: string; port: number }[]
  websocket: { address: string; port: number }[]
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
  /** Over a rate or a quota: QoS 0 messages dropped, acknowledgements withheld, sessions closed. */
  limited: { dropped: number; delayed: number; closed: number }
  /** QoS 0 messages that subscribers were too slow for, or that MQTT clients had no right to send. */
  messagesDropped: number
}

/** One session past CONNECT. */
export interface BrokerConnection {
  /** For `disconnect`; never used again. */
  connectionId: string
  kind: 'gateway' | 'client'
  /** Of the gateway or of the MQTT client's record. */
  identityId: string
  tenantId: string
  /** As it was sent. */
  mqttClientId: string
  address: string
  listener: ListenerName
  /** Protocol version, such as `TLSv1.3`. */
  tls: string
  /** ms since 1970 */
  since: number
  /** Topic filters, at most `subscriptionsPerClient`. */
  subscriptions: string[]
  /** Messages. */
  received: number
  sent: number
  /** Seconds; 0 for none. */
  keepalive: number
  cleanSession: boolean
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
  | {
      type: 'clientWentOnline'
      clientId: string
      connectionId: string
      at: number
      address: string
      listener: ListenerName
    }
  | {
      type: 'clientWentOffline'
      clientId: string
      connectionId: string
      at: number
      address: string
      reason: OfflineReason
    }
  | { type: 'refused'; refusal: Refusal }
  /** A listener that a person turned on could not be opened at start. */
  | { type: 'listenerFailed'; listener: ListenerName; at: number; code: ErrorCode; data: ErrorData }
  /** A message of a canonical kind other than telemetry; `payload` as received, bounded by the packet limit. */
  | { type: 'messageReceived'; gatewayId: string; kind: GatewayMessageKind; at: number; payload: Uint8Array }
  /** Readings of a gateway were committed: at most one event a gateway and second. */
  | { type: 'gatewaysSeen'; at: number; gatewayIds: string[] }
  /** What was limited since the last of these: at most one a second. */
  | { type: 'limited'; at: number; counts: LimitedCount[] }
  /** How many messages tenants have sent in the hour that begins at `hour`, so far; every few seconds, if any came. */
  | { type: 'tenantMessages'; hour: number; counts: { tenantId: string; messages: number }[] }
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
  | 'disconnected_by_operator'
  | 'listener_closed'
  | 'tenant_suspended'
  | 'quota_exceeded'
export type GatewayMessageKind = 'status' | 'events' | 'logs' | 'command_ack' | 'twin_reported'

/** Repeats of the same refusal within a second arrive as one, with `count`. */
export interface Refusal {
  at: number
  reason: RefusalReason
  address: string
  gatewayId: string | null
  /** The MQTT client's record, where it was one and is known. */
  mqttClientId: string | null
  fingerprint: string | null
  /** As it was sent. */
  clientId: string | null
  topic: string | null
  /** What was seen, in a few words, never a secret: an OpenSSL reason, a byte count, the start of a payload. */
  detail: string | null
  count: number
}
