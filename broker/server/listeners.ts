import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { createServer as createTlsServer } from 'node:tls'
import type {
  BrokerAddresses,
  ListenerAddress,
  ListenerName,
  OptionalListeners,
  ServerCredentials,
} from '#broker/port.ts'
import type { RefusalEvidence } from '#contract/model/refusal.ts'
import type { Admission } from './admission.ts'
import { TlsListener, type TlsListenerOptions } from './tls-listener.ts'
import { createWebSocketMqttServer, type WebSocketRefusal } from './websocket-server.ts'

export interface ListenersEvents {
  /** A TLS connection that speaks MQTT from its first byte. */
  secured(socket: TLSSocket, listener: 'mqtts' | 'password'): void
  tlsFailed(address: string, detail: string, evidence: () => RefusalEvidence): void
  admitsWebSocket(socket: TLSSocket): boolean
  webSocketOpened(stream: Duplex, socket: TLSSocket): void
  webSocketRefused(socket: TLSSocket, refusal: WebSocketRefusal): void
  /** A listener was closed: its sessions end. */
  closed(listener: ListenerName): void
}

interface OpenListener {
  wanted: ListenerAddress
  listener: TlsListener
  bound: { address: string; port: number }[]
}

/** A WebSocket frame may hold several packets; each is bounded by itself. */
const PACKETS_PER_FRAME = 4

type OptionalName = Exclude<ListenerName, 'mqtts'>

/** The doors of the broker: 8883 always, 8884 and 8084 where a person turned them on. */
export class Listeners {
  private readonly admission: Admission
  private readonly packetBytes: number
  private readonly events: ListenersEvents
  private readonly open = new Map<ListenerName, OpenListener>()
  private credentials: ServerCredentials | null = null

  constructor(admission: Admission, packetBytes: number, events: ListenersEvents) {
    this.admission = admission
    this.packetBytes = packetBytes
    this.events = events
  }

  /** @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden` */
  async start(mqtts: ListenerAddress, credentials: ServerCredentials): Promise<void> {
    this.credentials = credentials
    await this.openOne('mqtts', mqtts)
  }

  /**
   * Opens, moves and closes until what is open is what is wanted.
   *
   * @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden`; what was open before is then open again
   */
  async adjust({ passwordMqtts, websocket }: OptionalListeners): Promise<void> {
    const wanted: [OptionalName, ListenerAddress | null][] = [
      ['password', passwordMqtts],
      ['websocket', websocket],
    ]
    const before = new Map(wanted.map(([name]) => [name, this.open.get(name)?.wanted ?? null]))
    try {
      for (const [name, address] of wanted) await this.change(name, address)
    } catch (error) {
      for (const [name, address] of before) await this.change(name, address).catch(() => {})
      throw error
    }
  }

  /** The same for one of them. */
  async adjustOne(name: OptionalName, wanted: OptionalListeners | undefined): Promise<void> {
    const address = name === 'password' ? wanted?.passwordMqtts : wanted?.websocket
    await this.change(name, address ?? null)
  }

  get addresses(): Omit<BrokerAddresses, 'plain'> {
    const of = (name: ListenerName) => this.open.get(name)?.bound ?? []
    return { mqtts: of('mqtts'), passwordMqtts: of('password'), websocket: of('websocket') }
  }

  replaceCredentials(credentials: ServerCredentials): void {
    this.credentials = credentials
    for (const { listener } of this.open.values()) listener.replaceCredentials(credentials)
  }

  stopAccepting(): void {
    for (const { listener } of this.open.values()) listener.stopAccepting()
  }

  private async change(name: OptionalName, wanted: ListenerAddress | null): Promise<void> {
    const now = this.open.get(name)
    if (now && wanted && isSame(now.wanted, wanted)) return
    if (now) {
      // Before its successor opens: they may share the port.
      this.open.delete(name)
      // First, that its sessions end for this reason.
      this.events.closed(name)
      now.listener.close()
    }
    if (wanted) await this.openOne(name, wanted)
  }

  private async openOne(name: ListenerName, wanted: ListenerAddress): Promise<void> {
    if (!this.credentials) throw new Error('the listeners have no certificate yet')
    const listener = new TlsListener(this.admission, this.optionsOf(name), {
      secured: (socket) => {
        // The other one answers HTTP first.
        if (name !== 'websocket') this.events.secured(socket, name)
      },
      tlsFailed: (address, detail, evidence) => this.events.tlsFailed(address, detail, evidence),
    })
    const bound = await listener.start(wanted, this.credentials)
    this.open.set(name, { wanted, listener, bound })
  }

  private optionsOf(name: ListenerName): TlsListenerOptions {
    switch (name) {
      case 'mqtts':
        return { name, flag: '--mqtts', requestCert: true, createServer: createTlsServer }
      case 'password':
        return { name, flag: '--mqtts-password', requestCert: false, createServer: createTlsServer }
      case 'websocket':
        return {
          name,
          flag: '--mqtt-ws',
          requestCert: true,
          createServer: (options) =>
            createWebSocketMqttServer(options, this.packetBytes * PACKETS_PER_FRAME, {
              admits: (socket) => this.events.admitsWebSocket(socket),
              opened: (stream, socket) => this.events.webSocketOpened(stream, socket),
              refused: (socket, refusal) => this.events.webSocketRefused(socket, refusal),
            }),
        }
    }
  }
}

function isSame(one: ListenerAddress, other: ListenerAddress): boolean {
  return one.port === other.port && one.addresses.join() === other.addresses.join()
}
