import { BlockList, isIP } from 'node:net'

/**
 * `public`: out in the internet. `inside`: this machine or the networks around it. `never`: nothing that a site has
 * business with, such as the address where clouds hand out credentials.
 */
export type AddressClass = 'public' | 'inside' | 'never'

// IANA special-purpose registries (RFC 6890), multicast, and where clouds answer their guests.
const never = blockList([
  ['0.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.169.254', 32],
  ['169.254.170.2', 32],
  ['100.100.100.200', 32],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
  ['ff00::', 8],
])
const inside = blockList([
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
])

/** Where an IP address (v4 or v6, zone and brackets taken off) leads. What is no address leads nowhere: `never`. */
export function classOfAddress(text: string): AddressClass {
  const address = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(address)
  if (family === 0) return 'never'
  if (family === 6) {
    const embedded = embeddedIpv4(address)
    if (embedded !== null) return classOfAddress(embedded)
  }
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (never.check(address, type)) return 'never'
  return inside.check(address, type) ? 'inside' : 'public'
}

/**
 * The IPv4 address that an IPv6 one is only another way to write or to reach: mapped and compatible (RFC 4291 2.5.5),
 * NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056).
 */
function embeddedIpv4(address: string): string | null {
  const words = wordsOf(address)
  const [first = 0, second = 0, third = 0] = words
  const leading = words.slice(0, 6)
  const isZero = (part: number[]) => part.every((word) => word === 0)
  const mapped = isZero(leading.slice(0, 5)) && leading[5] === 0xffff
  const compatible = isZero(leading) && (words[6] ?? 0) !== 0
  const nat64 = first === 0x64 && second === 0xff9b && (third === 1 || isZero(leading.slice(2)))
  if (mapped || compatible || nat64) return dotted(words[6], words[7])
  return first === 0x2002 ? dotted(second, third) : null
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight words of a valid IPv6 address. */
function wordsOf(address: string): number[] {
  // The URL parser writes the last 32 bits in hexadecimal, however they were written.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [left = '', right] = plain.split('::')
  const read = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)))
  const head = read(left)
  const tail = right === undefined ? [] : read(right)
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail]
}

function blockList(subnets: [string, number][]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, isIP(net) === 4 ? 'ipv4' : 'ipv6')
  return list
}
