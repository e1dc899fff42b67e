/**
 * A small DER writer (ITU-T X.690) for what is worth writing by hand: CRLs of many entries and the extensions
 * that the certificate library does not know.
 */

/** One element: tag, length, contents. */
export function tlv(tag: number, ...contents: Uint8Array[]): Buffer {
  const size = contents.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(size)]), ...contents])
}

export const sequence = (...contents: Uint8Array[]) => tlv(0x30, ...contents)
export const octetString = (...contents: Uint8Array[]) => tlv(0x04, ...contents)
/** Whole octets only: no unused bits. */
export const bitString = (content: Uint8Array) => tlv(0x03, Uint8Array.of(0), content)
/** `[number]` constructed. */
export const tagged = (number: number, ...contents: Uint8Array[]) => tlv(0xa0 | number, ...contents)
/** `[number] IMPLICIT` over a primitive type. */
export const taggedPrimitive = (number: number, content: Uint8Array) => tlv(0x80 | number, content)
export const derTrue = Buffer.from([0x01, 0x01, 0xff])

/** A non-negative INTEGER from big-endian octets or a small number. */
export function integer(value: Uint8Array | number): Buffer {
  const octets = typeof value === 'number' ? octetsOf(value) : value
  return tlv(0x02, unsigned(octets))
}

/** OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const octets: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 0x7f]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80)
    octets.push(...groups)
  }
  return tlv(0x06, Uint8Array.from(octets))
}

/**
 * A Time: UTCTime through 2049, GeneralizedTime from 2050 on, whole seconds, always Z.
 * RFC 5280 4.1.2.5
 */
export function time(ms: number): Buffer {
  const digits = new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(/\.000Z$|[-:T]/g, '')
  const utc = new Date(ms).getUTCFullYear() < 2050
  return tlv(utc ? 0x17 : 0x18, Buffer.from(`${utc ? digits.slice(2) : digits}Z`, 'latin1'))
}

/** The length octets of X.690 8.1.3, shortest form as DER wants it. */
export function lengthOctets(size: number): number[] {
  if (size < 0x80) return [size]
  const octets = [...octetsOf(size)]
  return [0x80 | octets.length, ...octets]
}

/** Minimal two's complement of a non-negative number. X.690 8.3 */
export function unsigned(octets: Uint8Array): Uint8Array {
  let start = 0
  while (start < octets.length - 1 && octets[start] === 0) start++
  const minimal = octets.subarray(start)
  return (minimal[0] ?? 0) > 0x7f ? Buffer.concat([Uint8Array.of(0), minimal]) : minimal
}

function octetsOf(value: number): Uint8Array {
  const octets: number[] = []
  for (let left = value; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256)
  return Uint8Array.from(octets.length > 0 ? octets : [0])
}
