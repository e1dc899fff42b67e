import { setTimeout as wait } from 'node:timers/promises'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { rememberedHolders } from './holder-memory.ts'
import { type ListPortsOptions, listPorts } from './list-ports.ts'

/** How often ports are looked for. */
const EVERY_MS = 1000

interface PortWatchOptions extends ListPortsOptions {
  everyMs?: number
  /** A look that failed, or a listener: told once as long as it stays the same. The next look is taken all the same. */
  onError?: ((error: unknown) => void) | undefined
}

/** Tells of ports that come, go or change, as long as it runs. */
export class PortWatch {
  readonly #options: PortWatchOptions
  readonly #onChange: (ports: SerialPort[]) => void
  readonly #stopped = new AbortController()
  #ports: SerialPort[] = []
  #running: Promise<void> | undefined

  /** @param onChange all ports, at first and at each change */
  constructor(options: PortWatchOptions, onChange: (ports: SerialPort[]) => void) {
    this.#options = options
    this.#onChange = onChange
  }

  /** As of the last look. */
  get ports(): readonly SerialPort[] {
    return this.#ports
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    let told: string | undefined
    let failed: string | undefined
    const findHolders = rememberedHolders()
    while (!signal.aborted) {
      try {
        const ports = await listPorts({ findHolders, ...this.#options })
        const now = JSON.stringify(ports)
        if (now !== told && !signal.aborted) {
          told = now
          this.#ports = ports
          this.#onChange(ports)
        }
        failed = undefined
      } catch (error) {
        if (String(error) !== failed) this.#options.onError?.(error)
        failed = String(error)
      }
      await wait(this.#options.everyMs ?? EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
}
