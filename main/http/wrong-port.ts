import type { Server as HttpServer } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { RefusalEvidence } from '#contract/model/refusal.ts'

/** A box that spoke MQTT to a port of HTTP. */
export interface WrongPort {
  address: string
  /** SHA-256 of the certificate that it showed, lower-case hex. */
  fingerprint: string | null
  evidence: Pick<RefusalEvidence, 'listener' | 'port' | 'firstBytes' | 'failure' | 'tls' | 'serverName'>
}

export type WrongPortListener = Exclude<
  RefusalEvidence['listener'],
  'mqtts' | 'password' | 'websocket' | null
>

type ParseError = Error & { code?: string; rawPacket?: Buffer }

/** More than these a second, of all together, are a flood and go untold. */
const TOLD_PER_SECOND = 20
const CONNECT = 0x10
const protocolName = /MQTT|MQIsdp/
/** As Node answers where nobody listens for what it could not read. */
const answers: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Tells of boxes that take a port of HTTP for the broker's, beside what the server does anyway. */
export class WrongPorts {
  readonly #tell: (seen: WrongPort) => void
  #second = 0
  #told = 0

  constructor(tell: (seen: WrongPort) => void) {
    this.#tell = tell
  }

  watch(server: HttpServer | HttpsServer, listener: WrongPortListener): void {
    server.on('clientError', (error: ParseError, socket: Duplex) => {
      const { rawPacket } = error
      if (rawPacket?.[0] === CONNECT && protocolName.test(rawPacket.toString('latin1', 0, 16)))
        this.#seen(socket, listener, { firstBytes: 'mqtt', failure: null })
      if (mayAnswer(socket, error))
        socket.write(
          `HTTP/1.1 ${answers[error.code ?? ''] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`,
        )
      socket.destroy(error)
    })
    if (!(server instanceof HttpsServer)) return
    server.on('tlsClientError', (error: ParseError, socket: TLSSocket) => {
      // Neither TLS nor plain HTTP, which has a code of its own: what is left on such a port is MQTT, as a rule.
      if (error.code === 'ERR_SSL_WRONG_VERSION_NUMBER')
        this.#seen(socket, listener, { firstBytes: 'other', failure: 'plain' })
    })
  }

  #seen(
    socket: Duplex,
    listener: WrongPortListener,
    what: Pick<WrongPort['evidence'], 'firstBytes' | 'failure'>,
  ): void {
    const second = Math.floor(performance.now() / 1_000)
    if (second !== this.#second) this.#told = 0
    this.#second = second
    this.#told += 1
    if (this.#told > TOLD_PER_SECOND) return
    const { remoteAddress = '', localPort } = socket as { remoteAddress?: string; localPort?: number }
    const tls = socket instanceof TLSSocket ? socket : null
    // A host name asked for, RFC 6066 3; `false` where there was none.
    const serverName = tls && (tls as TLSSocket & { servername?: string | false }).servername
    const certificate = tls?.getPeerX509Certificate()
    this.#tell({
      address: remoteAddress.replace(/^::ffff:(?=\d+\.)/, ''),
      fingerprint: certificate?.fingerprint256.replaceAll(':', '').toLowerCase() ?? null,
      evidence: {
        listener,
        port: localPort ?? null,
        tls: tls?.getProtocol() ?? null,
        serverName: serverName || null,
        ...what,
      },
    })
  }
}

/** Not to what broke before HTTP began, nor in the middle of an answer. */
function mayAnswer(
  socket: Duplex & { _httpMessage?: { headersSent: boolean } },
  { code = '' }: ParseError,
): boolean {
  return socket.writable && /^(HPE|ERR_HTTP)_/.test(code) && socket._httpMessage?.headersSent !== true
}
