import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startBoards, type TestBoard, type TestBoards } from '#tests/fixtures/boards.ts'
import { listPorts } from '../ports/list-ports.ts'
import { openSerialLine, type SerialLine } from '../serial-line.ts'
import type { BoardLine } from './boot-log.ts'
import { type MonitoredLine, MonitorSession } from './monitor-session.ts'

const bundle = resolve(import.meta.dirname, '../../../resources/firmware/sim-gateway/esp32')

let boards: TestBoards | undefined
let session: MonitorSession | undefined
afterEach(async () => {
  await session?.close()
  await boards?.stop()
})

/** A simulated board whose serial line is watched. */
async function watched(improv = false): Promise<{ board: TestBoard; heard: BoardLine[] }> {
  boards = await startBoards(1, { each: () => ({ improv }) })
  const [board] = boards.boards
  if (board === undefined) throw new Error('no board')
  const [port] = await listPorts({ simulatedPorts: boards.folder })
  const line = await openSerialLine({ path: port?.path ?? '', baud: 115_200, simulatedPorts: boards.folder })
  session = new MonitorSession(monitored(line))
  session.start()
  const heard: BoardLine[] = []
  session.onLines((lines) => heard.push(...lines))
  return { board, heard }
}

function monitored(line: SerialLine): MonitoredLine {
  const ended = async (): Promise<Error | null> => {
    await line.closed
    return line.end === 'closed' ? null : line.lostError()
  }
  return {
    path: line.path,
    ended: ended(),
    listen: (listener) => line.listen(listener),
    write: (bytes) => line.write(bytes),
    reset: async () => {
      await line.setSignals({ rts: true })
      await line.setSignals({ rts: false })
    },
    close: () => line.close(),
  }
}

/** Our firmware, without settings. */
async function gatewayImage(): Promise<Buffer> {
  const image = Buffer.alloc(0x40000, 0xff)
  const parts = { bootloader: 0x1000, 'partition-table': 0x8000, otadata: 0xf000, app: 0x20000 }
  for (const [name, offset] of Object.entries(parts))
    image.set(await readFile(join(bundle, `${name}.bin`)), offset)
  return image
}

test('a blank board tells that it has no program', async () => {
  const { heard } = await watched()
  await session?.reset()
  await expect
    .poll(() => heard.map((line) => line.meaning))
    .toEqual(expect.arrayContaining(['reset', 'no_app']))
})

test('our firmware is set up over the line, and says so in its log', async () => {
  const { board, heard } = await watched()
  await board.load(await gatewayImage())
  await session?.reset()
  expect(await session?.call({ do: 'hello' })).toMatchObject({ is: 'millwright-gateway', hasIdentity: false })
  expect(await session?.call({ do: 'csr' })).toMatchObject({
    csr: expect.stringContaining('CERTIFICATE REQUEST'),
  })
  await expect(session?.call({ do: 'settings', set: { wifi: 'none' } })).rejects.toMatchObject({
    code: 'setup_failed',
  })
  const set = { wifi: [{ ssid: 'bad-psk', psk: 'a secret' }], broker_uri: ['mqtts://127.0.0.1:1'] }
  expect(await session?.call({ do: 'settings', set })).toEqual({})
  await session?.call({ do: 'restart' })
  await expect.poll(() => heard.map((line) => line.meaning)).toContain('wifi_failed')
  expect(heard.find((line) => line.meaning === 'wifi_failed')?.data).toEqual({ reason: 'wrong-password' })
  expect(heard.some((line) => line.text.includes('a secret'))).toBe(false)
  await board.unplug()
  expect(await session?.ended).toMatchObject({ code: 'port_lost' })
})

test('Improv gives a board its Wi-Fi, or tells why not', async () => {
  const { board } = await watched(true)
  await board.load(await gatewayImage())
  await session?.reset()
  await expect(session?.improv({ ssid: 'no-such', password: 'p' })).rejects.toMatchObject({
    code: 'setup_failed',
    data: { reason: expect.stringContaining('cannot connect') },
  })
  expect(await session?.improv({ ssid: 'PLANT-IOT', password: 'correct horse' })).toMatchObject({
    firmware: 'Millwright gateway',
    chip: 'ESP32',
    url: expect.stringMatching(/^http:\/\/10\./),
  })
})
