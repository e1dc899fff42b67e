import { randomBytes } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FlashPart } from '#contract/model/board.ts'
import { Bench } from '#firmware/flasher/bench.ts'
import { openSerialLine } from '#firmware/transport/serial-line.ts'
import { startBoards } from '#tests/fixtures/boards.ts'
import { median, printFigure, say } from '../figure.ts'
import { flashByEsptoolJs } from '../peer/esptool-js.ts'

const OFFSET = 0x1_0000
const ROUNDS = Number(process.env['MILLWRIGHT_BENCH_ROUNDS'] ?? 3)
/** Each run is about this long, whatever the speed. */
const SECONDS = 5
const BOARDS = 16
const how =
  'random bytes (so nothing is gained by compressing), from the first byte to the end of the write, through a pty and serialport, to a simulated ESP32 that takes its time on the line'

/**
 * `flash.115200` to `flash.1500000`: KB of flash a second; the peer is esptool-js as it comes, on the same line.
 * `flash.limit`: the share of what the line can carry, ten bits a byte, at 921600. Then sixteen boards at once.
 */
export async function benchFlash(): Promise<void> {
  for (const baud of [115_200, 460_800, 921_600, 1_500_000]) {
    const size = Math.round((baud / 10) * SECONDS)
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(size / 1_000 / (await flashOne(baud, size)))
      theirs.push(size / 1_000 / (await peerFlashOne(baud, size)))
      say(`  ${baud} baud: ${ours.at(-1)?.toFixed(1)} KB/s, esptool-js ${theirs.at(-1)?.toFixed(1)} KB/s`)
    }
    const value = median(ours) ?? 0
    const peer = median(theirs) ?? 0
    printFigure({
      name: `flash.${baud}`,
      value,
      unit: 'KB/s',
      peer,
      ratio: value / peer,
      how: `median of ${ROUNDS}; ${how}; peer: esptool-js 0.7.0 as it comes`,
    })
    if (baud === 921_600) {
      const limit = baud / 10_000
      printFigure({
        name: 'flash.limit',
        value: value / limit,
        unit: 'share',
        peer: peer / limit,
        ratio: value / peer,
        how: `of ${limit} KB/s, what 921600 baud carry; ${how}`,
      })
    }
  }
  await sixteen(921_600)
}

const app = (size: number): FlashPart => ({
  name: 'app',
  offset: OFFSET,
  bytes: randomBytes(size),
  isShared: true,
})

/** @returns seconds */
async function flashOne(baud: number, size: number): Promise<number> {
  return withBoards(1, async (bench, [path = '']) => {
    const session = await bench.openBoard(path, { baud, signal: new AbortController().signal })
    const parts = [app(size)]
    const seconds = await timed(() => session.write(parts, () => {}))
    await session.verify(parts, () => {})
    await session.close()
    return seconds
  })
}

async function peerFlashOne(baud: number, size: number): Promise<number> {
  return withBoards(1, async (_bench, [path = '']) => {
    const line = await openSerialLine({ path, baud: 115_200 })
    try {
      return await flashByEsptoolJs(line, { baud, address: OFFSET, data: randomBytes(size) })
    } finally {
      await line.close()
    }
  })
}

/** `flash.sixteen`, `flash.cpu`, `flash.stall`: many boards with the same firmware, in this one thread. */
async function sixteen(baud: number): Promise<void> {
  const size = Math.round((baud / 10) * SECONDS)
  const parts = [app(size)]
  await withBoards(BOARDS, async (bench, paths) => {
    const { signal } = new AbortController()
    const sessions = await Promise.all(paths.map((path) => bench.openBoard(path, { baud, signal })))
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const before = process.cpuUsage()
    const seconds = await timed(() => Promise.all(sessions.map((session) => session.write(parts, () => {}))))
    const { user, system } = process.cpuUsage(before)
    delay.disable()
    await Promise.all(sessions.map((session) => session.verify(parts, () => {})))
    await Promise.all(sessions.map((session) => session.close()))
    const beside = `${BOARDS} boards at once at ${baud} baud, ${(size / 1_000).toFixed(0)} KB each, the simulated boards on the same cores`
    printFigure({
      name: 'flash.sixteen',
      value: (size * BOARDS) / 1_000 / seconds,
      unit: 'KB/s',
      how: `all boards together; ${beside}`,
    })
    printFigure({
      name: 'flash.cpu',
      value: (user + system) / 1_000_000 / seconds / BOARDS,
      unit: 'share of a core',
      how: `of this process, user and system, for each board while it is written; ${beside}`,
    })
    printFigure({
      name: 'flash.stall',
      value: delay.percentile(99) / 1_000_000,
      unit: 'ms',
      how: `99th percentile of how late the thread comes to other work; ${beside}`,
    })
  })
}

async function withBoards<T>(
  count: number,
  work: (bench: Bench, paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const boards = await startBoards(count, { isPaced: true })
  process.env['MILLWRIGHT_SIMULATED_PORTS'] = boards.folder
  const bench = new Bench()
  try {
    return await work(bench, await Promise.all(boards.boards.map((board) => board.path())))
  } finally {
    await bench.stop()
    await boards.stop()
    delete process.env['MILLWRIGHT_SIMULATED_PORTS']
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}
