import type { FlashHost } from '../boot/flash-host.ts'
import { addressOf } from './air.ts'
import type { Wifi } from './gateway-settings.ts'

/*
 * Improv Wi-Fi over serial, version 1: `IMPROV`, version, type, length, data, checksum (the sum of all before it), and a
 * line end.
 */
const MARK = [0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56, 1] as const
const type = { state: 1, error: 2, command: 3, result: 4 } as const
const state = { authorized: 2, provisioning: 3, provisioned: 4 } as const
const problem = { none: 0, invalidCommand: 1, unknownCommand: 2, unableToConnect: 3 } as const
const command = { wifi: 1, state: 2, device: 3, scan: 4 } as const

/** The end of the device. */
export class ImprovConsole {
  readonly #host: FlashHost
  readonly #version: string
  readonly #join: (wifi: Wifi) => Promise<boolean>
  #state: number = state.authorized
  #bytes: number[] = []

  constructor(host: FlashHost, version: string, join: (wifi: Wifi) => Promise<boolean>) {
    this.#host = host
    this.#version = version
    this.#join = join
  }

  start(): void {
    this.#send(type.state, [this.#state])
  }

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#bytes.push(byte)
      const at = this.#bytes.length - 1
      // Whatever does not go on as a packet is none of ours; it may begin one anew.
      if (at < MARK.length && byte !== MARK[at]) this.#bytes = byte === MARK[0] ? [byte] : []
      const length = this.#bytes[8]
      if (length === undefined || this.#bytes.length < length + 10) continue
      const packet = this.#bytes
      this.#bytes = []
      void this.#receive(packet)
    }
  }

  async #receive(packet: number[]): Promise<void> {
    const checksum = packet.slice(0, -1).reduce((sum, byte) => (sum + byte) & 0xff, 0)
    if (checksum !== packet.at(-1) || packet[7] !== type.command) return this.#fail(problem.invalidCommand)
    const [asked, length = 0, ...data] = packet.slice(9, -1)
    if (length !== data.length) return this.#fail(problem.invalidCommand)
    switch (asked) {
      case command.state:
        this.#send(type.state, [this.#state])
        if (this.#state === state.provisioned) this.#answer(command.state, [this.#url()])
        return
      case command.device:
        return this.#answer(command.device, [
          'Millwright gateway',
          this.#version,
          this.#host.board.chip,
          this.#host.board.mac,
        ])
      case command.scan:
        this.#answer(command.scan, ['PLANT-IOT', '-52', 'YES'])
        this.#answer(command.scan, ['OFFICE', '-71', 'YES'])
        return this.#answer(command.scan, [])
      case command.wifi:
        return this.#provision(data)
      default:
        return this.#fail(problem.unknownCommand)
    }
  }

  async #provision(data: number[]): Promise<void> {
    const [ssid, psk] = texts(data)
    if (ssid === undefined || psk === undefined) return this.#fail(problem.invalidCommand)
    this.#send(type.error, [problem.none])
    this.#change(state.provisioning)
    const joined = await this.#join({ ssid, psk })
    if (!joined) {
      this.#change(state.authorized)
      return this.#fail(problem.unableToConnect)
    }
    this.#change(state.provisioned)
    this.#answer(command.wifi, [this.#url()])
  }

  #url(): string {
    return `http://${addressOf(this.#host.board.mac)}`
  }

  #change(next: number): void {
    this.#state = next
    this.#send(type.state, [next])
  }

  #fail(why: number): void {
    this.#send(type.error, [why])
  }

  #answer(asked: number, fields: string[]): void {
    const data = fields.flatMap((field) => {
      const bytes = [...Buffer.from(field)]
      return [bytes.length, ...bytes]
    })
    this.#send(type.result, [asked, data.length, ...data])
  }

  #send(kind: number, data: number[]): void {
    const packet = [...MARK, kind, data.length, ...data]
    const checksum = packet.reduce((sum, byte) => (sum + byte) & 0xff, 0)
    this.#host.send(Uint8Array.from([...packet, checksum, 0x0a]))
  }
}

/** Fields with their length before them. */
function texts(data: number[]): string[] {
  const found: string[] = []
  for (let at = 0; at < data.length; ) {
    const length = data[at] ?? 0
    found.push(Buffer.from(data.slice(at + 1, at + 1 + length)).toString('utf8'))
    at += 1 + length
  }
  return found
}
