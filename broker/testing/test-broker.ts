import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { createBroker } from '#broker/create-broker.ts'
import {
  type Broker,
  type BrokerAddresses,
  type BrokerEvent,
  type BrokerLimits,
  type BrokerOptions,
  defaultBrokerLimits,
  type Identity,
  type Refusal,
} from '#broker/port.ts'
import { TestHistorian } from './test-historian.ts'
import { type TestCertificate, TestPki } from './test-pki.ts'

export interface TestGateway {
  identity: Identity
  certificate: TestCertificate
}

/** A broker in its real worker, with a certificate authority, a historian's responder and a folder of its own. */
export class TestBroker {
  readonly events: BrokerEvent[] = []
  readonly historian = new TestHistorian()
  readonly pki: TestPki
  readonly folder = mkdtempSync(join(tmpdir(), 'broker-test-'))
  broker: Broker
  addresses: BrokerAddresses = { mqtts: [] }
  private options: BrokerOptions | null = null
  private gateways = 0

  constructor(pki: TestPki) {
    this.pki = pki
    this.broker = this.create()
  }

  static async start(limits: Partial<BrokerLimits> = {}, plainPort?: number): Promise<TestBroker> {
    const test = new TestBroker(await TestPki.create())
    test.options = {
      persistenceFile: join(test.folder, 'mqtt.sqlite'),
      mqtts: { addresses: ['127.0.0.1'], port: 0 },
      credentials: await test.pki.serverCredentials(),
      identities: [],
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

  /** Stops and starts it with the same files and identities. */
  async restart(identities: Identity[]): Promise<void> {
    await this.broker.stop(2_000)
    this.broker = this.create()
    if (this.options) this.addresses = await this.broker.start({ ...this.options, identities })
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
      wireName,
      mac,
      dialect: 'canonical',
      access: 'allowed',
      certificates: [{ fingerprint: certificate.fingerprint, state: 'active' }],
      ...more,
    }
    await this.broker.applyPolicy([{ op: 'put', identity }])
    return { identity, certificate }
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
    const socket = connect(options)
    socket.on('error', () => {})
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    return socket
  }

  refusals(): Refusal[] {
    return this.events.flatMap((event) => (event.type === 'refused' ? [event.refusal] : []))
  }

  /** The first event of this type (and shape) that has come or comes within five seconds. */
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
    const broker = createBroker(
      plainPortForTests === undefined ? { workerUrl } : { workerUrl, plainPortForTests },
    )
    broker.on((event) => this.events.push(event))
    return broker
  }
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within 5 s`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Resolves when the other side closed the connection. */
export async function closed(socket: { once(event: 'close', listener: () => void): unknown }): Promise<void> {
  await new Promise<void>((resolve) => socket.once('close', resolve))
}
