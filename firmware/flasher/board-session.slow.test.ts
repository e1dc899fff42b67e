import { expect, test } from 'vitest'
import type { FlashPart, FlashProgress } from '#contract/model/board.ts'
import { openSerialLine } from '#firmware/transport/serial-line.ts'
import { flashRack, pathOf, pseudoRandom } from './flash-rack.fixture.ts'

const { plug, open } = flashRack()
const quiet = (): void => {}

test.each([
  { chip: 'ESP32' as const, revision: '3.1' },
  { chip: 'ESP32-S3' as const, revision: '0.2' },
  { chip: 'ESP32-C3' as const, revision: '0.4' },
])('says who a $chip is', async ({ chip, revision }) => {
  const { board } = await open(await plug({ chip, flashSize: 8 << 20 }))
  expect(board).toMatchObject({
    chip,
    revision,
    mac: '24:6f:28:00:00:01',
    flashSize: 8 << 20,
    flashId: expect.stringMatching(/^[0-9a-f]{6}$/),
    crystal: 40,
    security: { secureBoot: false, flashEncryption: false, downloadMode: 'open' },
  })
  expect(board.model).toMatch(new RegExp(`^${chip}[^()]*`))
})

test('reaches a chip that is its own USB device', async () => {
  const tries: number[] = []
  const native = await plug({ chip: 'ESP32-C3', usb: 'native' })
  const { board } = await open(native, { onTry: (count) => tries.push(count) })
  expect(board.chip).toBe('ESP32-C3')
  expect(tries).toEqual([1])
})

test('writes, lets the chip hash and reads back what it wrote', async () => {
  const session = await open(await plug())
  const parts: FlashPart[] = [
    { name: 'bootloader', offset: 0x1000, bytes: pseudoRandom(17_001) },
    { name: 'app', offset: 0x1_0000, bytes: pseudoRandom(100_000, 2) },
    { name: 'blank', offset: 0x4_0000, bytes: new Uint8Array(300_000).fill(0xff) },
  ]
  const told: FlashProgress[] = []
  await session.write(parts, (progress) => told.push(progress))
  expect(told.at(-1)).toMatchObject({ part: 'blank', done: 417_001, total: 417_001 })
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b))
  const regions = await session.verify(parts, quiet)
  expect(regions).toMatchObject([
    { name: 'bootloader', offset: 0x1000, size: 17_001, md5: expect.stringMatching(/^[0-9a-f]{32}$/) },
    { name: 'app', offset: 0x1_0000, size: 100_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { name: 'blank', offset: 0x4_0000, size: 300_000 },
  ])
  expect(await session.read(0x1_0000, 100_000, quiet)).toEqual(parts[1]?.bytes)
})

test('erases the whole flash', async () => {
  const session = await open(await plug({ flashSize: 1 << 20 }))
  await session.write([{ name: 'app', offset: 0x1_0000, bytes: pseudoRandom(5_000) }], quiet)
  const told: FlashProgress[] = []
  await session.eraseAll((progress) => told.push(progress))
  expect(told.at(-1)).toMatchObject({ done: 1 << 20, total: 1 << 20 })
  expect(await session.read(0x1_0000, 5_000, quiet)).toEqual(new Uint8Array(5_000).fill(0xff))
})

test('reaches the end of a flash beyond 16 MB', async () => {
  const session = await open(await plug({ chip: 'ESP32-S3', flashSize: 32 << 20 }))
  const part = { name: 'late', offset: 17 << 20, bytes: pseudoRandom(4_096) }
  await session.write([part], quiet)
  expect(await session.read(part.offset, 4_096, quiet)).toEqual(part.bytes)
  await session.eraseAll()
  expect(await session.read(part.offset, 4_096, quiet)).toEqual(new Uint8Array(4_096).fill(0xff))
})

test('lets the board run on the same line, and misses none of its first words', async () => {
  const session = await open(await plug())
  const monitor = await session.reboot()
  const said: string[] = []
  monitor.onLines((lines) => said.push(...lines.map((line) => line.text)))
  await expect.poll(() => said.join('\n')).toContain('SPI_FAST_FLASH_BOOT')
  expect(said[0]).toMatch(/^ets Jul 29 2019/)
  await session.close()
  await monitor.reset()
  await expect.poll(() => said.filter((line) => line.startsWith('ets Jul')).length).toBeGreaterThan(1)
  await monitor.close()
  expect(await monitor.ended).toBeNull()
})

test('lets the board run again when it is closed, and gives the port back', async () => {
  const board = await plug()
  const session = await open(board, { identifyOnly: true })
  expect(board.state.mode).toBe('stub')
  await session.close()
  await expect.poll(() => board.state.mode).not.toBe('stub')
  const again = await openSerialLine({ path: pathOf(board), baud: 115_200 })
  await again.close()
})

test('keeps what esptool-js says for the log of the job', async () => {
  const log: string[] = []
  await open(await plug(), { onLog: (text) => log.push(text) })
  expect(log).toContain('Stub running...')
  expect(log).toContain('921600 baud')
})
