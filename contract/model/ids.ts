import * as z from 'zod'

/** UUIDv7 text. */
export const IdSchema = z.uuid()

/** Short readable name in addresses and on the command line: `park-utilities`. */
export const SlugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and dashes')

/** What a gateway is called in a tenant: in addresses, topics, file names and on labels. */
export const GATEWAY_CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/

/** Any common spelling of a MAC is taken; the canonical one is `aa:bb:cc:dd:ee:ff`. */
export function normalizeMac(text: string): string | null {
  const trimmed = text.trim()
  if (!/^([0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\2){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})$/i.test(trimmed))
    return null
  const digits = trimmed.replace(/[^0-9a-f]/gi, '').toLowerCase()
  // The group bit marks multicast and broadcast addresses, which no box has as its own (IEEE 802-2014 8.2.2).
  if (Number.parseInt(digits.slice(0, 2), 16) & 1 || digits === '000000000000') return null
  return (digits.match(/../g) ?? []).join(':')
}

/** The gateway's name on the wire: MAC without colons, or the id where there is no MAC. */
export function wireName(gateway: { id: string; mac: string | null }): string {
  return gateway.mac === null ? gateway.id : gateway.mac.replaceAll(':', '')
}

/** File name of a gateway's credentials: `<mac-with-dashes>_certs.zip`. */
export function credentialsFileName(gateway: { id: string; mac: string | null }): string {
  return `${gateway.mac === null ? gateway.id : gateway.mac.replaceAll(':', '-')}_certs.zip`
}
