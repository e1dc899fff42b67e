import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FlashPart } from '#contract/model/board.ts'
import { boardNumber } from '#firmware/transport/rom-simulator/board-options.ts'
import { BoardRack } from '#firmware/transport/rom-simulator/board-rack.ts'
import { Bench } from './bench.ts'
import { pathOf, pseudoRandom } from './flash-rack.fixture.ts'

const app: FlashPart = { name: 'app', offset: 0x1_0000, bytes: pseudoRandom(60_000), isShared: true }
const quiet = (): void => {}

let folder: string
let rack: BoardRack
let bench: Bench

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mw-bench-'))
  process.env['MILLWRIGHT_SIMULATED_PORTS'] = folder
  rack = new BoardRack(folder)
  bench = new Bench()
})

afterEach(async () => {
  await bench.stop()
  delete process.env['MILLWRIGHT_SIMULATED_PORTS']
  await rack.stop()
  await rm(folder, { recursive: true, force: true })
})

let plugged = 0
const plug = () => rack.add(boardNumber(plugged++, { isPaced: false }))
const wish = () => ({ baud: 921_600, signal: new AbortController().signal })

test('tells of boards that come and go', async () => {
  bench.start()
  const told: number[] = []
  bench.onPorts((ports) => told.push(ports.filter((port) => port.isSimulated).length))
  const board = await plug()
  await expect.poll(() => bench.ports().map((port) => port.path), { timeout: 5_000 }).toContain(pathOf(board))
  await board.unplug()
  await expect.poll(() => told, { timeout: 5_000 }).toEqual(expect.arrayContaining([1, 0]))
})

test('flashes several boards at once, and watches them start', async () => {
  const boards = await Promise.all([plug(), plug(), plug()])
  const outcomes = await Promise.all(
    boards.map(async (board) => {
      const session = await bench.openBoard(pathOf(board), wish())
      await session.write([app], quiet)
      const [region] = await session.verify([app], quiet)
      const read = await session.read(0x1_0000, 1_000, quiet)
      const monitor = await session.reboot()
      let said = ''
      monitor.onLines((lines) => (said += lines.map((line) => line.text).join('\n')))
      await expect.poll(() => said).toContain('SPI_FAST_FLASH_BOOT')
      await monitor.close()
      expect(await monitor.ended).toBeNull()
      return {
        mac: session.board.mac,
        md5: region?.md5,
        read: Buffer.from(read).equals(app.bytes.slice(0, 1_000)),
      }
    }),
  )
  expect(new Set(outcomes.map(({ mac }) => mac)).size).toBe(3)
  expect(new Set(outcomes.map(({ md5 }) => md5)).size).toBe(1)
  expect(outcomes.every(({ read }) => read)).toBe(true)
})

test('one port, one job', async () => {
  const path = pathOf(await plug())
  const session = await bench.openBoard(path, wish())
  await expect(bench.openMonitor(path, { baud: 115_200 })).rejects.toMatchObject({ code: 'port_busy' })
  await session.close()
  const line = await bench.openMonitor(path, { baud: 115_200 })
  await line.close()
})

test('a cancel ends what is under way, and the port is free', async () => {
  const board = await plug()
  const cancel = new AbortController()
  const session = await bench.openBoard(pathOf(board), { ...wish(), signal: cancel.signal })
  board.setFaults({ slowErase: 60_000 })
  const erasing = session.eraseAll()
  cancel.abort()
  await expect(erasing).rejects.toMatchObject({ code: 'flash_cancelled', data: { step: 'erasing' } })
  await session.close()
  await (await bench.openMonitor(pathOf(board), { baud: 115_200 })).close()
})

test('a monitor tells when its port goes away', async () => {
  const board = await plug()
  const path = pathOf(board)
  const monitor = await bench.openMonitor(path, { baud: 115_200 })
  await board.unplug()
  expect(await monitor.ended).toMatchObject({ code: 'port_lost', data: { port: path } })
})

test('a port that is not there is named, and can be tried again', async () => {
  const path = join(folder, 'ttyUSB9')
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(bench.openBoard(path, wish())).rejects.toMatchObject({
      code: 'port_unknown',
      data: { port: path },
    })
  }
})

test('gives every port back when it stops, also one that is being opened', async () => {
  const [first, second, third] = [await plug(), await plug(), await plug()]
  const before = await openTerminals()
  const session = await bench.openBoard(pathOf(first), wish())
  await session.reboot()
  await bench.openMonitor(pathOf(second), { baud: 115_200 })
  third.setFaults({ deafTries: 99 })
  const opening = bench.openBoard(pathOf(third), wish())
  const outcome = opening.catch((error: unknown) => error)
  await expect.poll(async () => (await openTerminals()).length).toBe(before.length + 3)
  await bench.stop()
  expect(await outcome).toMatchObject({ code: 'flash_cancelled' })
  expect(await openTerminals()).toEqual(before)
})

/** Of this process; the simulator holds one of each board. */
async function openTerminals(): Promise<string[]> {
  const files = await readdir('/proc/self/fd')
  const targets = await Promise.all(files.map((file) => readlink(`/proc/self/fd/${file}`).catch(() => '')))
  return targets.filter((target) => target.startsWith('/dev/pts/')).toSorted()
}
