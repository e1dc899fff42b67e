/**
 * Improv Wi-Fi over serial, version 1: `IMPROV`, version, type, length, data, checksum, LF.
 * https://www.improv-wifi.com/serial/
 */
const HEADER = Buffer.from('IMPROV', 'latin1')
const VERSION = 1
/** Header, version, type, length. */
const DATA_AT = HEADER.length + 3

export const improvTypes = { state: 0x01, error: 0x02, command: 0x03, result: 0x04 } as const
export const improvStates = { ready: 0x02, provisioning: 0x03, provisioned: 0x04 } as const
export const improvCommands = { sendWifi: 0x01, requestState: 0x02, deviceInfo: 0x03, scan: 0x04 } as const

/** Error states as words of ours; 0 takes an error back. */
export const improvErrors: Readonly<Record<number, string>> = {
  0x01: 'it did not understand the packet',
  0x02: 'it does not know the command',
  0x03: 'it cannot connect to the Wi-Fi network: check name and password, and that the network is 2.4 GHz',
  0x04: 'it wants its button pressed first',
}

export interface ImprovPacket {
  type: number
  data: Uint8Array
}

export function improvPacket(type: number, data: Uint8Array): Uint8Array {
  const packet = Buffer.concat([HEADER, Buffer.from([VERSION, type, data.length]), data])
  return Buffer.concat([packet, Buffer.from([checksum(packet), 0x0a])])
}

/** A command with its arguments, each with its length before it. @throws RangeError where they are too long */
export function improvCommand(command: number, ...values: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(values.flatMap((value) => [Buffer.from([value.length]), value]))
  if (body.length > 253) throw new RangeError('An Improv command holds 253 bytes at most')
  return improvPacket(improvTypes.command, Buffer.concat([Buffer.from([command, body.length]), body]))
}

/** The command that a result answers, and its texts; undefined where it is malformed. */
export function readImprovResult(data: Uint8Array): { command: number; texts: string[] } | undefined {
  const [command, length] = data
  if (command === undefined || length === undefined || data.length < 2 + length) return undefined
  const texts: string[] = []
  const end = 2 + length
  for (let at = 2; at < end; ) {
    const size = data[at] ?? 0
    if (at + 1 + size > end) return undefined
    texts.push(Buffer.from(data.subarray(at + 1, at + 1 + size)).toString('utf8'))
    at += 1 + size
  }
  return { command, texts }
}

/** Finds packets in all that a board says; log lines may be between them, never within. */
export class ImprovReader {
  #kept: Uint8Array = new Uint8Array()

  /** The packets that end in these bytes. Those with a wrong checksum or version are passed over. */
  push(bytes: Uint8Array): ImprovPacket[] {
    let rest: Buffer = Buffer.concat([this.#kept, bytes])
    const packets: ImprovPacket[] = []
    for (;;) {
      const start = rest.indexOf(HEADER)
      if (start < 0) {
        // Its first letters may be there already.
        this.#kept = Uint8Array.from(rest.subarray(Math.max(0, rest.length - HEADER.length + 1)))
        return packets
      }
      rest = rest.subarray(start)
      const end = DATA_AT + (rest[DATA_AT - 1] ?? 255)
      const isVersion = (rest[HEADER.length] ?? VERSION) === VERSION
      if (isVersion && rest.length < end + 1) {
        this.#kept = Uint8Array.from(rest)
        return packets
      }
      const packet = rest.subarray(0, end)
      if (isVersion && rest[end] === checksum(packet)) {
        packets.push({
          type: packet[HEADER.length + 1] ?? 0,
          data: Uint8Array.from(packet.subarray(DATA_AT)),
        })
        rest = rest.subarray(end + 1)
      } else rest = rest.subarray(HEADER.length)
    }
  }
}

/** The sum of all bytes before it, one byte of it. */
function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0)
}
