import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { TLSSocket, TlsOptions, Server as TlsServer } from 'node:tls'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'

export interface WebSocketRefusal {
  reason: 'origin_denied' | 'not_mqtt'
  detail: string
}

export interface WebSocketEvents {
  /** An upgrade was asked for. False where the socket was dealt with, for its certificate does not count. */
  admits(socket: TLSSocket): boolean
  /** A stream of MQTT bytes. */
  opened(stream: Duplex, socket: TLSSocket): void
  refused(socket: TLSSocket, refusal: WebSocketRefusal): void
}

const PATH = '/mqtt'
const SUBPROTOCOL = 'mqtt'
const HEADER_BYTES = 8 * 1024
/** Unsent bytes above which pings are not answered. */
const PONGS_BYTES = 64 * 1024

/** MQTT over WebSocket, MQTT 3.1.1 6: binary frames, the subprotocol `mqtt`. Answers nothing else. */
export function createWebSocketMqttServer(
  options: TlsOptions,
  frameBytes: number,
  events: WebSocketEvents,
): TlsServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: frameBytes,
    perMessageDeflate: false,
    autoPong: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  const server = createServer({ ...options, ALPNProtocols: ['http/1.1'], maxHeaderSize: HEADER_BYTES })
  server.on('request', (_, response) => {
    response.writeHead(426, { connection: 'close', upgrade: 'websocket', 'content-length': 0 }).end()
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const tls = socket as TLSSocket
    const refusal = refusalOf(request)
    if (refusal) {
      answer(tls, refusal.status)
      events.refused(tls, refusal)
      return
    }
    if (!events.admits(tls)) return
    sockets.handleUpgrade(request, socket, head, (webSocket) => events.opened(streamOf(webSocket), tls))
  })
  return server
}

function refusalOf(request: IncomingMessage): (WebSocketRefusal & { status: string }) | null {
  const { origin, host } = request.headers
  const path = (request.url ?? '').split('?')[0]
  if (path !== PATH)
    return { reason: 'not_mqtt', detail: `the path is ${path}, not ${PATH}`, status: '404 Not Found' }
  if (origin !== undefined && !isOwnOrigin(origin, host))
    return { reason: 'origin_denied', detail: `a page of ${origin}`, status: '403 Forbidden' }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (offered.includes(SUBPROTOCOL)) return null
  // [MQTT-6.0.0-3]
  return { reason: 'not_mqtt', detail: 'the subprotocol mqtt was not offered', status: '400 Bad Request' }
}

/**
 * Whether a page of this site asks: one that came from the host that is now called, by whatever port. The host cannot be
 * made up, for the site's certificate would not hold for it.
 */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const asking = URL.parse(origin)
  const asked = URL.parse(`https://${host ?? ''}`)
  return asking?.protocol === 'https:' && asking.hostname !== '' && asking.hostname === asked?.hostname
}

function streamOf(webSocket: WebSocket): Duplex {
  webSocket.on('message', (_, isBinary) => {
    // [MQTT-6.0.0-1]
    if (!isBinary) webSocket.terminate()
  })
  webSocket.on('ping', (data: Buffer) => {
    // Whoever pings and does not read must not fill our memory with answers.
    if (webSocket.bufferedAmount < PONGS_BYTES) webSocket.pong(data)
  })
  return createWebSocketStream(webSocket)
}

function answer(socket: TLSSocket, status: string): void {
  socket.on('error', () => {})
  socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  socket.destroySoon()
}
