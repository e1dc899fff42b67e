/** The few MQTT 3.1.1 packets that load needs, as bytes. Sections of the OASIS standard are named beside them. */

export const PacketType = { connack: 2, publish: 3, puback: 4, suback: 9, pingresp: 13 } as const

/** 3.1; keepalive in seconds. */
export function encodeConnect(clientId: string, { clean = true, keepalive = 60 } = {}): Buffer {
  const id = Buffer.from(clientId)
  const body = Buffer.concat([
    Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, clean ? 2 : 0, keepalive >> 8, keepalive & 255]),
    Buffer.from([id.length >> 8, id.length & 255]),
    id,
  ])
  return frame(0x10, body)
}

/** 3.3, QoS 1. The packet id stands right before the payload. */
export function encodePublish(topic: string, packetId: number, payload: Buffer): Buffer {
  const name = Buffer.from(topic)
  return frame(
    0x32,
    Buffer.concat([
      Buffer.from([name.length >> 8, name.length & 255]),
      name,
      Buffer.from([packetId >> 8, packetId & 255]),
      payload,
    ]),
  )
}

/** 3.8, QoS 1. */
export function encodeSubscribe(packetId: number, topic: string): Buffer {
  const name = Buffer.from(topic)
  return frame(
    0x82,
    Buffer.concat([
      Buffer.from([packetId >> 8, packetId & 255, name.length >> 8, name.length & 255]),
      name,
      Buffer.from([1]),
    ]),
  )
}

/** 3.12. */
export const PINGREQ = Buffer.from([0xc0, 0])
/** 3.14. */
export const DISCONNECT = Buffer.from([0xe0, 0])

/** 2.2.3: the length takes seven bits a byte. */
function frame(header: number, body: Buffer): Buffer {
  const length: number[] = []
  let left = body.length
  do {
    const byte = left & 127
    left >>= 7
    length.push(left > 0 ? byte | 128 : byte)
  } while (left > 0)
  return Buffer.concat([Buffer.from([header, ...length]), body])
}

/** Called with the first byte, the packet's bytes, and where its body starts and ends in them. */
export type OnPacket = (header: number, bytes: Buffer, start: number, end: number) => void

/** Cuts a stream of bytes into packets. */
export class PacketReader {
  readonly #onPacket: OnPacket
  #rest: Buffer | null = null

  constructor(onPacket: OnPacket) {
    this.#onPacket = onPacket
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = null
    let at = 0
    while (at < bytes.length) {
      let position = at + 1
      let length = 0
      let shift = 0
      let more = true
      while (more && position < bytes.length) {
        const byte = bytes[position++] ?? 0
        length |= (byte & 127) << shift
        shift += 7
        more = byte > 127
      }
      if (more || position + length > bytes.length) break
      this.#onPacket(bytes[at] ?? 0, bytes, position, position + length)
      at = position + length
    }
    if (at < bytes.length) this.#rest = at === 0 ? bytes : bytes.subarray(at)
  }
}
