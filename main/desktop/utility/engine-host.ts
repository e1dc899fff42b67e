import type { MessagePortMain } from 'electron'
import { assertNever, ExpectedError } from '#contract/errors.ts'
import {
  type EngineAddresses,
  type EngineStart,
  type FromEngine,
  isToEngine,
  type ToEngine,
} from '../protocol.ts'

/** What the host needs of the engine; `main.ts` binds it to `createEngine`. */
export interface HostedEngine {
  start(): Promise<EngineAddresses>
  stop(): Promise<void>
  attachPort(port: MessagePortMain, keeper: SessionKeeper): void
}

/** A window's session, whose token the shell keeps. */
export interface SessionKeeper {
  token: string | null
  tokenChanged(token: string | null): void
}

/** What is used of `process.parentPort`. */
export interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: MessagePortMain[] }) => void): unknown
  postMessage(message: unknown): void
}

export interface EngineHostOptions {
  parent: ParentPort
  create(start: EngineStart): Promise<HostedEngine>
  /** Ends this process once the last message is on its way. */
  exit(code: number): void
}

/** Runs one engine at the shell's word: start, ports, pings, stop. The process serves one engine and then ends. */
export class EngineHost {
  readonly #options: EngineHostOptions
  #engine: HostedEngine | null = null
  #starting: Promise<void> | null = null
  #stopping = false

  constructor(options: EngineHostOptions) {
    this.#options = options
  }

  /** Listens to the shell. */
  start(): void {
    this.#options.parent.on('message', (event) => {
      if (isToEngine(event.data)) this.#received(event.data, event.ports)
      else console.error('Error: the shell sent a message of unknown form')
    })
  }

  /** Tells the shell why this process is about to die: for uncaught errors. */
  crash(error: unknown): void {
    this.#post({
      type: 'crashing',
      cause: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    })
    this.#options.exit(1)
  }

  #received(message: ToEngine, ports: MessagePortMain[]): void {
    switch (message.type) {
      case 'start':
        this.#starting ??= this.#boot(message.options)
        return
      case 'connect':
        this.#connect(message, ports)
        return
      case 'ping':
        this.#post({ type: 'pong', id: message.id })
        return
      case 'stop':
        void this.#stop()
        return
      default:
        assertNever(message)
    }
  }

  async #boot(start: EngineStart): Promise<void> {
    try {
      const engine = await this.#options.create(start)
      this.#engine = engine
      const addresses = await engine.start()
      this.#post({ type: 'ready', addresses })
    } catch (error) {
      if (!(error instanceof ExpectedError)) {
        console.error(error)
        this.crash(error)
        return
      }
      this.#post({ type: 'refused', code: error.code, message: error.message, data: error.data })
      this.#options.exit(0)
    }
  }

  #connect({ windowId, token }: Extract<ToEngine, { type: 'connect' }>, ports: MessagePortMain[]): void {
    const tokenChanged = (changed: string | null): void => {
      this.#post({ type: 'session', windowId, token: changed })
    }
    for (const port of ports) {
      if (!this.#engine || this.#stopping) {
        port.close()
        continue
      }
      this.#engine.attachPort(port, { token, tokenChanged })
      // Messages that came before anyone listened wait until here.
      port.start()
    }
  }

  async #stop(): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    try {
      // An engine that still starts is stopped after, not in the middle of, a migration.
      await this.#starting
      await this.#engine?.stop()
    } catch (error) {
      console.error(error)
    }
    this.#post({ type: 'stopped' })
    this.#options.exit(0)
  }

  #post(message: FromEngine): void {
    this.#options.parent.postMessage(message)
  }
}
