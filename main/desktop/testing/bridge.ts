import type { PortMain } from './port-main.ts'

/**
 * Carries messages and ports over the IPC channel of a child process: the ports of `worker_threads` cannot leave
 * their process, so each port that crosses gets a number, and its messages travel as frames of that number.
 */
export type Frame =
  | { kind: 'message'; data: unknown; ports: number[] }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'close'; port: number }

export class PortBridge {
  readonly #send: (frame: Frame) => void
  readonly #ports = new Map<number, PortMain>()

  constructor(send: (frame: Frame) => void) {
    this.#send = send
  }

  /** Ties a port of this process to its number on the channel. */
  carry(number: number, port: PortMain): void {
    this.#ports.set(number, port)
    port.on('message', ({ data }: { data: unknown }) => this.#send({ kind: 'port', port: number, data }))
    port.on('close', () => {
      if (this.#ports.delete(number)) this.#send({ kind: 'close', port: number })
    })
    port.start()
  }

  received(frame: Exclude<Frame, { kind: 'message' }>): void {
    const port = this.#ports.get(frame.port)
    if (!port) return
    if (frame.kind === 'port') {
      port.postMessage(frame.data)
      return
    }
    this.#ports.delete(frame.port)
    port.close()
  }

  /** The process at the other end is gone, and its ports with it. */
  closeAll(): void {
    for (const port of this.#ports.values()) port.close()
    this.#ports.clear()
  }
}
