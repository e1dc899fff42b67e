import { constants, randomBytes } from 'node:crypto'
import { createServer as createNetServer, type Server, type Socket } from 'node:net'
import type { TLSSocket, TlsOptions, Server as TlsServer } from 'node:tls'
import type { ListenerAddress, ListenerName, ServerCredentials } from '#broker/port.ts'
import type { RefusalEvidence } from '#contract/model/refusal.ts'
import { type Admission, addressOf } from './admission.ts'
import { failedEvidence } from './connection-evidence.ts'
import { listen } from './listen.ts'
import { rawSocket } from './raw-socket.ts'
import { type FailedHandshake, failedBy, failedHandshake } from './tls-failure.ts'

export interface TlsListenerOptions {
  /** Tells the TLS sessions of one listener from those of another: they are not asked the same. */
  name: ListenerName
  /** What a person sets its port with. */
  flag: string
  /** Whether a client certificate is asked for. Every bad one is accepted so far, that our own code sees it and records why. */
  requestCert: boolean
  /** Makes the server that the TLS connections end at. */
  createServer(options: TlsOptions): TlsServer
}

export interface TlsListenerEvents {
  /** The handshake is done; what the certificate is worth is still to be judged. */
  secured(socket: TLSSocket): void
  tlsFailed(address: string, detail: string, evidence: () => RefusalEvidence): void
}

/** A gateway that was off for a night still resumes. What it resumes is judged anew, see peer-certificate.ts. */
const SESSION_LIFE_SECONDS = 24 * 3600
/** Old tickets end here: who later learns a ticket key reads at most a day of TLS 1.2 traffic. */
const TICKET_KEY_LIFE = 24 * 3600 * 1_000
const HANDSHAKE_LAST = 120_000
const PROBE_DEAD_PEERS_AFTER = 60_000

/**
 * A listener for TLS 1.2 or newer. One TLS server behind as many plain listeners as there are addresses, so that
 * connections are bounded before TLS begins.
 */
export class TlsListener {
  private readonly admission: Admission
  private readonly options: TlsListenerOptions
  private readonly events: TlsListenerEvents
  private readonly ticketKeys = { current: randomBytes(48) }
  private readonly servers: Server[] = []
  /** Every open TCP connection that came by here. */
  private readonly sockets = new Set<Socket>()
  private closed = false
  private port = 0
  private tls: TlsServer | null = null
  private rotation: NodeJS.Timeout | null = null

  constructor(admission: Admission, options: TlsListenerOptions, events: TlsListenerEvents) {
    this.admission = admission
    this.options = options
    this.events = events
  }

  /** @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden` */
  async start(
    { addresses, port }: ListenerAddress,
    credentials: ServerCredentials,
  ): Promise<{ address: string; port: number }[]> {
    const tls = this.options.createServer({
      ...this.context(credentials),
      requestCert: this.options.requestCert,
      rejectUnauthorized: false,
      // Admission's deadline comes first.
      handshakeTimeout: HANDSHAKE_LAST,
    })
    this.tls = tls
    tls.on('secureConnection', (socket) => this.secured(socket))
    tls.on('tlsClientError', (error, socket) => this.failed(error, socket))
    this.rotation = setInterval(() => this.rotateTicketKeys(), TICKET_KEY_LIFE).unref()
    const bound = []
    try {
      for (const address of addresses) {
        const server = createNetServer({
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay: PROBE_DEAD_PEERS_AFTER,
        })
        server.on('connection', (socket) => {
          if (this.closed) socket.destroy()
          else if (this.admission.admit(socket)) {
            this.sockets.add(socket)
            socket.once('close', () => this.sockets.delete(socket))
            this.greet(socket, tls)
          }
        })
        const both = address === '::' && addresses.includes('0.0.0.0')
        const { flag } = this.options
        this.port = await listen(server, { address, port, ipv6Only: both, flag })
        bound.push({ address, port: this.port })
        this.servers.push(server)
      }
    } catch (error) {
      this.close()
      throw error
    }
    return bound
  }

  replaceCredentials(credentials: ServerCredentials): void {
    this.tls?.setSecureContext(this.context(credentials))
  }

  /** Accepts no more; live connections go on. */
  stopAccepting(): void {
    for (const server of this.servers.splice(0)) server.close()
    if (this.rotation) clearInterval(this.rotation)
  }

  /** Accepts no more and ends what is open, also what is still before CONNECT. */
  close(): void {
    this.closed = true
    this.stopAccepting()
    for (const socket of this.sockets) socket.destroy()
  }

  private context({ key, cert, ca }: ServerCredentials) {
    return {
      key,
      cert,
      ca,
      minVersion: 'TLSv1.2' as const,
      // A TLS 1.2 client could otherwise show another certificate in mid-session.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      // Without one, OpenSSL refuses to resume sessions with client certificates.
      sessionIdContext: `millwright-${this.options.name}`,
      sessionTimeout: SESSION_LIFE_SECONDS,
      ticketKeys: this.ticketKeys.current,
    }
  }

  private rotateTicketKeys(): void {
    this.ticketKeys.current = randomBytes(48)
    this.tls?.setTicketKeys(this.ticketKeys.current)
  }

  private secured(socket: TLSSocket): void {
    if (this.closed) {
      socket.destroy()
      return
    }
    this.admission.secured(rawSocket(socket))
    this.events.secured(socket)
  }

  private failed(error: Error, socket: TLSSocket): void {
    const raw = rawSocket(socket)
    this.tell(raw, this.admission.originOf(raw) ?? addressOf(socket), failedHandshake(error))
  }

  /**
   * Looks at the first bytes before TLS does: what fails later is told by whom it asked for and what it speaks. They are
   * put back, and the TLS server takes them from there.
   */
  private greet(socket: Socket, tls: TlsServer): void {
    const address = addressOf(socket)
    // The site looks by itself whether its own ports answer.
    const isOwn = socket.remoteAddress === socket.localAddress
    const left = (): void => {
      if (!isOwn) this.tell(socket, address, failedBy('silent'))
    }
    socket.once('close', left)
    socket.on('error', ignore)
    socket.once('data', (bytes: Buffer) => {
      socket.off('close', left)
      socket.off('error', ignore)
      socket.pause()
      this.admission.hellos.note(socket, address, bytes)
      socket.unshift(bytes)
      tls.emit('connection', socket)
    })
  }

  private tell(raw: Socket, address: string, { failure, detail }: FailedHandshake): void {
    // One that was ended for being late was recorded as such; of a closed listener it is no fault of the other side.
    if (this.closed || this.admission.wasEnded(raw)) return
    const { name: listener } = this.options
    this.events.tlsFailed(address, detail, () => failedEvidence(raw, failure, { listener, port: this.port }))
  }
}

function ignore(): void {}
