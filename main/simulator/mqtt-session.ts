import { connect, type MqttClient } from 'mqtt'
import type { GatewayCredentials } from './gateway-credentials.ts'

export interface MqttSessionEvents {
  connected(): void
  /** Once, whatever the end was: refused, broken, or asked for. `cause` is null for an asked one. */
  closed(cause: string | null): void
  command(payload: Uint8Array): void
}

/** Time to connect and to wait for an answer, in ms. */
const CONNECT_LIMIT = 10_000
const KEEPALIVE = 30

/** One MQTT connection of a gateway over mutual TLS: last will, retained state, commands. It does not reconnect. */
export class MqttSession {
  readonly #credentials: GatewayCredentials
  readonly #events: MqttSessionEvents
  readonly #topic: (kind: string) => string
  #client: MqttClient | null = null
  #cause: string | null = null
  #asked = false

  constructor(credentials: GatewayCredentials, events: MqttSessionEvents) {
    this.#credentials = credentials
    this.#events = events
    const root = credentials.telemetryTopic.replace(/telemetry$/, '')
    this.#topic = (kind) => root + kind
  }

  start(): void {
    const { host, port, clientId, certificate, privateKey, ca } = this.#credentials
    const client = connect({
      protocol: 'mqtts',
      host,
      port,
      clientId,
      cert: certificate,
      key: privateKey,
      ca,
      clean: false,
      keepalive: KEEPALIVE,
      connectTimeout: CONNECT_LIMIT,
      reconnectPeriod: 0,
      queueQoSZero: false,
      will: { topic: this.#topic('status'), payload: Buffer.from('offline'), qos: 1, retain: true },
    })
    this.#client = client
    // Each message in flight listens for the end; many of them are no leak.
    client.setMaxListeners(0)
    client.on('connect', () => {
      client.publish(this.#topic('status'), 'online', { qos: 1, retain: true })
      client.subscribe(this.#topic('commands'), { qos: 1 })
      this.#events.connected()
    })
    client.on('message', (topic, payload) => {
      if (topic === this.#topic('commands')) this.#events.command(payload)
    })
    client.on('error', (error) => {
      this.#cause ??= error.message || error.name
    })
    client.once('close', () => {
      this.#client = null
      client.end(true)
      this.#events.closed(this.#asked ? null : (this.#cause ?? 'connection closed'))
    })
  }

  get connected(): boolean {
    return this.#client?.connected ?? false
  }

  /** Resolves with the acknowledgement. @throws when the connection ends before it */
  publish(kind: string, payload: string): Promise<void> {
    const client = this.#client
    if (client === null || !client.connected) return Promise.reject(new Error('not connected'))
    return new Promise((resolve, reject) => {
      client.once('close', onClose)
      function onClose(): void {
        reject(new Error('connection closed'))
      }
      client.publish(this.#topic(kind), payload, { qos: 1 }, (error) => {
        client.off('close', onClose)
        if (error) reject(error)
        else resolve()
      })
    })
  }

  /** Says goodbye: state "offline" retained, then DISCONNECT. */
  async stop(): Promise<void> {
    const client = this.#client
    this.#asked = true
    if (client === null) return
    if (client.connected) {
      const told = client.publishAsync(this.#topic('status'), 'offline', { qos: 1, retain: true })
      await Promise.race([told.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2_000).unref())])
    }
    await client.endAsync().catch(() => {})
  }

  /** The plug is pulled: no DISCONNECT, so that the site publishes the last will. */
  cut(): void {
    this.#asked = true
    this.#client?.stream.destroy()
  }
}
