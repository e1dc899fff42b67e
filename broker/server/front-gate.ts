import { Socket } from 'node:net'
import { type Session, sessionOf } from '#broker/sessions/session.ts'
import type { PacketBounds, Violation } from './packet-scanner.ts'

/**
 * Stands between a socket and aedes. A stream around the socket would cost time for each chunk and a second pair of
 * buffers for each connection; instead the socket's own `read`, which aedes calls for each chunk, is overridden. It checks
 * packet boundaries on the way, and holds back the chunk while readings wait for the disk: TCP then slows the sender.
 */
export class FrontGate {
  private readonly bounds: PacketBounds
  private readonly onViolation: (session: Session, violation: Violation) => void
  private readonly waiting = new Set<Session>()
  private holding = false

  constructor(bounds: PacketBounds, onViolation: (session: Session, violation: Violation) => void) {
    this.bounds = bounds
    this.onViolation = onViolation
  }

  install(session: Session): void {
    const socket = session.socket as GatedSocket
    socket.frontGate = this
    socket.read = gatedRead
  }

  /** From here on nothing is read from gateways that are online; CONNECTs still are. */
  hold(): void {
    this.holding = true
  }

  release(): void {
    this.holding = false
    const sessions = [...this.waiting]
    this.waiting.clear()
    for (const { socket } of sessions) if (!socket.destroyed) socket.emit('readable')
  }

  read(session: Session, size: number | undefined): Buffer | null {
    // Until CONNECT is answered: aedes would work on a PUBLISH in the next chunk before it knows who sent it.
    // It reads again by itself after CONNACK.
    if (session.scanner.pastConnect && !session.ready) return null
    if (this.holding && session.online) {
      this.waiting.add(session)
      return null
    }
    const chunk: Buffer | null = Socket.prototype.read.call(session.socket, size)
    if (chunk === null) return null
    const violation = session.scanner.scan(chunk, this.bounds)
    if (violation === null) return chunk
    this.onViolation(session, violation)
    return null
  }

  forget(session: Session): void {
    this.waiting.delete(session)
  }
}

type GatedSocket = Socket & { frontGate: FrontGate }

/** One function for all sockets: a closure for each would cost memory a connection. */
function gatedRead(this: Socket, size?: number): Buffer | null {
  const session = sessionOf(this)
  return session ? (this as GatedSocket).frontGate.read(session, size) : null
}
