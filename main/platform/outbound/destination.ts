import { ExpectedError } from '#contract/errors.ts'

/** An origin that a site administrator listed: `https://id.plant.example:8443`. */
export interface Destination {
  origin: string
  /** They said that it is inside the plant's network, so that private addresses may be called. */
  insideNetwork: boolean
}

/**
 * Reads an origin: HTTPS, and plain HTTP for this very machine only. A URL with more than an origin is cut to it.
 * @throws ExpectedError `outbound_address_invalid`
 */
export function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isThisMachine(url.hostname))
  if (url === null || !isSafe || url.username !== '' || url.password !== '')
    throw new ExpectedError('outbound_address_invalid', { address: text.slice(0, 200) })
  return url.origin
}

/**
 * The destination that a URL goes to.
 * @throws ExpectedError `outbound_address_invalid`, `outbound_not_listed`
 */
export function listedDestination(url: string, destinations: readonly Destination[]): Destination {
  const origin = originOf(url)
  const found = destinations.find((destination) => destination.origin === origin)
  if (found === undefined) throw new ExpectedError('outbound_not_listed', { origin })
  return found
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
