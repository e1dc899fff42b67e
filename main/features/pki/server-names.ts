import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { ExpectedError } from '#contract/errors.ts'

/**
 * The names and addresses that a server certificate of this site carries: what was asked for, the `.local` name
 * (mDNS) of each single-label host, and the loopback, under which people at the machine itself connect.
 * Unspecified addresses (0.0.0.0, ::) name nobody and are left out: expand them to the machine's own before.
 *
 * @returns lower case, each once, host names before addresses
 * @throws ExpectedError `address_invalid`
 */
export function serverNames(asked: string[]): string[] {
  const names = new Set<string>()
  for (const name of asked.map(normalName)) {
    if (name === '0.0.0.0' || name === '::') continue
    names.add(name)
    if (isIP(name) === 0 && !name.includes('.') && name !== 'localhost') names.add(`${name}.local`)
  }
  for (const name of ['localhost', '127.0.0.1', '::1']) names.add(name)
  return [...names].sort((a, b) => Math.sign(isIP(a)) - Math.sign(isIP(b)))
}

/** The names in a certificate, as `X509Certificate.subjectAltName` lists them, in the same form. */
export function namesInCertificate(subjectAltName: string | undefined): string[] {
  return (subjectAltName ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith('DNS:') || entry.startsWith('IP Address:'))
    .map((entry) => normalName(entry.replace(/^(DNS|IP Address):/, '')))
}

/** 4 or 16 octets of an address. */
export function addressOctets(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.'), Number)
  const [head = '', tail] = normalName(address).split('::')
  const words = (text: string | undefined) =>
    text ? text.split(':').map((word) => Number.parseInt(word, 16)) : []
  const [front, back] = [words(head), words(tail)]
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 0xff]))
}

function normalName(name: string): string {
  const text = name.trim().toLowerCase()
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  if (isIP(bare) === 4) return bare
  // The URL parser writes an IPv6 address in the one form of RFC 5952.
  if (isIP(bare) === 6) return new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const host = domainToASCII(text.replace(/\.$/, ''))
  // RFC 1123 2.1: letters, digits, inner hyphens; and the underscore that Windows lets machine names have.
  // A last label of digits would be read as an address.
  const label = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?'
  if (host.length > 253 || !new RegExp(`^${label}(\\.${label})*$`).test(host) || /(^|\.)\d+$/.test(host)) {
    throw new ExpectedError('address_invalid', { address: name.slice(0, 100) })
  }
  return host
}
