import { createHash, randomBytes } from 'node:crypto'
import { ESPLoader, Transport } from 'esptool-js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startBoards, type TestBoards } from '#tests/fixtures/boards.ts'
import { WebSerialPort } from '#tests/fixtures/web-serial-port.ts'
import { openSerialLine, type SerialLine } from '../serial-line.ts'
import type { SimulatedBoardOptions } from './board-options.ts'

/** esptool-js waits 100 ms for an answer to SYNC and begins anew: on a busy machine often. */
const MANY_TRIES = 60_000

let boards: TestBoards | undefined
let line: SerialLine | undefined

beforeEach(() => {
  // esptool-js prints its traces whatever it is told.
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
})

afterEach(async () => {
  await line?.close()
  await boards?.stop()
})

/** esptool-js itself at a simulated board, in download mode, chip known. */
async function connected(wish: Partial<SimulatedBoardOptions>, baudrate = 115_200): Promise<ESPLoader> {
  boards = await startBoards(1, { each: () => wish })
  line = await openSerialLine({
    path: (await boards.boards[0]?.path()) ?? '',
    baud: 115_200,
    simulatedPorts: boards.folder,
  })
  const port = new WebSerialPort(line)
  const transport = new Transport(port)
  const terminal = { clean: () => undefined, write: () => undefined, writeLine: () => undefined }
  const loader = new ESPLoader({ transport, baudrate, terminal })
  await loader.detectChip()
  return loader
}

test.each([
  ['ESP32', 'ESP32-D0WD-V3 (revision 3)'],
  ['ESP32-S3', 'ESP32-S3 (QFN56) (revision v0.2)'],
  ['ESP32-C3', 'ESP32-C3 (QFN32) (revision v0.4)'],
] as const)(
  '%s is told by its registers',
  async (chip, description) => {
    const loader = await connected({ chip, mac: '24:6f:28:12:34:56', flashSize: 8 << 20 })
    expect(loader.chip.CHIP_NAME).toBe(chip)
    expect(await loader.chip.getChipDescription(loader)).toBe(description)
    expect(await loader.chip.readMac(loader)).toBe('24:6f:28:12:34:56')
    await loader.runStub()
    expect(await loader.detectFlashSize()).toBe('8MB')
  },
  MANY_TRIES,
)

test(
  'what is written is in the flash, hashes as written and reads back',
  async () => {
    const loader = await connected({ chip: 'ESP32-C3' }, 921_600)
    await loader.runStub()
    await loader.changeBaud()
    expect(boards?.boards[0]?.state?.baud ?? 0).toBeGreaterThan(0)
    const data = new Uint8Array(Buffer.concat([randomBytes(50_000), Buffer.alloc(30_000, 7)]))
    await loader.writeFlash({
      fileArray: [{ data, address: 0x10000 }],
      flashMode: 'keep',
      flashFreq: 'keep',
      flashSize: 'keep',
      eraseAll: false,
      compress: true,
    })
    const md5 = createHash('md5').update(data).digest('hex')
    expect(await loader.flashMd5sum(0x10000, data.length)).toBe(md5)
    expect(Buffer.from(await loader.readFlash(0x10000, data.length)).equals(Buffer.from(data))).toBe(true)
    const image = await boards?.boards[0]?.flash()
    expect(image?.subarray(0x10000, 0x10000 + data.length).equals(Buffer.from(data))).toBe(true)
    await loader.eraseFlash()
    expect((await boards?.boards[0]?.flash())?.every((byte) => byte === 0xff)).toBe(true)
  },
  MANY_TRIES,
)
