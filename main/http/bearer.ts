import type { IncomingHttpHeaders } from 'node:http'
import type { Actor, SessionCarrier } from '#features/access/index.ts'

/** Who shows an API key or an access token from an address. */
export type ResolveBearer = (secret: string, address: string) => Promise<Actor>

/**
 * The API key or access token of a request: `Authorization: Bearer …` (RFC 6750 2.1), or `X-API-Key`. Null where it
 * shows none: another scheme, such as a proxy's own, is not ours.
 */
export function bearerOf(headers: IncomingHttpHeaders): string | null {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const key = headers['x-api-key']
  return typeof key === 'string' && key !== '' ? key : null
}

/**
 * A program's session. A cookie beside it does not count: nothing that a browser sends by itself opens anything then,
 * so no other site's page can send it either.
 */
export function bearerSession(secret: string, address: string, resolve: ResolveBearer): SessionCarrier {
  return {
    token: () => null,
    resolve: () => resolve(secret, address),
    set: () => undefined,
    clear: () => undefined,
  }
}
