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
