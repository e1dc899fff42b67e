import type { FirstBytes } from '#contract/model/refusal.ts'

/** What the first bytes of a connection say of who calls; nothing of it is proven. */
export interface Hello {
  firstBytes: FirstBytes
  /** The newest version offered, as `TLSv1.2`. */
  tls: string | null
  serverName: string | null
  /** Seconds since 1970 of its own clock, if its TLS library sends them. */
  clock: number | null
}

const HANDSHAKE = 0x16
const CLIENT_HELLO = 1
/** RFC 8446 4.2 */
const SERVER_NAME = 0
const SUPPORTED_VERSIONS = 43
const NAME_MAX = 255
const httpMethod = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) /
/** MQTT 3.1.1 3.1.2.1 and 3.1: after the fixed header, the length and the name of the protocol. */
const mqttName = /MQTT|MQIsdp/

const versions: Readonly<Record<number, string>> = {
  0x0300: 'SSLv3',
  0x0301: 'TLSv1',
  0x0302: 'TLSv1.1',
  0x0303: 'TLSv1.2',
  0x0304: 'TLSv1.3',
}

/** What these first bytes are, whatever was sent. */
export function firstBytesOf(bytes: Buffer): FirstBytes {
  if (bytes[0] === HANDSHAKE && bytes[1] === 3) return 'tls'
  const start = bytes.toString('latin1', 0, 16)
  // A CONNECT packet begins with 0x10.
  if (bytes[0] === 0x10 && mqttName.test(start)) return 'mqtt'
  return httpMethod.test(start) ? 'http' : 'other'
}

/**
 * Reads a ClientHello as far as it is there. RFC 8446 4.1.2
 *
 * @param bytes the first bytes of a connection; untrusted, and cut anywhere
 */
export function readHello(bytes: Buffer): Hello {
  const hello: Hello = { firstBytes: firstBytesOf(bytes), tls: null, serverName: null, clock: null }
  if (hello.firstBytes !== 'tls') return hello
  try {
    readInto(hello, new Cursor(bytes))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return hello
}

function readInto(hello: Hello, at: Cursor): void {
  at.skip(5)
  if (at.number(1) !== CLIENT_HELLO) return
  at.skip(3)
  hello.tls = versionName(at.number(2))
  // RFC 5246 7.4.1.2: gmt_unix_time, then 28 random bytes. RFC 8446 has 32 random ones.
  hello.clock = at.number(4)
  at.skip(28)
  at.skip(at.number(1))
  at.skip(at.number(2))
  at.skip(at.number(1))
  const end = at.number(2) + at.position
  while (at.position < end) {
    const type = at.number(2)
    const extension = new Cursor(at.take(at.number(2)))
    if (type === SERVER_NAME) hello.serverName = nameIn(extension)
    if (type === SUPPORTED_VERSIONS) hello.tls = newestIn(extension) ?? hello.tls
  }
}

/** RFC 6066 3: a list whose entries are a type, 0 for a host name, and the name. */
function nameIn(at: Cursor): string | null {
  at.skip(2)
  if (at.number(1) !== 0) return null
  return at.take(at.number(2)).toString('latin1', 0, NAME_MAX)
}

function newestIn(at: Cursor): string | null {
  let newest = 0
  for (let left = at.number(1); left >= 2; left -= 2) {
    const version = at.number(2)
    // Others are grease, RFC 8701.
    if (versions[version] !== undefined && version > newest) newest = version
  }
  return versionName(newest)
}

function versionName(version: number): string | null {
  return versions[version] ?? null
}

/** Reads forward; what is not there throws a RangeError. */
class Cursor {
  position = 0
  private readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  number(octets: number): number {
    const value = this.bytes.readUIntBE(this.position, octets)
    this.position += octets
    return value
  }

  take(octets: number): Buffer {
    const start = this.position
    this.skip(octets)
    return this.bytes.subarray(start, this.position)
  }

  skip(octets: number): void {
    if (this.position + octets > this.bytes.length) throw new RangeError('the hello is cut')
    this.position += octets
  }
}
