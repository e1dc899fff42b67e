import type { MessagePort } from 'node:worker_threads'
import type { ErrorCode, ErrorData } from '#contract/errors.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import type { RefusalEvidence, RefusalReason } from '#contract/model/refusal.ts'
import type { TapBatch, TapOptions, TappedMessage, TopicUse } from '#contract/model/tapped.ts'
import type { BrokerLimits } from './limits/broker-limits.ts'
import type { LimitedCount, TenantPolicy } from './limits/tenant-policy.ts'

export { type BrokerLimits, defaultBrokerLimits } from './limits/broker-limits.ts'

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
  /** A message that came with this receipt is written down: its sender is acknowledged now. */
  confirmMessage(receipt: string): Promise<void>
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
  /** Begins, changes or (null) ends the copies of what is published, as `tapped`. A worker that died forgets it. */
  tap(options: TapOptions | null): Promise<void>
  /** The newest messages that were refused, the oldest first; kept also while nobody looks. */
  refusedMessages(): Promise<TappedMessage[]>
  /** Null: the topic is nobody's. */
  topicUse(topic: string): Promise<TopicUse | null>
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
  /** Those that people made, beside the built-in ones. */
  dialects?: DialectDefinition[]
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
  /** `ESP-A1B2C3`, as printed on the box. */
  label: string
  dialect: string
  /** Other names of it, where its dialect uses them; null: the dialect's own. */
  aliases: GatewayAliases
  /** What it authenticates with. `both`: a certificate, and with it user name and the certificate's fingerprint as password. */
  credential: 'certificate' | 'secret' | 'both'
  /** Those that count. `hash` is `hashMqttPassword` of the secret and this salt. */
  secrets: { id: string; salt: string; hash: string }[]
  /** It has still to acknowledge its binding: only its topics of commands are open. */
  awaitsBind: boolean
  /** What it may send, as its profile says; left out or null: as its tenant or its dialect says. The tenant's bound holds all the same. */
  rate?: { perSecond: number; burst: number } | null
  /** Suspended and revoked gateways stay in the snapshot, so that a refusal names the reason. */
  access: 'allowed' | 'suspended' | 'revoked'
  /**
   * SHA-256 of each certificate (lower-case hex) and whether it still counts. `probe`: the site plays the gateway with it. Its
   * session is judged like the gateway's own and stands beside it: nobody is told of it, and what it sends goes nowhere.
   */
  certificates: { fingerprint: string; state: 'active' | 'revoked' | 'superseded'; probe?: true }[]
  /**
   * Channels that the assignment already has, where they are many: a gateway that makes up names gets no more of
   * them by every start of the broker. Left out: few, or not known.
   */
  knownChannels?: string[]
}

export interface GatewayAliases {
  /** Stands for the gateway in its topics. */
  topic: string | null
  /** Stands for the tenant in its topics. */
  tenant: string | null
  /** Stands for the user in its topics. */
  user: string | null
  /** Unique in the site, like the user name. */
  clientId: string | null
  username: string | null
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
  | { op: 'put_dialect'; dialect: DialectDefinition }
  | { op: 'remove_dialect'; name: string }

export interface SiteMessage {
  topic: string
  payload: string | Uint8Array<ArrayBuffer>
  qos: 0 | 1
  retain: boolean
  /** ms since 1970: written to no subscriber from then on, also where it waits for one in a kept session. Left out: never over. */
  expiresAt?: number
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
      /** Of the certificate that was shown; empty where none was. */
      fingerprint: string
      /** Of the secret that was sent. */
      secretId: string | null
      tls: string
      cleanSession: boolean
    }
  | { type: 'gatewayWentOffline'; gatewayId: string; at: number; reason: OfflineReason }
  /**
   * Which commands reach it from now on: the filters that its session holds of the topics of commands, all of them. After
   * `gatewayWentOnline`, and again when they change.
   */
  | { type: 'gatewayListened'; gatewayId: string; at: number; address: string; filters: string[] }
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
  /**
   * A message of a canonical kind other than telemetry; `payload` as received, bounded by the packet limit. With a receipt
   * (answers to commands, QoS 1 and 2) it is acknowledged only after `confirmMessage`; without that within 10 s the session
   * ends, and the gateway sends it again.
   */
  | {
      type: 'messageReceived'
      gatewayId: string
      kind: GatewayMessageKind
      at: number
      payload: Uint8Array
      receipt: string | null
    }
  /** Readings of a gateway were committed: at most one event a gateway and second. */
  | { type: 'gatewaysSeen'; at: number; gatewayIds: string[] }
  /** What was limited since the last of these: at most one a second. */
  | { type: 'limited'; at: number; counts: LimitedCount[] }
  /** How many messages tenants have sent in the hour that begins at `hour`, so far; every few seconds, if any came. */
  | { type: 'tenantMessages'; hour: number; counts: { tenantId: string; messages: number }[] }
  /** What was published, while somebody looks: at most four a second, and bounded. */
  | { type: 'tapped'; batch: TapBatch }
  /** The retained messages could not all be listed for those who look. */
  | { type: 'retainedUnreadable'; at: number; cause: string }
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
  | 'password_gateways_off'
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
  /** What was seen of the connection; null where nothing more was. */
  evidence: RefusalEvidence | null
  count: number
}
