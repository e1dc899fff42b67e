import { isIP } from 'node:net'
import { derTrue, objectIdentifier, octetString, sequence, tagged, taggedPrimitive } from './der.ts'
import { extensionValue, readElements } from './der-reader.ts'
import { addressOctets } from './server-names.ts'

/** What a constrained CA may sign for. Everything else of these two types is refused by every verifier. */
export interface PermittedNames {
  /** A domain stands for itself and all below it. RFC 5280 4.2.1.10 */
  dns: string[]
  /** Network and prefix length, `10.0.0.0/8`. */
  ranges: string[]
}

/** Names that no public certificate authority gives to anyone, and the loopback. */
const privateDomains = ['local', 'internal', 'localhost']

const privateRanges = [
  '10.0.0.0/8', // RFC 1918
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16', // RFC 3927, link-local
  '127.0.0.0/8',
  '::1/128',
  'fc00::/7', // RFC 4193, unique local
  'fe80::/10',
]

/** Private names and addresses, and of the site's own those that lie outside them. */
export function permittedFor(names: string[]): PermittedNames {
  const base: PermittedNames = { dns: [...privateDomains], ranges: [...privateRanges] }
  const outside = names.filter((name) => !isPermitted(name, base))
  return {
    dns: [...base.dns, ...outside.filter((name) => isIP(name) === 0)],
    ranges: [
      ...base.ranges,
      ...outside.filter((name) => isIP(name) !== 0).map((ip) => `${ip}/${addressOctets(ip).length * 8}`),
    ],
  }
}

/** Whether a host name or an address may stand in a certificate of a CA with these constraints. */
export function isPermitted(name: string, permitted: PermittedNames): boolean {
  if (isIP(name) === 0) return permitted.dns.some((domain) => name === domain || name.endsWith(`.${domain}`))
  const octets = addressOctets(name)
  return permitted.ranges.some((range) => {
    const { network, mask } = rangeOctets(range)
    return (
      network.length === octets.length &&
      octets.every((octet, at) => (octet & (mask[at] ?? 0)) === network[at])
    )
  })
}

const nameConstraints = objectIdentifier('2.5.29.30')
const dnsNameTag = 2
const ipAddressTag = 7

/** The whole extension, critical as RFC 5280 4.2.1.10 demands. */
export function encodeNameConstraints(permitted: PermittedNames): Uint8Array {
  const subtrees = [
    ...permitted.dns.map((domain) => sequence(taggedPrimitive(dnsNameTag, Buffer.from(domain, 'latin1')))),
    ...permitted.ranges
      .map(rangeOctets)
      .map(({ network, mask }) => sequence(taggedPrimitive(ipAddressTag, Buffer.concat([network, mask])))),
  ]
  return sequence(nameConstraints, derTrue, octetString(sequence(tagged(0, ...subtrees))))
}

/** The constraints in a CA certificate of this site; null where it has none. */
export function readNameConstraints(certificate: Uint8Array): PermittedNames | null {
  const value = extensionValue(certificate, nameConstraints)
  const permitted: PermittedNames = { dns: [], ranges: [] }
  if (!value) return null
  const [constraints] = readElements(value)
  const [subtrees] = readElements(constraints?.content ?? new Uint8Array())
  for (const subtree of readElements(subtrees?.content ?? new Uint8Array())) {
    const [name] = readElements(subtree.content)
    if (name?.tag === (0x80 | dnsNameTag)) permitted.dns.push(Buffer.from(name.content).toString('latin1'))
    if (name?.tag === (0x80 | ipAddressTag)) permitted.ranges.push(rangeText(name.content))
  }
  return permitted
}

function rangeOctets(range: string): { network: Uint8Array; mask: Uint8Array } {
  const [ip = '', prefix = ''] = range.split('/')
  const network = addressOctets(ip)
  const mask = network.map((_, at) => {
    const bits = Math.min(8, Math.max(0, Number(prefix) - at * 8))
    return (0xff << (8 - bits)) & 0xff
  })
  return { network, mask }
}

function rangeText(octets: Uint8Array): string {
  const half = octets.length / 2
  const bits = octets
    .subarray(half)
    .reduce((sum, octet) => sum + octet.toString(2).replaceAll('0', '').length, 0)
  const network = octets.subarray(0, half)
  const hex = Buffer.from(network).toString('hex')
  const ip =
    half === 4
      ? network.join('.')
      : new URL(`http://[${hex.match(/.{4}/g)?.join(':')}]`).hostname.slice(1, -1)
  return `${ip}/${bits}`
}
