import type { MessagePortMain } from 'electron'
import { assertNever } from '#contract/errors.ts'
import type { EngineState } from '#contract/shell.ts'
import {
  type EngineAddresses,
  type EngineStart,
  type FromEngine,
  isFromEngine,
  type ToEngine,
} from '../protocol.ts'
import { type BackOffPolicy, defaultBackOff, restartDelay } from './back-off.ts'
import type { EngineProcess } from './engine-process.ts'
import { OutputTail } from './output-tail.ts'

export interface SupervisorOptions {
  fork(): EngineProcess
  /** Asked before every start, so that a new data folder or key counts from then on. */
  startOptions(): Promise<EngineStart>
  log(line: string): void
  backOff?: BackOffPolicy
  limits?: SupervisorLimits
}

/** All in ms. */
export interface SupervisorLimits {
  /** From fork to `ready`: long enough for the migrations of a large store. */
  ready: number
  pingEvery: number
  /** Unanswered pings in a row that count as hanging. Counted, not timed: a laptop that slept has missed none. */
  pingsMissed: number
  /** From the request to stop until the process is killed. The engine's own limit is 10 s. */
  stop: number
  /** From SIGTERM to SIGKILL. */
  kill: number
}

export const defaultLimits: SupervisorLimits = {
  ready: 120_000,
  pingEvery: 5_000,
  pingsMissed: 6,
  stop: 11_000,
  kill: 2_000,
}

export type Refusal = Extract<FromEngine, { type: 'refused' }>

export type SupervisorListener = (state: EngineState) => void

type Phase = 'idle' | 'preparing' | 'starting' | 'running' | 'waiting' | 'failed' | 'stopping' | 'stopped'

/**
 * Keeps one engine process alive: starts it, watches it, starts it again after a crash with growing pauses, and
 * gives up when it crashes again and again, until a person retries.
 */
export class EngineSupervisor {
  readonly #options: SupervisorOptions
  readonly #backOff: BackOffPolicy
  readonly #limits: SupervisorLimits
  readonly #listeners = new Set<SupervisorListener>()
  /** Ports asked for while no engine runs: one a window, handed over when it is up. */
  readonly #waitingPorts = new Map<number, MessagePortMain>()
  /** Tokens of the windows' sessions, as a browser's cookies: past a reload and a crash, not past quitting. */
  readonly #sessions = new Map<number, string>()

