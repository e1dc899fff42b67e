import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { type ErrorCode, ExpectedError } from '#contract/errors.ts'

export type RequestHandler = (request: http.IncomingMessage, response: http.ServerResponse) => void

/** Open TCP connections of one server: enough for a plant, too few to use up the file descriptors. */
const MOST_CONNECTIONS = 2_000
/** A TLS handshake may take this long, ms. */
const HANDSHAKE_TIMEOUT = 20_000
/** Requests in flight may end within this time of stopping, ms. */
const LAST_ANSWERS = 1_000

/** Opens a server, or says in words why it cannot. `flag` names how to choose another port. */
export async function listen(
  server: NetServer,
  port: number,
  address: string,
  flag: string,
): Promise<number> {
  trackConnections(server)
  server.maxConnections = MOST_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, address, flag)))
    server.listen(port, address, resolve)
  })
  // A connection that cannot be accepted, for want of file descriptors, is lost; the listener is not.
  server.on('error', () => undefined)
  return (server.address() as AddressInfo).port
}

const codes: Record<string, ErrorCode> = {
  EADDRINUSE: 'port_in_use',
  EADDRNOTAVAIL: 'address_unavailable',
  EAFNOSUPPORT: 'address_unavailable',
  EACCES: 'port_forbidden',
}

function listenError(error: NodeJS.ErrnoException, port: number, address: string, flag: string): Error {
  const code = codes[error.code ?? '']
  if (code === undefined) return error
  const remedy = code === 'address_unavailable' ? '--address' : flag
  return new ExpectedError(code, { port, address, flag: remedy }, { cause: error })
}

interface Wanted {
  addresses: string[]
  port: number
  credentials: { key: string; cert: string }
}

/** The HTTPS listeners of one purpose: one server an address, all with the same certificate. */
export class HttpsListeners {
  readonly #handler: RequestHandler
  readonly #flag: string
  readonly #options: https.ServerOptions
  readonly #onServer: (server: https.Server) => void
  readonly #servers = new Map<string, https.Server>()
  /** No longer listening, while their last connections end. */
  readonly #leaving = new Set<https.Server>()
  port = 0

  constructor(
    handler: RequestHandler,
    flag: string,
    options: https.ServerOptions = {},
    onServer: (server: https.Server) => void = () => undefined,
  ) {
    this.#handler = handler
    this.#flag = flag
    this.#options = options
    this.#onServer = onServer
  }

  /**
   * Listens on just these addresses from now on: closes others, keeps what is the same with the new certificate.
   * @throws ExpectedError `port_in_use`, `address_unavailable`, `port_forbidden`
   */
  async open({ addresses, port, credentials }: Wanted): Promise<void> {
    const isMoving = port !== 0 && this.port !== 0 && port !== this.port
    for (const [address, server] of this.#servers) {
      if (!isMoving && addresses.includes(address)) server.setSecureContext(credentials)
      else this.#release(address, server)
    }
    for (const address of addresses) {
      if (this.#servers.has(address)) continue
      const server = https.createServer(
        { minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_TIMEOUT, ...this.#options, ...credentials },
        this.#handler,
      )
      this.#onServer(server)
      const wanted = port === 0 && this.#servers.size > 0 ? this.port : port
      this.port = await listen(server, wanted, address, this.#flag)
      server.on('tlsClientError', () => undefined)
      this.#servers.set(address, server)
    }
  }

  renew(credentials: { key: string; cert: string }): void {
    for (const server of this.#servers.values()) server.setSecureContext(credentials)
  }

  addresses(): string[] {
    return [...this.#servers.keys()]
  }

  /** Stops listening at once; requests in flight may end, idle connections do not hold it up. */
  async close(): Promise<void> {
    await Promise.all([...this.#servers.values(), ...this.#leaving].map(closeServer))
    this.#servers.clear()
  }

  #release(address: string, server: https.Server): void {
    this.#servers.delete(address)
    this.#leaving.add(server)
    server.close(() => this.#leaving.delete(server))
    server.closeIdleConnections()
  }
}

/** Plain HTTP on this machine's loopback, both families where there are both. */
export class LoopbackListeners {
  readonly #handler: RequestHandler
  readonly #onServer: (server: http.Server) => void
  readonly #servers: http.Server[] = []
  port = 0

  constructor(handler: RequestHandler, onServer: (server: http.Server) => void) {
    this.#handler = handler
    this.#onServer = onServer
  }

  /** Once: a site that is set up while it runs keeps its loopback port. @throws ExpectedError `port_in_use`, `port_forbidden` */
  async open(port: number): Promise<void> {
    if (this.#servers.length > 0) return
    this.port = await this.#open(port, '127.0.0.1')
    // Browsers may try ::1 first for "localhost"; a machine without IPv6 has only the other.
    await this.#open(this.port, '::1').catch((error: unknown) => {
      if (!(error instanceof ExpectedError && error.code === 'address_unavailable')) throw error
    })
  }

  async #open(port: number, address: string): Promise<number> {
    const server = http.createServer(this.#handler)
    this.#onServer(server)
    const bound = await listen(server, port, address, '--http')
    this.#servers.push(server)
    return bound
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(closeServer))
    this.#servers.length = 0
  }
}

const connections = new WeakMap<NetServer, Set<Socket>>()

/** Remembers a server's connections from now on, so that `closeServer` can end them. */
export function trackConnections(server: NetServer): void {
  const open = new Set<Socket>()
  connections.set(server, open)
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
}

/**
 * Stops listening at once and resolves when no connection is left, which is soon: live streams, upgraded sockets and
 * TLS handshakes that somebody never finishes do not end by themselves and are cut.
 */
export function closeServer(server: NetServer | http.Server | https.Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      for (const socket of connections.get(server) ?? []) socket.destroy()
    }, LAST_ANSWERS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
