import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ImprovClient } from './improv-client.ts'
import { type ImprovPacket, ImprovReader, improvPacket } from './improv-packets.ts'

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
const result = (command: number, ...values: string[]): Uint8Array => {
  const body = Buffer.concat(values.map(text))
  return improvPacket(4, Buffer.concat([Buffer.from([command, body.length]), body]))
}
const state = (value: number): Uint8Array => improvPacket(1, Uint8Array.of(value))
const error = (value: number): Uint8Array => improvPacket(2, Uint8Array.of(value))
const log = Buffer.from('I (99) wifi: IMPROVing the signal\r\n')

/** A board with Improv on the other end. */
class Board {
  readonly commands: ImprovPacket[] = []
  answer: (command: number, packet: ImprovPacket) => Uint8Array[] = () => []
  readonly client = new ImprovClient('/dev/ttyACM0', async (bytes) => {
    for (const packet of this.#reader.push(bytes)) {
      this.commands.push(packet)
      const bytesOut = Buffer.concat([log, ...this.answer(packet.data[0] ?? 0, packet)])
      // In pieces, as a line brings them.
      for (let at = 0; at < bytesOut.length; at += 5) {
        setTimeout(() => this.client.hear(bytesOut.subarray(at, at + 5)), 1 + at)
      }
    }
  })
  readonly #reader = new ImprovReader()
}

let board: Board
beforeEach(() => {
  vi.useFakeTimers()
  board = new Board()
})
afterEach(() => vi.useRealTimers())

const soon = async <T>(work: Promise<T>): Promise<T> => {
  work.catch(() => undefined)
  await vi.advanceTimersByTimeAsync(120_000)
  return work
}
const wifi = { ssid: 'Fábrica', password: 'correct horse' }

describe('Improv over a serial line', () => {
  it('frames commands as the protocol says', async () => {
    board.answer = (command) => (command === 2 ? [state(2)] : [result(command, 'a')])
    await soon(board.client.provision(wifi))
    expect(board.commands.map((packet) => packet.data[0])).toEqual([2, 3, 1])
    // Command, length, SSID with its length in bytes, password with its length.
    expect(Buffer.from(board.commands[2]?.data ?? [])).toEqual(
      Buffer.concat([Buffer.from([1, 23, 8]), Buffer.from('Fábrica'), text('correct horse')]),
    )
    expect([...improvPacket(3, Uint8Array.of(2, 0))]).toEqual([
      ...Buffer.from('IMPROV'),
      1,
      3,
      2,
      2,
      0,
      // 0x1e1 is the sum of `IMPROV`; 1 + 3 + 2 + 2 + 0 more.
      (0x49 + 0x4d + 0x50 + 0x52 + 0x4f + 0x56 + 8) & 0xff,
      0x0a,
    ])
  })

  it('gives the board its network and learns who it is', async () => {
    board.answer = (command) => {
      if (command === 2) return [state(2)]
      if (command === 3) return [result(3, 'ESPHome', '2024.6.0', 'ESP32', 'meter')]
      return [state(3), state(4), result(1, 'http://10.0.0.7/setup')]
    }
    expect(await soon(board.client.provision(wifi))).toEqual({
      firmware: 'ESPHome',
      version: '2024.6.0',
      chip: 'ESP32',
      name: 'meter',
      url: 'http://10.0.0.7/setup',
    })
  })

  it('shows no address that is none of the web, and does without one', async () => {
    const answers = (url: string[]) => (command: number) =>
      command === 2 ? [state(2)] : command === 3 ? [result(3, 'x')] : [result(1, ...url)]
    board.answer = answers(['javascript:alert(1)'])
    expect(await soon(board.client.provision(wifi))).toMatchObject({ firmware: 'x', version: '', url: null })
    board.answer = answers([])
    expect(await soon(board.client.provision(wifi))).toMatchObject({ url: null })
    // Connected, and never a result.
    board.answer = (command) => (command === 1 ? [state(4)] : answers([])(command))
    expect(await soon(board.client.provision(wifi))).toMatchObject({ url: null })
  })

  it('says what the board says when it cannot connect', async () => {
    board.answer = (command) =>
      command === 2 ? [error(3), state(2)] : command === 3 ? [result(3, 'x')] : [state(3), error(3)]
    await expect(soon(board.client.provision(wifi))).rejects.toMatchObject({
      code: 'setup_failed',
      data: { reason: expect.stringContaining('cannot connect') },
    })
  })

  it('tells a board that does not speak Improv from one that stops', async () => {
    await expect(soon(board.client.provision(wifi))).rejects.toMatchObject({ code: 'setup_silent' })
    expect(board.commands).toHaveLength(10)
    board.answer = (command) => (command === 2 ? [state(2)] : [])
    await expect(soon(board.client.provision(wifi))).rejects.toMatchObject({ code: 'setup_failed' })
  })

  it('lists the networks that the board sees', async () => {
    board.answer = (command) =>
      command === 2
        ? [state(2)]
        : [result(4, 'weak', '-90', 'YES'), result(4, 'strong', '-40', 'NO'), result(4)]
    expect(await soon(board.client.scan())).toEqual([
      { ssid: 'strong', rssi: -40, isOpen: true },
      { ssid: 'weak', rssi: -90, isOpen: false },
    ])
  })

  it('finds packets in any surroundings and passes over damaged ones', () => {
    const good = state(2)
    const damaged = Uint8Array.from(good)
    damaged[9] = 0x7f
    const other = Uint8Array.from(good)
    other[6] = 2
    const stream = Buffer.concat([
      log,
      damaged,
      other,
      Buffer.from('IMPR'),
      good,
      Buffer.from('IMPROV'),
      state(4),
    ])
    for (const size of [1, 3, stream.length]) {
      const reader = new ImprovReader()
      const packets: ImprovPacket[] = []
      for (let at = 0; at < stream.length; at += size)
        packets.push(...reader.push(stream.subarray(at, at + size)))
      expect(packets.map((packet) => packet.data[0])).toEqual([2, 4])
    }
  })
})
