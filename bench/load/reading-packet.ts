import { encodePublish } from './mqtt-packets.ts'

/** 60 bytes. The channel's name makes it so. */
const PAYLOAD = '{"ts":0000000000000,"values":{"boiler1/temperature":000.00}}'
const TS_END = PAYLOAD.indexOf(',')
const VALUE_END = PAYLOAD.length - 2

/** One PUBLISH with one reading, made once and then written over: only time and value change. */
export class ReadingPacket {
  readonly bytes: Buffer
  readonly #payloadAt: number

  constructor(topic: string, packetId: number) {
    this.bytes = encodePublish(topic, packetId, Buffer.from(PAYLOAD))
    this.#payloadAt = this.bytes.length - PAYLOAD.length
  }

  /** @param ts ms since 1970, 13 digits @param hundredths of the value, 100.00 to 999.99 */
  write(ts: number, hundredths: number): Buffer {
    this.#digits(TS_END, ts)
    this.#digits(VALUE_END - 3, Math.floor(hundredths / 100))
    const cents = hundredths % 100
    this.bytes[this.#payloadAt + VALUE_END - 2] = 48 + Math.floor(cents / 10)
    this.bytes[this.#payloadAt + VALUE_END - 1] = 48 + (cents % 10)
    return this.bytes
  }

  /** Writes a whole number so that its last digit stands right before `end`. */
  #digits(end: number, value: number): void {
    let left = value
    for (let at = this.#payloadAt + end - 1; left >= 1; at -= 1) {
      this.bytes[at] = 48 + (left % 10)
      left = Math.floor(left / 10)
    }
  }
}
