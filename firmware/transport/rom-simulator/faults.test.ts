import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startBoards, type TestBoard, type TestBoards } from '#tests/fixtures/boards.ts'
import { openSerialLine, type SerialLine } from '../serial-line.ts'
import { openBoard } from './board-options.ts'
import { SlipReader, slipFrame } from './line/slip.ts'

let boards: TestBoards
let line: SerialLine | undefined
let heard: Buffer[] = []

beforeAll(async () => {
  boards = await startBoards(4, {
    each: (index) =>
      [
        {},
        { chip: 'ESP32-S3', usb: 'native' } as const,
        { security: { ...openBoard, downloadMode: 'disabled' } } as const,
        { isPaced: true },
      ][index] ?? {},
  })
})
afterAll(() => boards.stop())
afterEach(() => line?.close())

async function opened(index: number): Promise<{ board: TestBoard; line: SerialLine }> {
  const board = boards.boards[index] as TestBoard
  const open = await openSerialLine({
    path: await board.path(),
    baud: 115_200,
    simulatedPorts: boards.folder,
  })
  line = open
  heard = []
  open.listen((bytes) => heard.push(Buffer.from(bytes)))
  return { board, line: open }
}

const SYNC = slipFrame(
  Buffer.from([0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20, ...Array<number>(32).fill(0x55)]),
)
const text = () => Buffer.concat(heard).toString('latin1')
const answers = () =>
  new SlipReader(1_024).push(Buffer.concat(heard)).filter((packet) => packet[1] === 8).length

/**
 * Lines and bytes go to a board by two roads, and on a busy machine one may be late: what is lost by that is sent again, as
 * every loader sends its SYNC again.
 */
async function answersAgain(open: SerialLine): Promise<void> {
  await expect
    .poll(
      async () => {
        heard = []
        await open.write(SYNC)
        await sleep(60)
        return answers()
      },
      { interval: 10 },
    )
    .toBeGreaterThanOrEqual(8)
}

/** The board has read all that was sent to it before. */
const quiet = () => sleep(300)

/** What a test says about an order of lines and bytes may come late on a busy machine: then it begins anew. */
const anew = { retry: 3 }

/** The reset of most loaders, shorter. */
async function classicReset(open: SerialLine): Promise<void> {
  await open.setSignals({ dtr: false, rts: true })
  await sleep(10)
  await open.setSignals({ dtr: true, rts: false })
  await sleep(20)
  await open.setSignals({ dtr: false, rts: false })
}

test('the lines reset into download mode, and RTS alone back out of it', async () => {
  const { board, line: open } = await opened(0)
  await classicReset(open)
  await board.until(({ mode }) => mode === 'rom')
  await expect.poll(text).toContain('waiting for download')
  await open.setSignals({ rts: true })
  await board.until(({ mode }) => mode === 'reset')
  await open.setSignals({ rts: false })
  await board.until(({ mode }) => mode === 'boot')
  await expect.poll(text).toContain('boot:0x13')
})

test('the USB unit of an S3 wants the mark before the reset', async () => {
  const { board, line: open } = await opened(1)
  for (const [dtr, rts] of [
    [false, false],
    [true, false],
    [true, true],
    [false, true],
    [false, false],
  ] as const)
    await open.setSignals({ dtr, rts })
  await board.until(({ mode }) => mode === 'rom')
  await open.setSignals({ rts: true })
  await open.setSignals({ rts: false })
  await board.until(({ mode }) => mode === 'boot')
  await expect.poll(text).toMatch(/boot:0x0 [\s\S]*boot:0x8 /)
})

test('a chip whose download mode is off says so and answers nothing', async () => {
  const { board, line: open } = await opened(2)
  await classicReset(open)
  await board.until(({ mode }) => mode === 'halted')
  await open.write(SYNC)
  await expect.poll(text).toContain('Download boot modes disabled')
  expect(answers()).toBe(0)
})

test('the first tries stay without an answer where that is wanted', anew, async () => {
  const { board, line: open } = await opened(0)
  await board.fault({ deafTries: 1 })
  await classicReset(open)
  await board.until(({ mode }) => mode === 'halted')
  await open.write(SYNC)
  await classicReset(open)
  await board.until(({ mode }) => mode === 'rom')
  expect(answers()).toBe(0)
  await answersAgain(open)
})

test('at another speed nothing is understood, at its own again', anew, async () => {
  const { board, line: open } = await opened(0)
  await board.press('boot')
  await board.until(({ mode }) => mode === 'rom')
  await open.write(SYNC)
  await expect.poll(answers).toBe(8)
  const change = Buffer.alloc(16)
  change.set([0, 0x0f, 8])
  change.writeUInt32LE(921_600, 8)
  await open.write(slipFrame(change))
  await expect.poll(() => board.state?.baud).toBe(115_200)
  await quiet()
  heard = []
  await open.write(SYNC)
  await quiet()
  expect(answers()).toBe(0)
  await open.setBaud(921_600)
  await answersAgain(open)
})

test('the plug is pulled at a byte: port and file are gone, and come back with another port', async () => {
  const { board, line: open } = await opened(0)
  const before = await board.path()
  await board.press('boot')
  await board.fault({ unplugAt: 100 })
  await open.write(SYNC)
  await expect.poll(answers).toBe(8)
  await Promise.allSettled([open.write(SYNC), open.write(SYNC)])
  await open.closed
  expect(open.end).toBe('lost')
  expect(await board.until(({ isPlugged }) => !isPlugged)).toMatchObject({ mode: 'unplugged', path: null })
  await expect(access(join(boards.folder, 'board-01.json'))).rejects.toThrow('ENOENT')
  await board.plug()
  const { path, control } = JSON.parse(
    await readFile(join(boards.folder, 'board-01.json'), 'utf8'),
  ) as Record<string, string>
  expect(control).toBe(join(boards.folder, 'board-01.sock'))
  await access(path ?? '')
  expect(board.state?.path).toBe(path)
  expect(before).toMatch(/^\/dev\//)
})

test('noise, and flipped and dropped bytes, leave no answer', anew, async () => {
  const { board, line: open } = await opened(0)
  for (const fault of [{ noise: true }, { dropAt: 12 }, { flipRate: 0.5 }]) {
    await board.fault(null)
    await board.press('boot')
    await board.until(({ mode }) => mode === 'rom')
    await board.fault(fault)
    heard = []
    await open.write(SYNC)
    await quiet()
    expect({ fault, answers: answers() }).toEqual({ fault, answers: 0 })
  }
  await board.fault(null)
  await board.press('boot')
  await answersAgain(open)
})

test('bytes take the time that they take at their speed', async () => {
  const { board, line: open } = await opened(3)
  await board.press('boot')
  await expect.poll(text).toContain('waiting for download')
  // 46 bytes there, 8 times 14 back: 158 bytes of 10 bits at 115200 baud are 13.7 ms.
  const started = performance.now()
  await open.write(SYNC)
  await expect.poll(answers, { interval: 1 }).toBe(8)
  expect(performance.now() - started).toBeGreaterThan(8)
})
