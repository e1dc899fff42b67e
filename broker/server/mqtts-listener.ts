import { constants, randomBytes } from 'node:crypto'
import { createServer as createNetServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import type { ServerCredentials } from '#broker/port.ts'
import { type Admission, addressOf } from './admission.ts'
import { listen } from './listen.ts'
import { tlsFailureInWords } from './tls-failure.ts'

export interface MqttsHandler {
  /** The handshake is done; what the certificate is worth is still to be judged. */
  secured(socket: TLSSocket, address: string): void
  tlsFailed(address: string, detail: string): void
}

/** A gateway that was off for a night still resumes. What it resumes is judged anew, see peer-certificate.ts. */
const SESSION_LIFE_SECONDS = 24 * 3600
/** Old tickets end here: who later learns a ticket key reads at most a day of TLS 1.2 traffic. */
const TICKET_KEY_LIFE = 24 * 3600 * 1_000
const HANDSHAKE_LAST = 120_000
const PROBE_DEAD_PEERS_AFTER = 60_000

/**
 * The MQTTS listener: TLS 1.2 or newer, a client certificate asked for, and every bad one accepted so far that our
 * own code sees it and records why. One TLS server behind as many plain listeners as there are addresses, so that
 * connections are bounded before TLS begins.
 */
export class MqttsListener {
  private readonly admission: Admission
  private readonly handler: MqttsHandler
  private readonly ticketKeys = { current: randomBytes(48) }
  private readonly servers: Server[] = []
  private tls: TlsServer | null = null
  private rotation: NodeJS.Timeout | null = null

  constructor(admission: Admission, handler: MqttsHandler) {
    this.admission = admission
    this.handler = handler
  }

  /** @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden` */
  async start(
    { addresses, port }: { addresses: string[]; port: number },
    credentials: ServerCredentials,
  ): Promise<{ address: string; port: number }[]> {
    this.tls = createTlsServer({
      ...this.context(credentials),
      requestCert: true,
      rejectUnauthorized: false,
      // Admission's deadline comes first.
      handshakeTimeout: HANDSHAKE_LAST,
    })
    this.tls.on('secureConnection', (socket) => this.secured(socket))
    this.tls.on('tlsClientError', (error, socket) => this.failed(error, socket))
    this.rotation = setInterval(() => this.rotateTicketKeys(), TICKET_KEY_LIFE).unref()
    const bound = []
    for (const address of addresses) {
      const server = createNetServer({
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: PROBE_DEAD_PEERS_AFTER,
      })
      this.servers.push(server)
      server.on('connection', (socket) => {
        if (this.admission.admit(socket)) this.tls?.emit('connection', socket)
      })
      const both = address === '::' && addresses.includes('0.0.0.0')
      bound.push({ address, port: await listen(server, address, port, both) })
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

  private context({ key, cert, ca }: ServerCredentials) {
    return {
      key,
      cert,
      ca,
      minVersion: 'TLSv1.2' as const,
      // A TLS 1.2 client could otherwise show another certificate in mid-session.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      // Without one, OpenSSL refuses to resume sessions with client certificates.
      sessionIdContext: 'millwright-mqtts',
      sessionTimeout: SESSION_LIFE_SECONDS,
      ticketKeys: this.ticketKeys.current,
    }
  }

  private rotateTicketKeys(): void {
    this.ticketKeys.current = randomBytes(48)
    this.tls?.setTicketKeys(this.ticketKeys.current)
  }

  private secured(socket: TLSSocket): void {
    this.admission.secured(rawSocket(socket))
    this.handler.secured(socket, addressOf(socket))
  }

  private failed(error: Error, socket: TLSSocket): void {
    const raw = rawSocket(socket)
    // One that was ended for being late was recorded as such.
    if (this.admission.wasEnded(raw)) return
    this.handler.tlsFailed(this.admission.originOf(raw) ?? addressOf(socket), tlsFailureInWords(error))
  }
}

/** The TCP socket under a TLS socket of a server. */
export function rawSocket(socket: Socket): Socket {
  return (socket as Socket & { _parent?: Socket })._parent ?? socket
}
