import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { connectLocal } from '#platform/local-socket/connect-local.ts'

/** Where requests go, whatever host their URL names. */
export type Target =
  | { kind: 'socket'; path: string; tokenFile?: string | null }
  | { kind: 'tls'; origin: URL; ca: string | undefined }
  | { kind: 'plain'; origin: URL }

/** No byte for this long means that the site hangs, in ms: an RSA key on a slow plant PC takes seconds. */
const SILENCE_LIMIT = 60_000
const BODYLESS = new Set([204, 205, 304])

/**
 * A `fetch` over node:http, for what the global one cannot do without another package: a Unix socket or pipe, and
 * trusting one CA. Redirects are not followed.
 */
export function createNodeFetch(target: Target): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url)
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
    const headers: Record<string, string> = Object.fromEntries(request.headers)
    if (body !== undefined) headers['content-length'] = String(body.byteLength)
    const options: RequestOptions & { ca?: string } = {
      method: request.method,
      path: url.pathname + url.search,
      headers,
      signal: request.signal,
      agent: false,
    }
    if (target.kind === 'socket') {
      const socket = await connectLocal(target)
      headers['host'] = 'localhost'
      options.agent = undefined
      options.createConnection = () => socket
    }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = open(target, options)
      outgoing.once('response', resolve)
      outgoing.once('error', reject)
      outgoing.setTimeout(SILENCE_LIMIT, () => {
        outgoing.destroy(new Error(`no answer for ${SILENCE_LIMIT / 1_000} s`))
      })
      outgoing.end(body)
    })
    return toResponse(response)
  }
}

function open(target: Target, options: RequestOptions & { ca?: string }) {
  switch (target.kind) {
    case 'socket':
      return httpRequest(options)
    case 'tls': {
      const { origin, ca } = target
      return httpsRequest({ ...options, ...address(origin, '443'), ...(ca === undefined ? {} : { ca }) })
    }
    case 'plain':
      return httpRequest({ ...options, ...address(target.origin, '80') })
  }
}

function address(origin: URL, defaultPort: string): { host: string; port: string } {
  return { host: origin.hostname.replace(/^\[|\]$/g, ''), port: origin.port || defaultPort }
}

function toResponse(message: IncomingMessage): Response {
  const status = message.statusCode ?? 500
  const headers = new Headers()
  for (const [name, value] of Object.entries(message.headers)) {
    for (const entry of Array.isArray(value) ? value : [value ?? '']) headers.append(name, entry)
  }
  if (BODYLESS.has(status)) {
    message.resume()
    return new Response(null, { status, headers })
  }
  return new Response(Readable.toWeb(message) as ReadableStream<Uint8Array>, { status, headers })
}
