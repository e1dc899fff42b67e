import type { FirstBytes } from '#contract/model/refusal.ts'

/** What the scanner may let through. */
export interface PacketBounds {
  /** Whole packet, bytes. */
  packetBytes: number
  /** SUBSCRIBE and UNSUBSCRIBE, bytes: aedes works through their lists in one go. */
  subscribeBytes: number
}

export interface Violation {
  reason: 'not_mqtt' | 'packet_too_large'
  detail: string
  /** What the first bytes were, where they were no MQTT. */
  firstBytes?: FirstBytes
}

const CONNECT = 1
const PUBLISH = 3
/** MQTT 3.1.1 3.3.1: both QoS bits of a PUBLISH. */
const QOS = 0b0110
const SUBSCRIBE = 8
const UNSUBSCRIBE = 10
/** MQTT 3.1.1 2.2.1: what a client may send, one bit a type: 1, 3 to 8, 10, 12, 14. */
const CLIENT_TYPES = 0b0101_0101_1111_1010

/**
 * Follows the packet boundaries of one connection without looking into the packets, so that an oversize packet ends the
 * connection before any of it is buffered. It holds a few numbers and costs nanoseconds a packet.
 */
export class PacketScanner {
  /** Bytes of the current packet still to come. */
  private rest = 0
  /** Type of the packet whose length is being read; 0 between packets. */
  private type = 0
  private length = 0
  private shift = 0
  /** The first packet, CONNECT, has begun; it is complete. */
  private connected = false
  pastConnect = false
  /** PUBLISH packets that are complete, and those of them that want an answer. */
  published = 0
  owed = 0
  /** First byte of the current packet. */
  private header = 0

  /** @returns the first thing that is not allowed; the connection must then end */
  scan(chunk: Uint8Array, bounds: PacketBounds): Violation | null {
    let at = 0
    while (at < chunk.length) {
      if (this.rest > 0) {
        const step = Math.min(this.rest, chunk.length - at)
        this.rest -= step
        at += step
        if (this.rest === 0) this.complete()
        continue
      }
      const byte = chunk[at] ?? 0
      at += 1
      const violation = this.type === 0 ? this.begin(byte) : this.measure(byte, bounds)
      if (violation) return violation
    }
    return null
  }

  /** Bytes that the current packet, or the next one, has still to come at the least. */
  get ahead(): number {
    if (this.rest > 0) return this.rest
    // MQTT 3.1.1 2.2: no packet is shorter than its type and one byte of length.
    return this.type === 0 ? 2 : 1
  }

  get betweenPackets(): boolean {
    return this.rest === 0 && this.type === 0
  }

  private begin(header: number): Violation | null {
    const type = header >> 4
    if (!this.connected && type !== CONNECT) {
      // [MQTT-3.1.0-1]
      return { reason: 'not_mqtt', detail: `the first packet is of type ${type}, not CONNECT` }
    }
    if (((CLIENT_TYPES >> type) & 1) === 0) {
      return { reason: 'not_mqtt', detail: `a client does not send packets of type ${type}` }
    }
    this.connected = true
    this.type = type
    this.header = header
    this.length = 0
    this.shift = 0
    return null
  }

  /** MQTT 3.1.1 2.2.3: Remaining Length, seven bits a byte, at most four bytes. */
  private measure(byte: number, { packetBytes, subscribeBytes }: PacketBounds): Violation | null {
    this.length += (byte & 0x7f) << this.shift
    this.shift += 7
    const lists = this.type === SUBSCRIBE || this.type === UNSUBSCRIBE
    const most = lists ? Math.min(subscribeBytes, packetBytes) : packetBytes
    const whole = this.length + 1 + this.shift / 7
    if (whole > most)
      return { reason: 'packet_too_large', detail: `a packet of ${whole} bytes or more, of ${most} allowed` }
    if (byte & 0x80) {
      return this.shift < 28
        ? null
        : { reason: 'not_mqtt', detail: 'the Remaining Length has more than four bytes' }
    }
    this.rest = this.length
    this.type = 0
    if (this.rest === 0) this.complete()
    return null
  }

  private complete(): void {
    this.pastConnect = true
    if (this.header >> 4 !== PUBLISH) return
    this.published += 1
    if (this.header & QOS) this.owed += 1
  }
}
