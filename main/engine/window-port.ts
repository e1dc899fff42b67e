import type { MessagePortLike } from './engine.ts'

type Listener = (event?: { data: unknown }) => void

/**
 * A desktop window's port whose server can be replaced: setting up changes the router behind it, while the window
 * keeps its port and its session. What the former router still answers goes out as before.
 */
export class WindowPort {
  readonly #port: MessagePortLike
  #listener: Listener | null = null

  constructor(port: MessagePortLike) {
    this.#port = port
  }

  /** Listens to the window. */
  start(): void {
    this.#port.on('message', (event) => this.#listener?.(event))
  }

  /** The last one to listen to messages is the one that serves; everyone hears of the close. */
  on(event: string, listener: Listener): void {
    if (event === 'message') this.#listener = listener
    else this.#port.on(event, listener)
  }

  postMessage(message: unknown): void {
    this.#port.postMessage(message)
  }
}
