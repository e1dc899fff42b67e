import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type Session, sessionOf } from '#broker/sessions/session.ts'
import { firstBytesOf } from './client-hello.ts'
import type { PacketBounds, Violation } from './packet-scanner.ts'

/** MQTT 3.1.1 3.3: bytes of the shortest PUBLISH, with a topic of one character and neither packet id nor payload. */
const SHORTEST_PUBLISH = 5

export interface GateWatch {
  violated(session: Session, violation: Violation): void
  /** Messages that the session may send at once now. */
  roomOf(session: Session): number
}

/**
 * Stands between a socket and aedes. A stream around the socket would cost time for each chunk and a second pair of
 * buffers for each connection; instead the socket's own `read`, which aedes calls for each chunk, is overridden. It checks
 * packet boundaries on the way, and holds back the chunk while readings wait for the disk, or the sender for its turn: TCP
 * then slows it.
 */
export class FrontGate {
  private readonly bounds: PacketBounds
  private readonly watch: GateWatch
  private readonly waiting = new Set<Session>()
  private holding = false

  constructor(bounds: PacketBounds, watch: GateWatch) {
    this.bounds = bounds
    this.watch = watch
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
    // It is read again when the time is over.
    if (session.held) return null
    const { socket } = session
    // `read(0)` is the stream's own, to have more fetched: what it was given would be lost.
    if (size !== 0 && session.parsing) {
      readSoon(session)
      return null
    }
    if (size === 0 || socket.readableLength === 0) return this.checked(session, readOf(socket, size))
    const room = this.watch.roomOf(session)
    const fits = session.scanner.pastConnect && socket.readableLength <= room * SHORTEST_PUBLISH
    return fits ? this.checked(session, readOf(socket, size)) : this.readPackets(session, room)
  }

  forget(session: Session): void {
    this.waiting.delete(session)
  }

  private checked(session: Session, chunk: Buffer | null): Buffer | null {
    const violation = chunk && session.scanner.scan(chunk, this.bounds)
    if (!violation) return chunk
    // Whoever sent no whole packet may speak another protocol altogether.
    const firstBytes = session.scanner.pastConnect ? undefined : firstBytesOf(chunk)
    this.watch.violated(session, { ...violation, ...(firstBytes && { firstBytes }) })
    return null
  }

  /**
   * What is in a chunk is taken as a whole. So that no chunk brings more than may come at once: CONNECT alone; then as many
   * messages as there is room for; without room one that wants an answer, for which its sender will have to wait, with
   * those before it that want none, for they are dropped.
   */
  private readPackets(session: Session, room: number): Buffer | null {
    const { scanner, socket } = session
    const isNew = !scanner.pastConnect
    const { published, owed } = scanner
    const pieces: Buffer[] = []
    while (socket.readableLength > 0) {
      const piece = this.checked(session, readOf(socket, Math.min(scanner.ahead, socket.readableLength)))
      // Nothing of what was read before a violation counts: the session was ended.
      if (piece === null) return null
      pieces.push(piece)
      if (!scanner.betweenPackets) continue
      if (isNew || (scanner.published - published >= room && scanner.owed > owed)) break
    }
    // There may be no whole packet in it, and nothing that makes aedes read on.
    if (socket.readableLength > 0) readSoon(session)
    return pieces.length === 1 ? (pieces[0] ?? null) : Buffer.concat(pieces)
  }
}

type GatedSocket = Duplex & { frontGate: FrontGate }

/** One function for all sockets: a closure for each would cost memory a connection. */
function gatedRead(this: Duplex, size?: number): Buffer | null {
  const session = sessionOf(this)
  return session ? (this as GatedSocket).frontGate.read(session, size) : null
}

function readOf(socket: Duplex, size: number | undefined): Buffer | null {
  const read = socket instanceof Socket ? Socket.prototype.read : Duplex.prototype.read
  return read.call(socket, size)
}

function readSoon(session: Session): void {
  if (session.rereading) return
  session.rereading = true
  setImmediate(() => {
    session.rereading = false
    if (!session.socket.destroyed) session.socket.emit('readable')
  })
}
