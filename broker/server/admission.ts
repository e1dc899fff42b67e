import type { Socket } from 'node:net'
import type { BrokerLimits } from '#broker/port.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'

interface Source {
  connections: number
  /** Token bucket of new connections. */
  tokens: number
  refilledAt: number
}

interface Knock {
  address: string
  deadline: number
  secured: boolean
  /** We ended it, and recorded why. */
  ended: boolean
}

type Bounds = Pick<
  BrokerLimits,
  | 'connections'
  | 'connectionsPerAddress'
  | 'halfOpenConnections'
  | 'connectionRatePerAddress'
  | 'connectTimeout'
>

export interface AdmissionListener {
  refused(reason: RefusalReason, address: string, detail: string): void
}

/** Seconds of the sustained rate that may come at once. */
const BURST = 4
const SWEEP = 250
const ADDRESSES_REMEMBERED = 10_000

/**
 * Bounds connections before TLS spends anything on them: in all, by address, by address and second, and those that
 * have not sent CONNECT yet, which must do so in time (handshake included).
 */
export class Admission {
  connections = 0
  private readonly bounds: Bounds
  private readonly listener: AdmissionListener
  private readonly now: () => number
  private readonly sources = new Map<string, Source>()
  /** By raw socket, oldest first. */
  private readonly halfOpen = new Map<Socket, Knock>()
  /** Of every admitted socket, also after it closed: TLS reports its failures late. */
  private readonly knocks = new WeakMap<Socket, Knock>()
  private timer: NodeJS.Timeout | null = null

  /** @param now a clock that never jumps, ms */
  constructor(bounds: Bounds, listener: AdmissionListener, now: () => number) {
    this.bounds = bounds
    this.listener = listener
    this.now = now
  }

  start(): void {
    this.timer = setInterval(() => this.sweep(), Math.min(SWEEP, this.bounds.connectTimeout)).unref()
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer)
    this.timer = null
    for (const [socket, knock] of this.halfOpen) {
      knock.ended = true
      socket.destroy()
    }
  }

  get halfOpenConnections(): number {
    return this.halfOpen.size
  }

  /** Counts a new connection in, or ends it. */
  admit(socket: Socket): boolean {
    const address = addressOf(socket)
    const source = this.sourceOf(address)
    const excess = this.excess(source)
    if (excess) {
      socket.destroy()
      this.listener.refused('too_many_connections', address, excess)
      return false
    }
    source.tokens -= 1
    source.connections += 1
    this.connections += 1
    const deadline = this.now() + this.bounds.connectTimeout
    const knock = { address, deadline, secured: false, ended: false }
    this.halfOpen.set(socket, knock)
    this.knocks.set(socket, knock)
    socket.once('close', () => {
      source.connections -= 1
      this.connections -= 1
      this.halfOpen.delete(socket)
    })
    return true
  }

  /** The TLS handshake is done; CONNECT is still to come. */
  secured(socket: Socket): void {
    const knock = this.halfOpen.get(socket)
    if (knock) knock.secured = true
  }

  /** CONNECT came. */
  connected(socket: Socket): void {
    this.halfOpen.delete(socket)
  }

  /** Where an admitted connection came from. */
  originOf(socket: Socket): string | null {
    return this.knocks.get(socket)?.address ?? null
  }

  wasEnded(socket: Socket): boolean {
    return this.knocks.get(socket)?.ended ?? false
  }

  private excess(source: Source): string | null {
    const { connections, connectionsPerAddress, halfOpenConnections, connectionRatePerAddress } = this.bounds
    if (this.connections >= connections) return `${connections} connections in all`
    if (source.connections >= connectionsPerAddress)
      return `${connectionsPerAddress} connections from one address`
    if (this.halfOpen.size >= halfOpenConnections) return `${halfOpenConnections} connections before CONNECT`
    if (source.tokens < 1) return `${connectionRatePerAddress} new connections a second from one address`
    return null
  }

  private sourceOf(address: string): Source {
    const now = this.now()
    const rate = this.bounds.connectionRatePerAddress
    let source = this.sources.get(address)
    if (!source) {
      if (this.sources.size >= ADDRESSES_REMEMBERED) this.forgetIdle()
      source = { connections: 0, tokens: rate * BURST, refilledAt: now }
      this.sources.set(address, source)
    }
    source.tokens = Math.min(rate * BURST, source.tokens + ((now - source.refilledAt) / 1_000) * rate)
    source.refilledAt = now
    return source
  }

  private forgetIdle(): void {
    for (const [address, { connections }] of this.sources) if (connections === 0) this.sources.delete(address)
  }

  private sweep(): void {
    const now = this.now()
    for (const [socket, knock] of this.halfOpen) {
      const { address, deadline, secured } = knock
      if (deadline > now) return
      knock.ended = true
      this.halfOpen.delete(socket)
      socket.destroy()
      const missing = secured ? 'CONNECT did not arrive' : 'the TLS handshake did not end'
      this.listener.refused('connect_timeout', address, `${missing} within ${this.bounds.connectTimeout} ms`)
    }
  }
}

/** Remote address; IPv4 as such, also where it came over an IPv6 socket. */
export function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
}
