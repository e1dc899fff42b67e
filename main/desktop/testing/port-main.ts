import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'

/**
 * Stands in for Electron's `MessagePortMain` in tests: the same members over a real `MessagePort`. As with
 * Electron's, nothing is delivered before `start()`.
 */
export class PortMain extends EventEmitter {
  readonly #port: MessagePort
  #started = false

  constructor(port: MessagePort) {
    super()
    this.#port = port
    port.on('close', () => this.emit('close'))
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    this.#port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }))
  }

  postMessage(message: unknown): void {
    this.#port.postMessage(message)
  }

  close(): void {
    this.#port.close()
  }
}

/** Stands in for `new MessageChannelMain()`. */
export function createChannel(): { port1: PortMain; port2: PortMain } {
  const { port1, port2 } = new MessageChannel()
  return { port1: new PortMain(port1), port2: new PortMain(port2) }
}
