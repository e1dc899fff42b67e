import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { BrokerLimits } from '#broker/port.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import { HelloBook } from './hello-book.ts'

interface Source {
  connections: number
  /** Token bucket of new connections. */
  tokens: number
  refilledAt: number
}

interface Knock {
  address: string
  /** On the clock of idle time. */
  deadline: number
  /** On the clock. */
  lastDeadline: number
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

/** From this share of a turn on the broker counts as busy. */
const BUSY = 0.9
/** A busy broker waits longer, but not for ever: times `connectTimeout`. */
const PATIENCE = 6
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
  /** What connections began with. */
  readonly hellos = new HelloBook()
  private readonly bounds: Bounds
  private readonly listener: AdmissionListener
  private readonly now: () => number
  private readonly busy: () => boolean
  /** Time in which the broker was not busy, ms: a storm that keeps it busy must not time out those that wait for it. */
  private idle = 0
  private sweptAt = 0
  private readonly sources = new Map<string, Source>()
  /** By raw socket, oldest first. */
  private readonly halfOpen = new Map<Socket, Knock>()
  /** Of every admitted socket, also after it closed: TLS reports its failures late. */
  private readonly knocks = new WeakMap<Socket, Knock>()
  private timer: NodeJS.Timeout | null = null

  /**
   * @param now a clock that never jumps, ms
   * @param busy whether the broker was busy since it was last asked
   */
  constructor(
    bounds: Bounds,
    listener: AdmissionListener,
    now = performance.now.bind(performance),
    busy = busySince(),
  ) {
    this.bounds = bounds
    this.listener = listener
    this.now = now
    this.busy = busy
  }

  start(): void {
    this.sweptAt = this.now()
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
    const { connectTimeout } = this.bounds
    const deadline = this.idle + connectTimeout
    const lastDeadline = this.now() + connectTimeout * PATIENCE
    const knock = { address, deadline, lastDeadline, secured: false, ended: false }
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
    if (!this.busy()) this.idle += now - this.sweptAt
    this.sweptAt = now
    for (const [socket, knock] of this.halfOpen) {
      const { address, deadline, lastDeadline, secured } = knock
      if (deadline > this.idle && lastDeadline > now) return
      knock.ended = true
      this.halfOpen.delete(socket)
      socket.destroy()
      const missing = secured ? 'CONNECT did not arrive' : 'the TLS handshake did not end'
      this.listener.refused('connect_timeout', address, `${missing} within ${this.bounds.connectTimeout} ms`)
    }
  }
}

/** Tells whether the event loop was busy since it was last asked. */
function busySince(): () => boolean {
  let before = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization > BUSY
  }
}

/** Remote address; IPv4 as such, also where it came over an IPv6 socket. */
export function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
}
