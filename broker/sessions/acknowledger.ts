import type { Session } from './session.ts'

/** A PUBACK that a session is owed. */
export interface OwedAck {
  packetId: number
  /** The message is on disk, or recorded as refused. */
  ready: boolean
}

/**
 * Writes PUBACKs in the order of their PUBLISHes [MQTT-4.6.0-2], whichever message was done first. Those that become due
 * together go out in one piece, which is one TLS record.
 */
export class Acknowledger {
  private readonly due = new Set<Session>()

  expect(session: Session, packetId: number): OwedAck {
    const owed = { packetId, ready: false }
    session.owed.push(owed)
    return owed
  }

  /** Nothing is written before `flush`. */
  ready(session: Session, owed: OwedAck): void {
    owed.ready = true
    this.due.add(session)
  }

  flush(): void {
    for (const session of this.due) write(session)
    this.due.clear()
  }
}

function write({ socket, client, owed }: Session): void {
  const waiting = owed.findIndex(({ ready }) => !ready)
  const due = owed.splice(0, waiting === -1 ? owed.length : waiting)
  if (due.length === 0 || !socket.writable) return
  const packets = Buffer.allocUnsafe(due.length * 4)
  let at = 0
  for (const { packetId } of due) {
    // MQTT 3.1.1 3.4: type 4, remaining length 2, packet identifier
    at = packets.writeUInt16BE(0x4002, at)
    at = packets.writeUInt16BE(packetId, at)
  }
  // A gateway that does not take its acknowledgements is disconnected after `drainTimeout`.
  if (!socket.write(packets)) client?.waitForDrain(ignore)
}

function ignore(): void {}
