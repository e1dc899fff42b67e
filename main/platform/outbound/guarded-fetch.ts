import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { rootCertificates } from 'node:tls'
import { ExpectedError } from '#contract/errors.ts'
import { type Destination, listedDestination } from './destination.ts'
import { pinnedAddresses, type ResolvedAddress, type ResolveHost, systemResolver } from './pinned-address.ts'

export interface OutboundOptions {
  /** What may be called; nothing else is. */
  destinations: readonly Destination[]
  /** PEM of a CA to trust beside the public ones, for an issuer inside the plant. */
  caCertificate?: string | null | undefined
  /** The whole exchange, ms. */
  timeout?: number | undefined
  /** Of the answer's body. */
  mostBytes?: number | undefined
  /** How names become addresses; tests have names of their own. */
  resolve?: ResolveHost | undefined
}

export interface OutboundRequest {
  method?: string | undefined
  headers?: Record<string, string> | undefined
  body?: unknown
  signal?: AbortSignal | undefined
}

const TIMEOUT = 10_000
const MOST_BYTES = 512 * 1024
/** Answers that have no body, which `Response` insists on. */
const BODYLESS = new Set([204, 205, 304])

/**
 * A `fetch` for calls out of the site: to listed destinations only, at the address that was looked at, without
 * following redirects, in bounded time and size (security.md, outbound calls). Nothing is kept between calls.
 *
 * It fails with ExpectedError `outbound_address_invalid`, `outbound_not_listed`, `outbound_inside_network`,
 * `outbound_address_refused`, or `outbound_failed` with the cause in words.
 */
export function createGuardedFetch(options: OutboundOptions) {
  return async (url: string, request: OutboundRequest = {}): Promise<Response> => {
    const destination = listedDestination(url, options.destinations)
    const deadline = AbortSignal.timeout(options.timeout ?? TIMEOUT)
    const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline
    try {
      const addresses = await unlessAborted(
        pinnedAddresses(destination, options.resolve ?? systemResolver),
        signal,
      )
      const answer = await firstThatConnects(addresses, (address) =>
        exchange(new URL(url), { ...request, signal }, address, options),
      )
      return await toResponse(answer, options.mostBytes ?? MOST_BYTES)
    } catch (error) {
      if (error instanceof ExpectedError) throw error
      throw failure(new URL(url).host, error, signal)
    }
  }
}

/** The next address is tried only where the one before took no connection, so that nothing is sent twice. */
async function firstThatConnects(
  addresses: ResolvedAddress[],
  call: (address: ResolvedAddress) => Promise<IncomingMessage>,
): Promise<IncomingMessage> {
  let last: unknown
  for (const address of addresses.slice(0, 4)) {
    try {
      return await call(address)
    } catch (error) {
      const { syscall } = (error ?? {}) as { syscall?: unknown }
      if (syscall !== 'connect') throw error
      last = error
    }
  }
  throw last
}

function exchange(
  url: URL,
  { method = 'GET', headers = {}, body, signal }: OutboundRequest,
  { address, family }: ResolvedAddress,
  { caCertificate }: OutboundOptions,
): Promise<IncomingMessage> {
  const content = bodyOf(body)
  const options: RequestOptions & https.RequestOptions = {
    method,
    // A compressed answer could be any size once it is unpacked.
    headers: {
      ...headers,
      'accept-encoding': 'identity',
      ...(content && { 'content-length': content.length }),
    },
    agent: false,
    signal,
    family,
    // The address that was looked at, whatever a name server would say now.
    lookup: (_hostname, asked, found) => {
      const all = (asked as { all?: boolean }).all === true
      if (all) (found as (error: null, all: ResolvedAddress[]) => void)(null, [{ address, family }])
      else found(null, address, family)
    },
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(caCertificate && { ca: [...rootCertificates, caCertificate] }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, options)
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(content ?? undefined)
  })
}

function bodyOf(body: unknown): Buffer | null {
  if (body === undefined || body === null) return null
  if (typeof body === 'string' || body instanceof URLSearchParams) return Buffer.from(String(body))
  if (body instanceof Uint8Array) return Buffer.from(body)
  throw new TypeError('The body of a call out of the site is text or bytes')
}

async function toResponse(answer: IncomingMessage, most: number): Promise<Response> {
  const { statusCode: status = 0, headers } = answer
  const refuse = (cause: string): never => {
    answer.destroy()
    throw new Error(cause)
  }
  if (status >= 300 && status < 400 && status !== 304)
    refuse(`it redirects (${status}), and redirects are not followed`)
  if (status < 200 || status > 599) refuse(`it answers with status ${status}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    refuse('it compresses its answer though it was told not to')
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > most) refuse(`its answer is larger than ${most} bytes`)
    chunks.push(bytes)
  }
  const plain = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
  return new Response(BODYLESS.has(status) ? null : Buffer.concat(chunks), { status, headers: plain })
}

/** A name server's answer cannot be called off, but need not be waited for. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function failure(host: string, error: unknown, signal: AbortSignal): ExpectedError {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const cause = signal.aborted
    ? 'it does not answer in time'
    : [typeof code === 'string' ? code : '', String(message ?? error)]
        .filter((part) => part !== '')
        .join(': ')
  return new ExpectedError('outbound_failed', { host, cause: cause.slice(0, 200) }, { cause: error })
}
