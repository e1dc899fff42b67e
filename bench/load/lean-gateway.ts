import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { LatencyHistogram } from '#simulator/latency-histogram.ts'
import type { LoadGateway, LoadTarget } from './load-protocol.ts'
import { DISCONNECT, encodeConnect, PacketReader, PacketType, PINGREQ } from './mqtt-packets.ts'
import { ReadingPacket } from './reading-packet.ts'

/** Unacknowledged messages of a gateway. */
export const IN_FLIGHT = 20
const KEEPALIVE = 120

/**
 * A gateway that costs next to nothing, so that the load beside the engine does not become what is measured: each
 * of its in-flight messages has its own packet in memory, of which only time and value are written anew. A packet is
 * free again when it is acknowledged, for then the bytes have left.
 */
export class LeanGateway {
  readonly #gateway: LoadGateway
  readonly #target: LoadTarget
  readonly #context: SecureContext
  readonly #packets: ReadingPacket[]
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
    this.#packets = Array.from({ length: IN_FLIGHT }, (_, slot) => new ReadingPacket(gateway.topic, slot + 1))
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
    this.#value = (this.#value + 7) % 90_000
    this.#socket.write(packet.write(ts, 10_000 + this.#value))
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
