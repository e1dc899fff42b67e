import { EventEmitter } from 'node:events'
import { type Frame, PortBridge } from './bridge.ts'
import { createChannel } from './port-main.ts'

/**
 * Loaded before the entry of a stand-in utility process: gives it `process.parentPort` with the behaviour of
 * Electron's. Messages that arrive before the entry listens are kept for it.
 */
class ParentPort extends EventEmitter {
  readonly #bridge = new PortBridge((frame) => process.send?.(frame))
  readonly #early: { data: unknown; ports: unknown[] }[] = []

  constructor() {
    super()
    process.on('message', (frame: Frame) => {
      if (frame.kind !== 'message') {
        this.#bridge.received(frame)
        return
      }
      const event = { data: frame.data, ports: frame.ports.map((number) => this.#openPort(number)) }
      if (this.listenerCount('message') === 0) this.#early.push(event)
      else this.emit('message', event)
    })
    this.on('newListener', (event: string) => {
      if (event !== 'message') return
      queueMicrotask(() => {
        for (const message of this.#early.splice(0)) this.emit('message', message)
      })
    })
  }

  postMessage(data: unknown): void {
    process.send?.({ kind: 'message', data, ports: [] } satisfies Frame)
  }

  #openPort(number: number): unknown {
    const { port1, port2 } = createChannel()
    this.#bridge.carry(number, port1)
    return port2
  }
}

Object.defineProperty(process, 'parentPort', { value: new ParentPort() })
