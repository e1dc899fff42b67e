import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SimulatedBoard } from './board.ts'
import type { BoardState } from './board-options.ts'
import { type ControlLine, ControlLineSchema } from './control-lines.ts'

/** Beside the serial line: the modem lines and the speed of the host, and what a test does to a board. JSON lines. */
export class ControlSocket {
  readonly #path: string
  readonly #board: SimulatedBoard
  readonly #sockets = new Set<Socket>()
  /** Those that said a speed: they have the port open. */
  readonly #hosts = new Set<Socket>()
  #server: Server | null = null

  constructor(path: string, board: SimulatedBoard) {
    this.#path = path
    this.#board = board
  }

  async start(): Promise<void> {
    await rm(this.#path, { force: true })
    const server = createServer((socket) => this.#serve(socket))
    this.#server = server
    server.listen(this.#path)
    await once(server, 'listening')
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const server = this.#server
    this.#server = null
    if (server === null) return
    const closed = once(server, 'close')
    server.close()
    await closed
  }

  tell(state: BoardState): void {
    for (const socket of this.#sockets) say(socket, { state })
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (this.#hosts.delete(socket) && this.#hosts.size === 0) this.#board.setHeard(false)
    })
    say(socket, { state: this.#board.state })
    const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
    lines.on('error', () => {})
    // One after the other: what is asked second sees what the first did.
    let queue = Promise.resolve()
    lines.on('line', (line) => {
      queue = queue.then(() => this.#answer(socket, line))
    })
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    try {
      const wish = ControlLineSchema.parse(JSON.parse(line))
      // A hand at the board comes after what a host did before it, which may still be in another socket.
      if (!('signals' in wish) && !('baud' in wish)) await nextTurn()
      await this.#obey(socket, wish)
      say(socket, { done: Object.keys(wish)[0] })
    } catch (error) {
      say(socket, { failed: error instanceof Error ? error.message : String(error) })
    }
  }

  async #obey(socket: Socket, wish: ControlLine): Promise<void> {
    const board = this.#board
    if ('signals' in wish) board.setSignals(wish.signals)
    else if ('baud' in wish) {
      if (!this.#hosts.has(socket)) {
        this.#hosts.add(socket)
        board.setHeard(true)
      }
      board.setHostBaud(wish.baud)
    } else if ('fault' in wish) board.setFaults(wish.fault === null ? {} : given(wish.fault))
    else if ('plug' in wish) await (wish.plug ? board.plug() : board.unplug())
    else if ('button' in wish) board.press(wish.button)
    else if ('dump' in wish) await board.dump(wish.dump)
    else if ('load' in wish) await board.load(wish.load)
    else say(socket, { state: board.state })
  }
}

/** Without the fields that are left out. */
function given<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}

function say(socket: Socket, line: object): void {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`)
}
