import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { hashMqttPassword } from '#broker/auth/mqtt-password.ts'
import { createBroker } from '#broker/create-broker.ts'
import type { TenantPolicy } from '#broker/limits/tenant-policy.ts'
import {
  type Broker,
  type BrokerAddresses,
  type BrokerEvent,
  type BrokerLimits,
  type BrokerOptions,
  defaultBrokerLimits,
  type Identity,
  type MqttClientIdentity,
  type Refusal,
} from '#broker/port.ts'
import { HostBroker } from './host-broker.ts'
import { TestHistorian } from './test-historian.ts'
import { type TestCertificate, TestPki } from './test-pki.ts'

export interface ConnectOptions extends IClientOptions {
  websocket?: boolean
  /** Heard from the first message on: those kept for a session come right behind CONNACK. */
  onMessage?: (topic: string, payload: Buffer, packet: { retain: boolean; qos: number }) => void
}

export interface TestClient {
  identity: MqttClientIdentity
  password: string
  certificate: TestCertificate
}

export interface TestGateway {
  identity: Identity
  certificate: TestCertificate
}

/** Of a gateway whose dialect's own names do. */
const noAliases = { topic: null, tenant: null, user: null, clientId: null, username: null }

/** The tenant of gateways and clients that a test says no other of: what it sends is not limited. */
const boundless: TenantPolicy = {
  tenantId: 'tenant-1',
  state: 'active',
  passwordGateways: true,
  messagesPerHour: Number.MAX_SAFE_INTEGER,
  messagesPerSecond: null,
  burst: null,
  gatewayMessagesPerSecond: 1_000_000,
  gatewayBurst: null,
}

/** A broker in its real worker, with a certificate authority, a historian's responder and a folder of its own. */
export class TestBroker {
  readonly events: BrokerEvent[] = []
  /** Whether answers to commands are written down at once, as by an engine that is well. */
  confirms = true
  readonly historian = new TestHistorian()
  readonly pki: TestPki
  readonly folder = mkdtempSync(join(tmpdir(), 'broker-test-'))
  broker: Broker
  addresses: BrokerAddresses = { mqtts: [], passwordMqtts: [], websocket: [] }
  private options: BrokerOptions | null = null
  private gateways = 0
  private clients = 0
  /** Where a test sets the clock, the broker runs in its thread. */
  private readonly now: (() => number) | null

  constructor(pki: TestPki, now: (() => number) | null = null) {
    this.pki = pki
    this.now = now
    this.broker = this.create()
  }

  static async start(
    limits: Partial<BrokerLimits> = {},
    plainPort?: number,
    now?: () => number,
  ): Promise<TestBroker> {
    const test = new TestBroker(await TestPki.create(), now)
    test.options = {
      persistenceFile: join(test.folder, 'mqtt.sqlite'),
      mqtts: { addresses: ['127.0.0.1'], port: 0 },
      credentials: await test.pki.serverCredentials(),
      identities: [],
      tenants: [boundless],
      openIngest: test.historian.openIngest,
      limits: { ...defaultBrokerLimits, ...limits },
    }
    if (plainPort !== undefined) test.broker = test.create(plainPort)
    test.addresses = await test.broker.start(test.options)
    return test
  }

  get port(): number {
    return this.addresses.mqtts[0]?.port ?? 0
  }

  /** Stops and starts it with the same files. */
  async restart(identities: Identity[], more: Partial<BrokerOptions> = {}): Promise<void> {
    await this.broker.stop(2_000)
    this.broker = this.create()
    if (this.options) this.addresses = await this.broker.start({ ...this.options, identities, ...more })
  }

  async stop(): Promise<void> {
    await this.broker.stop(2_000)
    this.historian.close()
    rmSync(this.folder, { recursive: true })
  }

  /** A gateway that may connect. */
  async gateway(more: Partial<Identity> = {}): Promise<TestGateway> {
    this.gateways += 1
    const number = this.gateways.toString(16).padStart(6, '0')
    const wireName = `a0b1c2${number}`
    const mac = wireName.match(/../g)?.join(':') ?? null
    const certificate = await this.pki.clientCertificate(mac ?? wireName)
    const identity: Identity = {
      gatewayId: `gateway-${number}`,
      assignmentId: `assignment-${number}`,
      tenantId: 'tenant-1',
      groupPath: [],
      ownerUserId: null,
      wireName,
      mac,
      label: `ESP-${number.toUpperCase()}`,
      dialect: 'canonical',
      aliases: noAliases,
      credential: 'certificate',
      secrets: [],
      awaitsBind: false,
      access: 'allowed',
      certificates: [{ fingerprint: certificate.fingerprint, state: 'active' }],
      ...more,
    }
    await this.broker.applyPolicy([{ op: 'put', identity }])
    return { identity, certificate }
  }

