import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type ErrorCode, ExpectedError } from '#contract/errors.ts'
import type { SessionCarrier } from '#features/access/index.ts'
import { RPC_PREFIX } from './api.ts'
import { bearerOf, bearerSession } from './bearer.ts'
import { BODY_LIMIT } from './errors.ts'
import { checkHost, checkOrigin } from './same-site.ts'
import { upgradeSession } from './session-carriers.ts'
import { guestOf, type Listener, type UiAppDependencies } from './ui-app.ts'

const HEARTBEAT = 30_000
/** A browser tab has one. More than this from one address, or in all, is no control room. */
const MOST_PER_ADDRESS = 100
const MOST = 1_000
/** Bytes that a receiver may leave unread; beyond it the socket is cut, for it would hold the memory for ever. */
const MOST_UNREAD = 64 * 1024 * 1024
/** Close code for "sign in again". */
const SESSION_ENDED = 4401

interface Connection {
  socket: WebSocket
  address: string
  /** Null: nobody is signed in on it, or who it is was not looked up yet. */
  sessionId: string | null
  wasSignedIn: boolean
  isStillSignedIn(): Promise<boolean>
  answered: boolean
}

/** The UI's WebSockets: procedures and live streams. A session that ends takes its sockets with it. */
export class LiveSockets {
  readonly #dependencies: UiAppDependencies
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: BODY_LIMIT })
  readonly #connections = new Set<Connection>()
  #heartbeat: NodeJS.Timeout | null = null
  #isStopping = false

  constructor(dependencies: UiAppDependencies) {
    this.#dependencies = dependencies
  }

  start(): void {
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT)
    this.#heartbeat.unref()
  }

  stop(): void {
    this.#isStopping = true
    if (this.#heartbeat) clearInterval(this.#heartbeat)
    for (const { socket } of this.#connections) socket.close(1001, 'the site is stopping')
    setTimeout(() => {
      for (const { socket } of this.#connections) socket.terminate()
    }, 500).unref()
  }

  /** Serves the upgrades of one listener. */
  attach(server: Server, listener: Listener): void {
    server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      // Node has let go of the stream's errors: a peer that vanishes here must not end the process.
      stream.on('error', () => stream.destroy())
      try {
        this.#checkRoom(request)
        checkHost(request.headers.host, this.#dependencies.siteNames())
        // Nothing that a browser sends by itself counts beside a program's own secret.
        if (bearerOf(request.headers) === null) checkOrigin(request)
        if (request.url?.split('?')[0] !== `${RPC_PREFIX}/socket`)
          throw new ExpectedError('not_found', { what: 'socket', id: request.url ?? '' })
      } catch (error) {
        const status = error instanceof ExpectedError ? error.status : 400
        if (error instanceof ExpectedError) this.#tellRefused(request, error.code)
        stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
        return
      }
      this.#server.handleUpgrade(request, stream, head, (socket) => this.#accept(socket, request, listener))
    })
  }

  /** Closes the sockets of a session that ended. */
  sessionEnded(sessionId: string): void {
    for (const connection of this.#connections)
      if (connection.sessionId === sessionId) connection.socket.close(SESSION_ENDED, 'signed out')
  }

  #tellRefused(request: IncomingMessage, code: ErrorCode): void {
    if (code !== 'origin_refused' && code !== 'host_refused') return
    const address = request.socket.remoteAddress ?? ''
    const path = request.url?.split('?')[0]?.slice(0, 200) ?? ''
    this.#dependencies.refused({ request, id: randomUUID(), address, path }, code)
  }

  /** @throws ExpectedError `site_stopping`, `too_many_requests` */
  #checkRoom(request: IncomingMessage): void {
    if (this.#isStopping) throw new ExpectedError('site_stopping')
    const address = request.socket.remoteAddress ?? ''
    const ofAddress = [...this.#connections].filter((connection) => connection.address === address).length
    if (this.#connections.size >= MOST || ofAddress >= MOST_PER_ADDRESS)
      throw new ExpectedError('too_many_requests', { seconds: HEARTBEAT / 1000 })
  }

  #accept(socket: WebSocket, request: IncomingMessage, listener: Listener): void {
    const { resolveToken, resolveBearer, demo, api, log } = this.#dependencies
    const address = request.socket.remoteAddress ?? ''
    const bearer = bearerOf(request.headers)
    const session =
      bearer === null
        ? upgradeSession(request.headers.cookie, resolveToken, guestOf(listener, demo))
        : bearerSession(bearer, address, resolveBearer)
    const connection: Connection = {
      socket,
      address,
      sessionId: null,
      wasSignedIn: bearer !== null || session.token() !== null,
      isStillSignedIn: async () => (await session.resolve()).kind !== 'anonymous',
      answered: true,
    }
    this.#connections.add(connection)
    void this.#noteSession(connection, session)
    socket.on('close', () => this.#connections.delete(connection))
    socket.on('error', (err) => log.debug({ err }, 'a WebSocket failed'))
    socket.on('pong', () => {
      connection.answered = true
    })
    void api().socket.upgrade(paced(socket), {
      context: {
        request: {
          id: randomUUID(),
          address,
          userAgent: request.headers['user-agent'] ?? '',
          transport: 'websocket',
          idempotencyKey: null,
          trustedLocal: false,
        },
        session,
      },
    })
  }

  async #noteSession(connection: Connection, session: SessionCarrier): Promise<void> {
    try {
      const actor = await session.resolve()
      if (actor.kind === 'user') connection.sessionId = actor.sessionId
    } catch (err) {
      this.#dependencies.log.warn({ err }, 'a session could not be looked up')
    }
  }

  #beat(): void {
    for (const connection of this.#connections) {
      if (!connection.answered) {
        connection.socket.terminate()
        continue
      }
      connection.answered = false
      connection.socket.ping()
      if (connection.wasSignedIn) void this.#closeIfExpired(connection)
    }
  }

  async #closeIfExpired({ socket, isStillSignedIn }: Connection): Promise<void> {
    try {
      if (!(await isStillSignedIn())) socket.close(SESSION_ENDED, 'session expired')
    } catch (err) {
      this.#dependencies.log.warn({ err }, 'a session could not be looked up')
    }
  }
}

/** A stream's next value waits until its last one has left, so that a slow receiver slows its streams alone. */
function paced(socket: WebSocket): Pick<WebSocket, 'addEventListener' | 'send'> {
  const send = (data: string | Uint8Array) =>
    new Promise<void>((resolve) => {
      if (socket.bufferedAmount > MOST_UNREAD) socket.terminate()
      // A socket that closed meanwhile ends its streams by itself.
      socket.send(data, () => resolve())
    })
  return { addEventListener: socket.addEventListener.bind(socket), send: send as WebSocket['send'] }
}
