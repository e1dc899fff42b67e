import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { SimulatedBoard } from '#firmware/transport/rom-simulator/board.ts'
import { boardNumber, type SimulatedBoardOptions } from '#firmware/transport/rom-simulator/board-options.ts'
import { BoardRack } from '#firmware/transport/rom-simulator/board-rack.ts'
import { type BoardSession, type OpenSessionOptions, openBoardSession } from './board-session.ts'
import { PackedParts } from './packed-parts.ts'

/** Simulated boards on real ptys for each test of a file. */
export function flashRack() {
  let folder = ''
  let rack: BoardRack
  let sessions: BoardSession[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mw-flash-'))
    process.env['MILLWRIGHT_SIMULATED_PORTS'] = folder
    rack = new BoardRack(folder)
    sessions = []
  })

  afterEach(async () => {
    delete process.env['MILLWRIGHT_SIMULATED_PORTS']
    await Promise.all(sessions.map((session) => session.close()))
    await rack.stop()
    await rm(folder, { recursive: true, force: true })
  })

  return {
    plug: (wish: Partial<SimulatedBoardOptions> = {}): Promise<SimulatedBoard> =>
      rack.add(boardNumber(rack.boards.length, { isPaced: false, ...wish })),
    open: async (board: SimulatedBoard, options: Partial<OpenSessionOptions> = {}) => {
      const session = await openBoardSession({
        path: pathOf(board),
        baud: 921_600,
        signal: new AbortController().signal,
        identifyOnly: false,
        onTry: () => {},
        onLog: () => {},
        packedParts: new PackedParts(),
        ...options,
      })
      sessions.push(session)
      return session
    },
  }
}

export function pathOf(board: SimulatedBoard): string {
  const { path } = board.state
  if (path === null) throw new Error('The board is not plugged in')
  return path
}

/** The same bytes each time, that do not compress. */
export function pseudoRandom(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = seed
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}
