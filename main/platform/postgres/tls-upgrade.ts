import type { Socket } from 'node:net'
import net from 'node:net'
import { rootCertificates, type TLSSocket, connect as tlsConnect } from 'node:tls'
import { ExpectedError } from '#contract/errors.ts'
import { type CloudFailureContext, cloudFailure } from './cloud-failure.ts'

/** SSLRequest: Int32 length 8, Int32 80877103 (Postgres 55.7, Message Formats). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

export interface TlsUpgradeOptions {
  context: CloudFailureContext
  caCertificate: string | null
  signal: AbortSignal
}

/**
 * TLS over a socket to Postgres, checked as `sslmode=verify-full` does: the certificate's chain, its time, and that
 * it is for this very host. Nothing is sent to a server without it.
 * @throws ExpectedError `cloud_not_postgres`, `cloud_tls_refused`, `cloud_certificate_…`, `cloud_unreachable`
 */
export async function upgradeToTls(socket: Socket, options: TlsUpgradeOptions): Promise<TLSSocket> {
  const { context, signal } = options
  const giveUp = () => socket.destroy(signal.reason as Error)
  signal.addEventListener('abort', giveUp)
  try {
    signal.throwIfAborted()
    requireTls(await answerToRequest(socket), context)
    return await handshake(socket, options)
  } catch (error) {
    socket.on('error', () => undefined)
    socket.destroy()
    signal.throwIfAborted()
    throw cloudFailure(error, context)
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** What the server says to the request for TLS, as it came; empty: it closed the connection. */
function answerToRequest(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off('data', answered)
      socket.off('close', closed)
      socket.off('error', failed)
    }
    const answered = (answer: Buffer) => {
      settle()
      // Whatever comes next is for TLS.
      socket.pause()
      resolve(answer)
    }
    const closed = () => answered(Buffer.alloc(0))
    const failed = (error: Error) => {
      settle()
      reject(error)
    }
    socket.on('data', answered)
    socket.on('close', closed)
    socket.on('error', failed)
    socket.write(SSL_REQUEST)
  })
}

function requireTls(answer: Buffer, { host, port }: CloudFailureContext): void {
  // More than the one byte would be read as if it had come through TLS (CVE-2021-23222).
  if (answer.length === 1 && answer[0] === 0x53) return
  if (answer.length === 1 && answer[0] === 0x4e) throw new ExpectedError('cloud_tls_refused', { host })
  if (answer.length === 0)
    throw new ExpectedError('cloud_unreachable', { host, port, cause: 'it closed the connection' })
  throw new ExpectedError('cloud_not_postgres', { host, port })
}

function handshake(socket: Socket, { context, caCertificate }: TlsUpgradeOptions): Promise<TLSSocket> {
  const { host } = context
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      // An address is compared with the certificate too, but never sent as a name (RFC 6066 3).
      host,
      ...(net.isIP(host) === 0 && { servername: host }),
      ca: caCertificate ?? [...rootCertificates],
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
    })
    const settle = () => {
      secure.off('error', failed)
      secure.off('close', closed)
      secure.off('secureConnect', ready)
    }
    const failed = (error: Error) => {
      settle()
      secure.on('error', () => undefined)
      secure.destroy()
      reject(error)
    }
    const closed = () => failed(new Error('it closed the connection while TLS was set up'))
    const ready = () => {
      settle()
      resolve(secure)
    }
    secure.on('error', failed)
    secure.on('close', closed)
    secure.on('secureConnect', ready)
  })
}
