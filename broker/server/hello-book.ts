import type { Socket } from 'node:net'
import { type Hello, readHello } from './client-hello.ts'

/** Addresses whose clock is followed. */
const ADDRESSES_MAX = 2_000
/** Two clocks that ran equally far between two connections are no chance, s: 1 in 10^9. */
const CLOCK_JITTER = 3
/** A box that just started counts from 1970. */
const JUST_STARTED = 3_600

interface Seen extends Hello {
  /** Of this site, that the connection came to. */
  port: number | null
}

/** Of open connections; a refusal may come much later than the hello. */
const hellos = new WeakMap<Socket, Seen>()

/** What was seen first on a connection; nothing before its first bytes. */
export function helloOf(socket: Socket): Seen | undefined {
  return hellos.get(socket)
}

/**
 * What was seen first on each open connection. Of the field that old TLS fills with the client's clock and new TLS with
 * random bits, it tells which it is: by a second connection from the same address, whose clock went on as ours did.
 */
export class HelloBook {
  /** By address, oldest first: what the field held when. */
  private readonly clocks = new Map<string, { clock: number; at: number }>()
  private readonly now: () => number

  /** @param now ms since 1970 */
  constructor(now: () => number = Date.now) {
    this.now = now
  }

  note(socket: Socket, address: string, bytes: Buffer): void {
    const hello = readHello(bytes)
    const { clock } = hello
    if (clock !== null) hello.clock = this.isClock(address, clock) ? clock : null
    hellos.set(socket, { ...hello, port: socket.localPort ?? null })
  }

  private isClock(address: string, clock: number): boolean {
    const at = this.now() / 1_000
    const before = this.clocks.get(address)
    this.clocks.delete(address)
    this.clocks.set(address, { clock, at })
    if (this.clocks.size > ADDRESSES_MAX) {
      const oldest = this.clocks.keys().next()
      if (!oldest.done) this.clocks.delete(oldest.value)
    }
    if (clock < JUST_STARTED) return true
    return before !== undefined && Math.abs(clock - before.clock - (at - before.at)) < CLOCK_JITTER
  }
}
