import { hash, type KeyObject, type X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Session } from '#broker/sessions/session.ts'
import type { FirstBytes, RefusalEvidence, ShownCertificate, TlsFailure } from '#contract/model/refusal.ts'
import { helloOf } from './hello-book.ts'
import { rawSocket } from './raw-socket.ts'

const TEXT_MAX = 120
const nothingSeen: RefusalEvidence = {
  listener: null,
  port: null,
  failure: null,
  firstBytes: null,
  serverName: null,
  tls: null,
  cipher: null,
  clock: null,
  certificate: null,
}

/** What a handshake that failed has left. */
export function failedEvidence(
  raw: Socket,
  failure: TlsFailure,
  at: { listener: RefusalEvidence['listener']; port: number },
): RefusalEvidence {
  return { ...nothingSeen, ...fromHello(raw), ...at, failure }
}

/** What is known of a finished handshake. */
export function securedEvidence(socket: TLSSocket, listener: RefusalEvidence['listener']): RefusalEvidence {
  const raw = rawSocket(socket)
  return { ...nothingSeen, ...fromHello(raw), listener, ...fromTls(socket) }
}

/** The same of a session; a WebSocket's certificate is not looked at. */
export function sessionEvidence(
  { raw, socket, tls, listener }: Session,
  seen: { failure?: TlsFailure; firstBytes?: FirstBytes } = {},
): RefusalEvidence {
  return {
    ...nothingSeen,
    ...fromHello(raw),
    listener: listener === 'plain' ? null : listener,
    ...(socket instanceof TLSSocket && fromTls(socket)),
    tls,
    ...seen,
  }
}

/** As a stranger's certificate may be shown: bounded, and without what steers a screen. */
export function shownCertificate(certificate: X509Certificate): ShownCertificate {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    serial: oneLine(certificate.serialNumber.toLowerCase()),
    notBefore: timeOf(certificate.validFromDate),
    notAfter: timeOf(certificate.validToDate),
    key: keyName(certificate),
    fingerprint: hash('sha256', certificate.raw, 'hex'),
  }
}

function fromHello(raw: Socket): Partial<RefusalEvidence> {
  const hello = helloOf(raw)
  if (!hello) return { port: raw.localPort ?? null }
  const { port, firstBytes, tls, clock, serverName } = hello
  return {
    port,
    firstBytes,
    tls,
    serverName: serverName === null ? null : oneLine(serverName),
    clock: clock === null ? null : clock * 1_000,
  }
}

function fromTls(socket: TLSSocket): Partial<RefusalEvidence> {
  // Null once the connection is closed; the types do not say so.
  const cipher = socket.getCipher() as { standardName?: string } | undefined
  const certificate = socket.getPeerX509Certificate()
  return {
    ...(socket.encrypted && socket.getProtocol() !== null && { tls: socket.getProtocol() }),
    cipher: cipher?.standardName ?? null,
    certificate: certificate ? shownCertificate(certificate) : null,
  }
}

function keyName(certificate: X509Certificate): string {
  let key: KeyObject
  try {
    key = certificate.publicKey
  } catch {
    return 'unknown'
  }
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'ec':
      return `EC ${namedCurve === 'prime256v1' ? 'P-256' : namedCurve === 'secp384r1' ? 'P-384' : namedCurve}`
    case 'rsa':
      return `RSA ${modulusLength}`
    default:
      return oneLine(key.asymmetricKeyType ?? 'unknown')
  }
}

/** A date that is none, of a broken certificate, is the beginning of time. */
function timeOf(date: Date): number {
  const time = date.getTime()
  return Number.isFinite(time) ? time : 0
}

function oneLine(text: string): string {
  const line = text.replace(/\n/g, ', ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '·')
  return (line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX)}…` : line).toWellFormed()
}
