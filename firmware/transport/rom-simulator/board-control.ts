import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { BoardState } from './board-options.ts'
import type { ControlLine } from './control-lines.ts'

interface Answer {
  state?: BoardState
  done?: string
  failed?: string
}

/** A test's hand at one board: its control socket as calls. */
export class BoardControl {
  readonly #path: string
  #socket: Socket | null = null
  #state: BoardState | null = null
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  readonly #watchers = new Set<() => void>()

  constructor(path: string) {
    this.#path = path
  }

  async start(): Promise<void> {
    const socket = createConnection(this.#path)
    await once(socket, 'connect')
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the simulated board is gone'))
    })
    createInterface({ input: socket }).on('line', (line) => this.#take(JSON.parse(line) as Answer))
  }

  stop(): void {
    this.#socket?.destroy()
  }

  /** The last that it told; null before the first. */
  get state(): BoardState | null {
    return this.#state
  }

  /** Resolves when the board has done it. @throws Error where it could not */
  send(line: ControlLine): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#socket?.write(`${JSON.stringify(line)}\n`)
    })
  }

  /** Resolves with the first state, the present one included, for which this holds. */
  until(holds: (state: BoardState) => boolean, within = 20_000): Promise<BoardState> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look)
        reject(new Error(`the simulated board stays ${JSON.stringify(this.#state)}`))
      }, within)
      const look = (): void => {
        if (this.#state === null || !holds(this.#state)) return
        clearTimeout(timer)
        this.#watchers.delete(look)
        resolve(this.#state)
      }
      this.#watchers.add(look)
      look()
    })
  }

  #take(answer: Answer): void {
    if (answer.state !== undefined) {
      this.#state = answer.state
      for (const look of this.#watchers) look()
    }
    if (answer.done === undefined && answer.failed === undefined) return
    const next = this.#waiting.shift()
    if (answer.failed === undefined) next?.resolve()
    else next?.reject(new Error(answer.failed))
  }
}
