import { rmSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SimulatedBoard } from './board.ts'
import type { BoardState, SimulatedBoardOptions } from './board-options.ts'
import { ControlSocket } from './control-socket.ts'

/** What the file of a plugged-in board says: the one contract with those who list ports. */
export interface SimulatedPortFile {
  path: string
  vendorId: string
  productId: string
  serialNumber: string
  manufacturer: string
  /** Unix socket. */
  control: string
}

/** Boards in this process, and their files in the folder that MILLWRIGHT_SIMULATED_PORTS names. */
export class BoardRack {
  readonly boards: SimulatedBoard[] = []
  readonly #folder: string
  readonly #onState: (state: BoardState) => void
  readonly #sockets: ControlSocket[] = []

  constructor(folder: string, onState: (state: BoardState) => void = () => {}) {
    this.#folder = folder
    this.#onState = onState
  }

  /** Puts a board on the rack and, unless told otherwise, plugs it in. @throws SocatMissing */
  async add(options: SimulatedBoardOptions, isPlugged = true): Promise<SimulatedBoard> {
    await mkdir(this.#folder, { recursive: true })
    // A Unix socket's path has room for about a hundred characters: the name is short.
    const control = join(this.#folder, `${options.name}.sock`)
    const board = new SimulatedBoard(options, {
      onPlug: (path) => this.#announce(options, control, path),
      onUnplug: () => rmSync(this.#fileOf(options), { force: true }),
      onState: (state) => {
        socket.tell(state)
        this.#onState(state)
      },
    })
    const socket = new ControlSocket(control, board)
    await socket.start()
    this.#sockets.push(socket)
    this.boards.push(board)
    if (isPlugged) await board.plug()
    return board
  }

  async stop(): Promise<void> {
    await Promise.all(this.boards.map((board) => board.unplug()))
    await Promise.all(this.#sockets.map((socket) => socket.stop()))
    this.boards.length = 0
    this.#sockets.length = 0
  }

  /** The file is there while the board is plugged in, and whole whenever it is there. */
  async #announce(options: SimulatedBoardOptions, control: string, path: string): Promise<void> {
    const file = this.#fileOf(options)
    const told: SimulatedPortFile = { path, ...usbOf(options), control }
    await writeFile(`${file}.new`, `${JSON.stringify(told)}\n`)
    await rename(`${file}.new`, file)
  }

  #fileOf({ name }: SimulatedBoardOptions): string {
    return join(this.#folder, `${name}.json`)
  }
}

function usbOf({ usb, mac, name }: SimulatedBoardOptions): Omit<SimulatedPortFile, 'path' | 'control'> {
  return usb === 'native'
    ? { vendorId: '303a', productId: '1001', serialNumber: mac.toUpperCase(), manufacturer: 'Espressif' }
    : {
        vendorId: '10c4',
        productId: 'ea60',
        serialNumber: `SIM-${name}`,
        manufacturer: 'Silicon Labs',
      }
}
