import { type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { connect, type TLSSocket } from 'node:tls'
import { CliError } from '../cli-error.ts'
import { unreachable } from '../site/site-error.ts'

/** ms. */
const PATIENCE = 30_000

/**
 * The web CA of a site whose certificate shows this SHA-256: trust for a site that nothing here knows yet, by the
 * fingerprint that its console and its settings show. Nothing is sent before the certificate is compared.
 * @param fingerprint hex, with or without colons
 * @throws CliError `usage`, `certificate_mismatch`; ExpectedError `site_unreachable`
 */
export async function fetchPinnedCa(origin: URL, fingerprint: string): Promise<string> {
  const wanted = fingerprint.replace(/[\s:]/g, '').toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(wanted))
    throw new CliError('usage', 'A fingerprint is a SHA-256: 64 hexadecimal digits, with or without colons')
  const socket = await openTls(origin)
  try {
    const shown = socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase()
    if (shown !== wanted)
      throw new CliError(
        'certificate_mismatch',
        `${origin.origin} shows another certificate than you expect, ${shown}: nothing was sent`,
        { url: origin.origin, shown },
      )
    return await get(socket, origin, '/pki/web-ca.crt')
  } finally {
    socket.destroy()
  }
}

function openTls(origin: URL): Promise<TLSSocket> {
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    // No CA is known yet: the fingerprint takes its place.
    const socket = connect({ host, port: Number(origin.port || 443), rejectUnauthorized: false }, () =>
      resolve(socket),
    )
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error('no answer in time')))
    socket.on('error', (error) => reject(unreachable({ url: origin.origin }, error)))
  })
}

async function get(socket: TLSSocket, origin: URL, path: string): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      { path, headers: { host: origin.host }, createConnection: () => socket },
      resolve,
    )
    outgoing.on('error', (error) => reject(unreachable({ url: origin.origin }, error)))
    outgoing.end()
  })
  const body = (await buffer(answer)).toString()
  if (answer.statusCode !== 200 || !body.includes('-----BEGIN CERTIFICATE-----'))
    throw new CliError('site_failed', `${origin.origin} gave no CA: it answered ${answer.statusCode}`)
  return body
}
