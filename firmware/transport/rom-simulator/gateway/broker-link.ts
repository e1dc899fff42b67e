import { connect, type MqttClient } from 'mqtt'
import type { DialectTopics } from './dialect-topics.ts'
import type { GatewaySettings } from './gateway-settings.ts'

/** ms. */
const CONNECT_LIMIT = 10_000
const KEEPALIVE_SECONDS = 30

/** One MQTT connection as the firmware makes it: with what is in NVS and nothing else. It does not reconnect. */
export class BrokerLink {
  readonly #client: MqttClient
  readonly #topics: DialectTopics
  #cause: string | null = null
  /** Settles with the first of: connected (null), or why not. */
  readonly opened: Promise<string | null>
  /** Settles with why it ended. */
  readonly closed: Promise<string>

  constructor(uri: string, settings: GatewaySettings, topics: DialectTopics) {
    this.#topics = topics
    const { ca, cert, key, secret } = settings
    this.#client = connect(uri, {
      clientId: topics.clientId,
      ...(ca === null ? {} : { ca }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
      // No user name but its own: firmware with a secret signs in by its wire name.
      ...(secret === null ? {} : { username: topics.clientId, password: secret }),
      clean: false,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_LIMIT,
      reconnectPeriod: 0,
      will: { topic: topics.status, payload: Buffer.from('offline'), qos: 1, retain: true },
    })
    this.#client.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException
      this.#cause ??= typeof code === 'string' ? code : error.message
    })
    this.closed = new Promise((resolve) => {
      this.#client.once('close', () => {
        this.#client.end(true)
        resolve(this.#cause ?? 'connection closed')
      })
    })
    this.opened = Promise.race([
      new Promise<null>((resolve) => this.#client.once('connect', () => resolve(null))),
      this.closed,
    ])
  }

  /** Rejects when the connection ends before the broker has it. */
  async announce(): Promise<void> {
    await this.#published(this.#topics.status, 'online', true)
  }

  /** @param temperature °C */
  async sendReading(temperature: number): Promise<void> {
    await this.#published(this.#topics.telemetry, this.#topics.payload(temperature), false)
  }

  /** The power fails: no goodbye, so that the last will is published. */
  cut(): void {
    this.#client.stream.destroy()
    this.#client.end(true)
  }

  async #published(topic: string, payload: string, retain: boolean): Promise<void> {
    const acknowledged = this.#client.publishAsync(topic, payload, { qos: 1, retain })
    acknowledged.catch(() => {})
    await Promise.race([
      acknowledged,
      this.closed.then((cause) => {
        throw new Error(cause)
      }),
    ])
  }
}
