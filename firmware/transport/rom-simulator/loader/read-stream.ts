import { createHash } from 'node:crypto'
import type { FlashArray } from '../flash-array.ts'

interface Wish {
  flash: FlashArray
  offset: number
  size: number
  /** Bytes of a packet. */
  block: number
  /** Bytes that may be on their way without acknowledgement. */
  inFlight: number
}

/** READ_FLASH of the stub: packets, each acknowledged with the count of bytes so far; at the end their MD5. */
export class ReadStream {
  readonly #wish: Wish
  #acknowledged = 0
  #wake: (() => void) | null = null
  #isBroken = false
  #isStopped = false

  constructor(wish: Wish) {
    this.#wish = wish
  }

  async run(send: (bytes: Uint8Array) => void): Promise<void> {
    const { flash, offset, size, block, inFlight } = this.#wish
    const hash = createHash('md5')
    let sent = 0
    while (this.#acknowledged < size && this.#acknowledged <= sent && !this.#isBroken && !this.#isStopped) {
      while (sent < size && sent - this.#acknowledged < inFlight) {
        const bytes = flash.read(offset + sent, Math.min(block, size - sent))
        hash.update(bytes)
        sent += bytes.length
        send(bytes)
      }
      await this.#nextAcknowledgement()
    }
    if (!this.#isStopped) send(hash.digest())
  }

  /** The host says how many bytes it has; anything else ends the transfer. */
  acknowledge(packet: Uint8Array): void {
    if (packet.length === 4)
      this.#acknowledged = new DataView(packet.buffer, packet.byteOffset, 4).getUint32(0, true)
    else this.#isBroken = true
    this.#wake?.()
  }

  stop(): void {
    this.#isStopped = true
    this.#wake?.()
  }

  #nextAcknowledgement(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null
        resolve()
      }
    })
  }
}
