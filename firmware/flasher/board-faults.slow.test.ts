import { expect, test } from 'vitest'
import type { FlashPart } from '#contract/model/board.ts'
import { openSerialLine } from '#firmware/transport/serial-line.ts'
import { flashRack, pathOf, pseudoRandom } from './flash-rack.fixture.ts'
import { classicReset } from './resets.ts'

const { plug, open } = flashRack()
const quiet = (): void => {}
const app: FlashPart = { name: 'app', offset: 0x1_0000, bytes: pseudoRandom(80_000) }

/** Whoever is next gets the port. */
async function expectFree(path: string): Promise<void> {
  const line = await openSerialLine({ path, baud: 115_200 })
  await line.close()
}

test.each([
  { security: { secureBoot: true }, what: 'secure boot' },
  { security: { flashEncryption: true }, what: 'flash encryption' },
  { security: { secureBoot: true, flashEncryption: true }, what: 'secure boot and flash encryption' },
  { security: { downloadMode: 'disabled' as const }, what: 'download mode disabled' },
])('refuses a board with $what before anything is written', async ({ security, what }) => {
  for (const chip of ['ESP32', 'ESP32-S3'] as const) {
    const fuses = { secureBoot: false, flashEncryption: false, downloadMode: 'open' as const, ...security }
    const board = await plug({ chip, security: fuses, riseTime: 0 })
    await expect(open(board)).rejects.toMatchObject({
      code: 'board_secured',
      data: { port: pathOf(board), what },
    })
    await expectFree(pathOf(board))
  }
})

test('identifies a secured board all the same', async () => {
  const security = { secureBoot: true, flashEncryption: true, downloadMode: 'open' as const }
  const { board } = await open(await plug({ chip: 'ESP32-C3', security }), { identifyOnly: true })
  expect(board).toMatchObject({ mac: '24:6f:28:00:00:01', security })
})

test('says of a board in secure download mode what it tells', async () => {
  const security = { secureBoot: true, flashEncryption: true, downloadMode: 'secure' as const }
  const board = await plug({ chip: 'ESP32-S3', security })
  await expect(open(board)).rejects.toMatchObject({
    code: 'board_secured',
    data: { what: 'secure download mode' },
  })
  const session = await open(board, { identifyOnly: true })
  expect(session.board).toMatchObject({ chip: 'ESP32-S3', mac: '', flashSize: null, security })
})

test('tries again where the first resets find no loader', async () => {
  const tries: number[] = []
  const board = await plug({ faults: { deafTries: 2 } })
  await open(board, { onTry: (count) => tries.push(count) })
  expect(tries).toEqual([1, 2, 3])
})

test.each([
  { faults: { deafTries: 99 }, heard: 'download' },
  { faults: { noise: true }, heard: 'noise' },
])('gives up on a board that says $heard', async ({ faults, heard }) => {
  const board = await plug({ faults })
  const resets = [classicReset(50), classicReset(50)]
  await expect(open(board, { resets })).rejects.toMatchObject({
    code: 'board_silent',
    data: { port: pathOf(board), tries: 2, heard },
  })
  await expectFree(pathOf(board))
})

test('falls back to a speed that the cable carries', async () => {
  const log: string[] = []
  const board = await plug({ faults: { fastest: 300_000 } })
  const session = await open(board, { baud: 460_800, onLog: (text) => log.push(text) })
  expect(log).toContain('no answer at 460800 baud: beginning anew, slower')
  expect(log).toContain('230400 baud')
  expect(board.state.baud).toBe(230_400)
  await session.write([app], quiet)
  await session.verify([app], quiet)
})

test('names the region whose hash differs', async () => {
  const session = await open(await plug({ faults: { wrongMd5: 'always' } }))
  await session.write([app], quiet)
  await expect(session.verify([app], quiet)).rejects.toMatchObject({
    code: 'verify_failed',
    data: { part: 'app', expected: expect.any(String), actual: expect.any(String) },
  })
})

test('repairs a flipped and a lost byte by itself', async () => {
  const board = await plug()
  const session = await open(board)
  board.setFaults({ flipAt: 30_000 })
  await session.write([app], quiet)
  await session.verify([app], quiet)
  board.setFaults({ dropAt: 30_000 })
  await session.write([app], quiet)
  expect(await session.verify([app], quiet)).toHaveLength(1)
})

test('ends a job whose port is pulled at once, with the step', async () => {
  for (const [at, step] of [
    [10, 'connecting'],
    [3_000, 'connecting'],
    [30_000, 'writing'],
  ] as const) {
    const board = await plug({ faults: { unplugAt: at } })
    const path = pathOf(board)
    const job = open(board).then((session) => session.write([app], quiet))
    await expect(job).rejects.toMatchObject({ code: 'port_lost', data: { port: path, step } })
  }
})

test.each([
  ['erasing', { slowErase: 5_000 }],
  ['verifying', {}],
  ['reading', {}],
] as const)('ends a job whose port is pulled while %s', async (step, faults) => {
  const board = await plug()
  const session = await open(board)
  board.setFaults({ ...faults, unplugAt: 12 })
  const job =
    step === 'erasing'
      ? session.eraseAll(quiet)
      : step === 'verifying'
        ? session.verify([app], quiet)
        : session.read(0, 1 << 20, quiet)
  await expect(job).rejects.toMatchObject({ code: 'port_lost', data: { step } })
})

test('obeys a cancel at each step, and does not wait for the board', async () => {
  for (const step of ['connecting', 'erasing', 'writing'] as const) {
    // Longer than this test may take.
    const board = await plug({ faults: step === 'connecting' ? { deafTries: 99 } : { slowErase: 60_000 } })
    const cancel = new AbortController()
    const soon = (): unknown => setTimeout(() => cancel.abort(), 100)
    const opening = open(board, { signal: cancel.signal, onTry: () => step === 'connecting' && soon() })
    const job = opening.then((session) => {
      soon()
      return step === 'erasing' ? session.eraseAll(quiet) : session.write([app], quiet)
    })
    await expect(job).rejects.toMatchObject({ code: 'flash_cancelled', data: { step } })
  }
})

test('refuses what does not fit, and parts that overlap, before anything is written', async () => {
  const session = await open(await plug({ flashSize: 1 << 20 }))
  const late = { name: 'late', offset: (1 << 20) - 4_096, bytes: pseudoRandom(4_100) }
  await expect(session.write([app, late], quiet)).rejects.toMatchObject({
    code: 'flash_too_small',
    data: { part: 'late', need: (1 << 20) + 4, size: 1 << 20 },
  })
  const inside = { name: 'inside', offset: 0x1_0000 + 80_896, bytes: pseudoRandom(100) }
  await expect(session.write([inside, app], quiet)).rejects.toMatchObject({
    code: 'parts_overlap',
    data: { first: 'app', second: 'inside', offset: '0x23c00' },
  })
  expect(await session.read(0x1_0000, 4_096, quiet)).toEqual(new Uint8Array(4_096).fill(0xff))
})
