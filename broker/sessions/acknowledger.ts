import type { Session } from './session.ts'

/** Writes PUBACKs: those of one session that become due together go out in one piece, which is one TLS record. */
export class Acknowledger {
  private readonly due: Session[] = []

  /** The message is on disk. Nothing is written before `flush`. */
  acknowledge(session: Session, packetId: number): void {
    if (session.acknowledging.push(packetId) === 1) this.due.push(session)
  }

  flush(): void {
    for (const session of this.due) write(session)
    this.due.length = 0
  }
}

function write({ socket, client, acknowledging }: Session): void {
  if (socket.writable) {
    const packets = Buffer.allocUnsafe(acknowledging.length * 4)
    let at = 0
    for (const packetId of acknowledging) {
      // MQTT 3.1.1 3.4: type 4, remaining length 2, packet identifier
      at = packets.writeUInt16BE(0x4002, at)
      at = packets.writeUInt16BE(packetId, at)
    }
    // A gateway that does not take its acknowledgements is disconnected after `drainTimeout`.
    if (!socket.write(packets)) client?.waitForDrain(ignore)
  }
  acknowledging.length = 0
}

function ignore(): void {}
