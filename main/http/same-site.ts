import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'

export interface SiteNames {
  addresses: string[]
  names: string[]
}

/**
 * The `Host` must be a name or address of this site, else a page elsewhere could reach it through a DNS name of
 * its own (rebinding). @throws ExpectedError `host_refused`
 */
export function checkHost(host: string | undefined, known: SiteNames): void {
  const name = hostOf(host ?? '')
  const isOurs = isIP(name) !== 0 ? known.addresses.includes(name) : known.names.includes(name)
  if (!isOurs) throw new ExpectedError('host_refused', { host: name || '(no host)' })
}

/**
 * A browser's write or WebSocket must come from our own page: same host and port. Programs send no `Origin`.
 * @throws ExpectedError `origin_refused`
 */
export function checkOrigin(request: { headers: FastifyRequest['raw']['headers'] }): void {
  const { origin, host } = request.headers
  if (origin === undefined) {
    // Browsers say where a request comes from even where they send no Origin.
    const site = request.headers['sec-fetch-site']
    if (site === undefined || site === 'same-origin' || site === 'none') return
    throw new ExpectedError('origin_refused', { origin: site })
  }
  const isSame = URL.canParse(origin) && new URL(origin).host === host
  if (!isSame) throw new ExpectedError('origin_refused', { origin: origin.slice(0, 100) })
}

/** `[::1]:8443` to `::1`, `Plant.local.:8443` to `plant.local`. */
function hostOf(host: string): string {
  const bracketed = /^\[([^\]]+)\](:\d+)?$/.exec(host)
  if (bracketed?.[1]) return bracketed[1].toLowerCase()
  return host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase()
}
