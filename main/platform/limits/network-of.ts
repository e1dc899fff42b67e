import { isIPv6 } from 'node:net'

/** An address in the one spelling that limits count by: IPv4 also where it came mapped into IPv6, no zone. */
export function plainAddress(address: string): string {
  const plain = address.replace(/%.*$/, '').toLowerCase()
  return plain.startsWith('::ffff:') && plain.includes('.') ? plain.slice('::ffff:'.length) : plain
}

/**
 * The addresses that one machine can take as it likes: of IPv6 the /64 (RFC 4291 2.5.4), for the rest the address
 * itself.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address)
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

export function isLoopback(address: string): boolean {
  const plain = plainAddress(address)
  return plain === '::1' || plain === 'local' || plain.startsWith('127.')
}