  #phase: Phase = 'idle'
  #state: EngineState = { state: 'starting' }
  #addresses: EngineAddresses = { urls: [] }
  #process: EngineProcess | null = null
  #output = new OutputTail()
  #crashesInARow = 0
  #startedAt = 0
  #cause: string | null = null
  #refusal: Refusal | null = null
  #pingId = 0
  #pingsMissed = 0
  #timer: NodeJS.Timeout | undefined
  #pings: NodeJS.Timeout | undefined
  #stopped: PromiseWithResolvers<'stopped' | 'killed'> | null = null

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#backOff = options.backOff ?? defaultBackOff
    this.#limits = options.limits ?? defaultLimits
  }

  get state(): EngineState {
    return this.#state
  }

  get addresses(): EngineAddresses {
    return this.#addresses
  }

  /** Why the engine refused its last start, where that is why it failed. */
  get refusal(): Refusal | null {
    return this.#refusal
  }

  listen(listener: SupervisorListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Starts the engine, or starts it again at a person's wish; does nothing while one runs or is on its way. */
  start(): void {
    if (
      this.#phase !== 'idle' &&
      this.#phase !== 'failed' &&
      this.#phase !== 'waiting' &&
      this.#phase !== 'stopped'
    )
      return
    clearTimeout(this.#timer)
    if (this.#phase !== 'waiting') this.#crashesInARow = 0
    void this.#launch()
  }

  /**
   * Gives a window's port to the engine, at once or when it is up. A newer port of the same window replaces one
   * that still waits.
   */
  connect(windowId: number, port: MessagePortMain): void {
    if (this.#phase === 'running') {
      this.#connect(windowId, port)
      return
    }
    this.#waitingPorts.get(windowId)?.close()
    this.#waitingPorts.set(windowId, port)
  }

  /** Asks the engine to stop and waits; past the limit its process is killed. */
  stop(): Promise<'stopped' | 'killed'> {
    if (this.#stopped) return this.#stopped.promise
    clearTimeout(this.#timer)
    clearInterval(this.#pings)
    for (const port of this.#waitingPorts.values()) port.close()
    this.#waitingPorts.clear()
    // Another data folder may follow: its site must not see them.
    this.#sessions.clear()
    if (!this.#process) {
      this.#phase = 'stopped'
      return Promise.resolve('stopped')
    }
    this.#phase = 'stopping'
    const stopped = Promise.withResolvers<'stopped' | 'killed'>()
    this.#stopped = stopped
    this.#post({ type: 'stop' })
    this.#timer = setTimeout(() => {
      this.#options.log(`The engine did not stop within ${this.#limits.stop / 1000} s and is killed`)
      this.#cause = 'killed'
      this.#kill()
    }, this.#limits.stop)
    return stopped.promise
  }

  async #launch(): Promise<void> {
    this.#phase = 'preparing'
    this.#setState({ state: 'starting' })
    let options: EngineStart
    try {
      options = await this.#options.startOptions()
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error))
      return
    }
    // A stop may have come meanwhile.
    if (this.#phase !== 'preparing') return
    this.#phase = 'starting'
    this.#cause = null
    this.#refusal = null
    this.#startedAt = performance.now()
    this.#output = new OutputTail()
    const engine = this.#options.fork()
    this.#process = engine
    this.#output.read(engine)
    engine.on('message', (message) => {
      if (engine !== this.#process) return
      if (isFromEngine(message)) this.#received(message)
      else this.#options.log('The engine sent a message of unknown form')
    })
    engine.on('exit', (code) => {
      if (engine === this.#process) this.#exited(code)
    })
    this.#post({ type: 'start', options })
    this.#timer = setTimeout(() => {
      this.#cause = `The engine was not ready within ${this.#limits.ready / 1000} s`
      this.#kill()
    }, this.#limits.ready)
  }

  #received(message: FromEngine): void {
    switch (message.type) {
      case 'ready':
        this.#becameReady(message.addresses)
        return
      case 'refused':
        this.#refusal = message
        return
      case 'pong':
        if (message.id === this.#pingId) this.#pingsMissed = 0
        return
      case 'session':
        if (message.token === null) this.#sessions.delete(message.windowId)
        else this.#sessions.set(message.windowId, message.token)
        return
      case 'crashing':
        this.#cause ??= message.cause
        return
      case 'stopped':
        return
      default:
        assertNever(message)
    }
  }

  #becameReady(addresses: EngineAddresses): void {
    if (this.#phase !== 'starting') return
    clearTimeout(this.#timer)
    this.#phase = 'running'
    this.#addresses = addresses
    this.#pingsMissed = 0
    this.#pings = setInterval(() => this.#ping(), this.#limits.pingEvery)
    this.#setState({ state: 'running' })
    for (const [windowId, port] of this.#waitingPorts) this.#connect(windowId, port)
    this.#waitingPorts.clear()
  }

  #ping(): void {
    if (this.#pingsMissed >= this.#limits.pingsMissed) {
      clearInterval(this.#pings)
      this.#cause = `The engine did not answer ${this.#pingsMissed} times in a row`
      this.#kill()
      return
    }
    this.#pingsMissed += 1
    this.#pingId += 1
    this.#post({ type: 'ping', id: this.#pingId })
  }

  #exited(code: number): void {
    clearTimeout(this.#timer)
    clearInterval(this.#pings)
    this.#process = null
    this.#addresses = { urls: [] }
    if (this.#phase === 'stopping') {
      this.#phase = 'stopped'
      const how = this.#cause === 'killed' ? 'killed' : 'stopped'
      this.#stopped?.resolve(how)
      this.#stopped = null
      return
    }
    if (this.#refusal) {
      this.#fail(this.#refusal.message)
      return
    }
    this.#crashed(this.#cause ?? this.#output.lastError() ?? `The engine ended with code ${code}`)
  }

  #crashed(cause: string): void {
    const ran = performance.now() - this.#startedAt
    this.#crashesInARow = ran >= this.#backOff.soundAfter ? 1 : this.#crashesInARow + 1
    const delay = restartDelay(this.#crashesInARow, this.#backOff)
    this.#options.log(`The engine crashed (${this.#crashesInARow} in a row): ${cause}`)
    if (delay === null) {
      this.#fail(cause)
      return
    }
    this.#phase = 'waiting'
    this.#timer = setTimeout(() => void this.#launch(), delay)
    this.#setState({ state: 'crashed', attempt: this.#crashesInARow, retryAt: Date.now() + delay, cause })
  }

  #fail(cause: string): void {
    this.#phase = 'failed'
    this.#options.log(`The engine does not run: ${cause}`)
    this.#setState({ state: 'failed', cause })
  }

  /** SIGTERM, then SIGKILL for a process that hangs in native code or is stopped. */
  #kill(): void {
    const engine = this.#process
    if (!engine) return
    engine.kill()
    setTimeout(() => {
      if (this.#process !== engine || engine.pid === undefined) return
      try {
        process.kill(engine.pid, 'SIGKILL')
      } catch {
        // It ended in the meantime.
      }
    }, this.#limits.kill).unref()
  }

  #connect(windowId: number, port: MessagePortMain): void {
    this.#post({ type: 'connect', windowId, token: this.#sessions.get(windowId) ?? null }, [port])
  }

  #post(message: ToEngine, transfer?: MessagePortMain[]): void {
    this.#process?.postMessage(message, transfer)
  }

  #setState(state: EngineState): void {
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }
}
