import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { LatencyHistogram } from '#simulator/latency-histogram.ts'
import type { LoadGateway, LoadTarget } from './load-protocol.ts'
import {
  DISCONNECT,
  encodeConnect,
  encodePublish,
  PacketReader,
  PacketType,
  PINGREQ,
} from './mqtt-packets.ts'

/** Unacknowledged messages of a gateway. */
export const IN_FLIGHT = 20
const KEEPALIVE = 120
/** `{"ts":1771322400000,"values":{"boiler1/temperature":123.45}}`: 60 bytes. */
const PAYLOAD = '{"ts":0000000000000,"values":{"boiler1/temperature":000.00}}'
const TS_AT = PAYLOAD.indexOf('0')
const VALUE_AT = PAYLOAD.lastIndexOf('000.00')

/**
 * A gateway that costs next to nothing, so that the load beside the engine does not become what is measured: each
 * of its in-flight messages has its own packet in memory, of which only time and value are written anew. A packet is
 * free again when it is acknowledged, for then the bytes have left.
 */
export class LeanGateway {
  readonly #gateway: LoadGateway
  readonly #target: LoadTarget
  readonly #context: SecureContext
  readonly #packets: Buffer[]
  readonly #payloadAt: number
  readonly #scheduled = new Float64Array(IN_FLIGHT)
  readonly #free: number[] = []
  #socket: TLSSocket | null = null
  #session: Buffer | undefined
  #value = 0
  /** Acknowledged since the last reset. */
  acknowledged = 0
  latencies: LatencyHistogram | null = null
  onFree: () => void = () => {}
  onLost: (cause: string) => void = () => {}

  constructor(gateway: LoadGateway, target: LoadTarget) {
    this.#gateway = gateway
    this.#target = target
    this.#context = createSecureContext({ cert: gateway.certificate, key: gateway.privateKey, ca: target.ca })
    this.#packets = Array.from({ length: IN_FLIGHT }, (_, slot) =>
      encodePublish(gateway.topic, slot + 1, Buffer.from(PAYLOAD)),
    )
    this.#payloadAt = (this.#packets[0]?.length ?? 0) - PAYLOAD.length
  }

  /** Resolves at CONNACK. `resume` uses the TLS session of the connection before. */
  connect({ resume = false } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const { host, port } = this.#target
      const socket = connect({
        host,
        port,
        secureContext: this.#context,
        checkServerIdentity: () => undefined,
        ...(resume && this.#session !== undefined ? { session: this.#session } : {}),
      })
      this.#socket = socket
      socket.setNoDelay(true)
      let accepted = false
      const reader = new PacketReader((header, bytes, start) => {
        switch (header >> 4) {
          case PacketType.puback:
            return this.#onAcknowledged((bytes[start] ?? 0) * 256 + (bytes[start + 1] ?? 0) - 1)
          case PacketType.connack:
            accepted = bytes[start + 1] === 0
            if (!accepted) return reject(new Error(`CONNACK ${bytes[start + 1]}`))
            for (let slot = 0; slot < IN_FLIGHT; slot += 1) this.#free[slot] = slot
            return resolve()
        }
      })
      socket.on('data', (chunk) => reader.push(chunk))
      socket.on('session', (session) => {
        this.#session = session
      })
      socket.on('error', (error) => (accepted ? undefined : reject(error)))
      socket.on('close', () => {
        if (!accepted) reject(new Error('closed before CONNACK'))
        if (this.#socket !== socket) return
        this.#socket = null
        this.#free.length = 0
        this.onLost(`${this.#gateway.clientId} lost its connection`)
      })
      socket.write(encodeConnect(this.#gateway.clientId, { keepalive: KEEPALIVE }))
    })
  }

  /** Whether one more may be in flight. */
  get hasRoom(): boolean {
    return this.#free.length > 0
  }

  get inFlight(): number {
    return this.#socket === null ? 0 : IN_FLIGHT - this.#free.length
  }

  /** Sends one reading. @param scheduled `performance.now()` at which it should have been sent @param ts ms since 1970 */
  send(scheduled: number, ts: number): void {
    const slot = this.#free.pop()
    const packet = this.#packets[slot ?? 0]
    if (slot === undefined || packet === undefined || this.#socket === null) return
    this.#scheduled[slot] = scheduled
    writeDigits(packet, this.#payloadAt + TS_AT + 13, ts)
    this.#value = (this.#value + 7) % 90_000
    const value = 10_000 + this.#value
    writeDigits(packet, this.#payloadAt + VALUE_AT + 3, Math.floor(value / 100))
    packet[this.#payloadAt + VALUE_AT + 4] = 48 + (Math.floor(value / 10) % 10)
    packet[this.#payloadAt + VALUE_AT + 5] = 48 + (value % 10)
    this.#socket.write(packet)
  }

  ping(): void {
    this.#socket?.write(PINGREQ)
  }

  /** The cable is pulled: no DISCONNECT. */
  cut(): Promise<void> {
    return this.#end((socket) => socket.destroy())
  }

  close(): Promise<void> {
    return this.#end((socket) => socket.end(DISCONNECT))
  }

  #end(how: (socket: TLSSocket) => void): Promise<void> {
    const socket = this.#socket
    if (socket === null) return Promise.resolve()
    this.#socket = null
    this.#free.length = 0
    return new Promise((resolve) => {
      socket.once('close', () => resolve())
      how(socket)
    })
  }

  #onAcknowledged(slot: number): void {
    this.#free.push(slot)
    this.acknowledged += 1
    this.latencies?.record(performance.now() - (this.#scheduled[slot] ?? 0))
    this.onFree()
  }
}

/** Writes a whole number so that its last digit stands right before `end`. Its width is that of the place. */
function writeDigits(bytes: Buffer, end: number, value: number): void {
  let left = value
  for (let at = end - 1; left >= 1; at -= 1) {
    bytes[at] = 48 + (left % 10)
    left = Math.floor(left / 10)
  }
}