  /** Opens 8884 and 8084, on free ports. */
  async openListeners(): Promise<void> {
    const at = { addresses: ['127.0.0.1'], port: 0 }
    this.addresses = await this.broker.openListeners({ passwordMqtts: at, websocket: at })
  }

  /** An MQTT client that may connect, with password or certificate, and see all of its tenant. */
  async client(more: Partial<MqttClientIdentity> = {}): Promise<TestClient> {
    this.clients += 1
    const number = this.clients
    const username = more.username ?? `scada-${number}`
    const password = randomBytes(32).toString('hex')
    const salt = randomBytes(16).toString('hex')
    const certificate = await this.pki.clientCertificate(username)
    const identity: MqttClientIdentity = {
      clientId: `client-${number}`,
      username,
      tenantId: 'tenant-1',
      access: 'allowed',
      password: { salt, hash: hashMqttPassword(password, salt) },
      certificates: [{ fingerprint: certificate.fingerprint, state: 'active' }],
      reach: { groupIds: null, ownerUserId: null },
      rights: 'both',
      topics: ['#'],
      prefix: `clients/${username}`,
      ...more,
    }
    await this.put(identity)
    return { identity, password, certificate }
  }

  async put(client: MqttClientIdentity): Promise<void> {
    await this.broker.applyPolicy([{ op: 'put_client', client }])
  }

  /** A real MQTT client with user name and password; rejects where CONNECT is refused. */
  async connectClient(
    { identity, password }: Pick<TestClient, 'identity' | 'password'>,
    { websocket: byWebSocket = false, onMessage, ...more }: ConnectOptions = {},
  ): Promise<MqttClient> {
    const { passwordMqtts, websocket } = this.addresses
    const url = byWebSocket
      ? `wss://127.0.0.1:${websocket[0]?.port}/mqtt`
      : `mqtts://127.0.0.1:${passwordMqtts[0]?.port}`
    const options: IClientOptions = {
      username: identity.username,
      password,
      ca: this.pki.ca,
      clientId: 'panel',
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
      wsOptions: { ca: this.pki.ca },
      ...more,
    }
    const client = connect(url, options)
    if (onMessage) client.on('message', onMessage)
    await new Promise<void>((resolve, reject) => {
      client.on('connect', () => resolve())
      client.on('error', reject)
      client.on('close', () => reject(new Error('the connection was closed')))
    })
    return client
  }

  /** A real MQTT client of the gateway; rejects where CONNECT is refused. */
  async connect({ identity, certificate }: TestGateway, more: IClientOptions = {}): Promise<MqttClient> {
    const { key, cert } = certificate
    const options: IClientOptions = {
      key,
      cert,
      ca: this.pki.ca,
      clientId: identity.wireName,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
      ...more,
    }
    const client = await connectAsync(`mqtts://127.0.0.1:${this.port}`, options, false)
    client.on('error', () => {})
    return client
  }

  /** A TLS connection without MQTT. */
  async tls(certificate: Partial<TestCertificate> | null, more: ConnectionOptions = {}): Promise<TLSSocket> {
    const { key, cert } = certificate ?? {}
    const options = {
      host: '127.0.0.1',
      port: this.port,
      ca: this.pki.ca,
      ...(key && cert ? { key, cert } : {}),
      ...more,
    }
    const socket = connectTls(options)
    socket.on('error', () => {})
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    return socket
  }

  refusals(): Refusal[] {
    return this.events.flatMap((event) => (event.type === 'refused' ? [event.refusal] : []))
  }

  /** The first event of this type (and shape) that has come or comes within fifteen seconds. */
  async event<T extends BrokerEvent['type']>(
    type: T,
    fits: (event: Extract<BrokerEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<BrokerEvent, { type: T }>> {
    let found: Extract<BrokerEvent, { type: T }> | undefined
    await until(() => {
      found = this.events.find((event) => event.type === type && fits(event as never)) as typeof found
      return found !== undefined
    }, `event ${type}`)
    return found as Extract<BrokerEvent, { type: T }>
  }

  async refusal(reason: Refusal['reason']): Promise<Refusal> {
    return (await this.event('refused', ({ refusal }) => refusal.reason === reason)).refusal
  }

  private create(plainPortForTests?: number): Broker {
    const workerUrl = new URL('../broker.worker.ts', import.meta.url)
    const broker =
      this.now === null
        ? createBroker(plainPortForTests === undefined ? { workerUrl } : { workerUrl, plainPortForTests })
        : new HostBroker(this.now)
    broker.on((event) => {
      this.events.push(event)
      if (this.confirms && event.type === 'messageReceived' && event.receipt !== null)
        void broker.confirmMessage(event.receipt)
    })
    return broker
  }
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within 15 s`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Resolves when the other side closed the connection. */
export async function closed(socket: { once(event: 'close', listener: () => void): unknown }): Promise<void> {
  await new Promise<void>((resolve) => socket.once('close', resolve))
}
