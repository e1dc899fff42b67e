import { ExpectedError } from '#contract/errors.ts'
import { GatewaySetup, type GatewaySetupRequest } from '../setup/gateway-setup.ts'
import { ImprovClient, type ImprovResult } from '../setup/improv-client.ts'
import { type BoardLine, BootLog } from './boot-log.ts'
import { LineRing } from './line-ring.ts'
import { LineSplitter, type RawLine } from './line-splitter.ts'

/** What a monitor needs of the line of a running board; the bench's `RunningLine` is one. */
export interface MonitoredLine {
  readonly path: string
  /** Settles when the line is gone: null where we closed it. Never rejects. */
  readonly ended: Promise<Error | null>
  listen(listener: (bytes: Uint8Array) => void): unknown
  write(bytes: Uint8Array): Promise<void>
  /** Starts the board's program anew. */
  reset(): Promise<void>
  close(): Promise<void>
}

interface MonitorOptions {
  /** Keep colours and other escape sequences in the text. */
  keepColours?: boolean
}

/** Lines are handed on together, this often. */
const BATCH_MS = 50
/** A line without an end, a prompt, is shown after so long a silence. */
const PARTIAL_MS = 300

type LinesListener = (lines: readonly BoardLine[], dropped: number) => void

/**
 * A board that runs: what it says, line by line and decoded, and what is said to it. It takes the line over, also
 * from a flasher that is done with it, and closes it. Lines that come before somebody listens are kept for them.
 */
export class MonitorSession {
  /** Settles when the line is gone and all lines are handed on: null where we closed it, else `port_lost`. */
  readonly ended: Promise<Error | null>
  readonly #settleEnded: (error: Error | null) => void
  readonly #line: MonitoredLine
  readonly #splitter = new LineSplitter()
  readonly #log: BootLog
  readonly #ring = new LineRing()
  readonly #listeners = new Set<LinesListener>()
  readonly #setup: GatewaySetup
  readonly #improv: ImprovClient
  #batch: NodeJS.Timeout | undefined
  #partial: NodeJS.Timeout | undefined

  constructor(line: MonitoredLine, options: MonitorOptions = {}) {
    this.#line = line
    this.#log = new BootLog(options.keepColours === undefined ? {} : { keepColours: options.keepColours })
    const send = (bytes: Uint8Array): Promise<void> => this.#line.write(bytes)
    this.#setup = new GatewaySetup(line.path, send)
    this.#improv = new ImprovClient(line.path, send)
    const ended = Promise.withResolvers<Error | null>()
    this.ended = ended.promise
    this.#settleEnded = ended.resolve
  }

  /** Begins to read. */
  start(): void {
    void this.#awaitEnd()
    this.#line.listen((bytes) => this.#hear(bytes))
  }

  /** @returns how to stop listening */
  onLines(listener: LinesListener): () => void {
    this.#listeners.add(listener)
    this.#handOn()
    return () => this.#listeners.delete(listener)
  }

  /** @throws ExpectedError port_lost */
  async send(text: string): Promise<void> {
    await this.#line.write(Buffer.from(text, 'utf8'))
  }

  /** Starts the board's program anew. @throws ExpectedError port_lost */
  reset(): Promise<void> {
    return this.#line.reset()
  }

  /** A call of our firmware. @throws ExpectedError setup_silent, setup_failed, port_lost */
  call(request: GatewaySetupRequest): Promise<Record<string, unknown>> {
    return this.#orLost(this.#setup.call(request))
  }

  /** Wi-Fi by Improv. @throws ExpectedError setup_silent, setup_failed, port_lost */
  improv(wifi: { ssid: string; password: string }): Promise<ImprovResult> {
    return this.#orLost(this.#improv.provision(wifi))
  }

  /** May be called twice; the line is closed when it settles. */
  async close(): Promise<void> {
    await this.#line.close()
    await this.ended
  }

  async #awaitEnd(): Promise<void> {
    const error = await this.#line.ended
    clearTimeout(this.#partial)
    this.#decode(this.#splitter.flush())
    this.#handOn()
    this.#settleEnded(error)
  }

  #orLost<T>(work: Promise<T>): Promise<T> {
    const lost = async (): Promise<never> => {
      const error = await this.#line.ended
      throw error ?? new ExpectedError('port_lost', { port: this.#line.path, step: 'watching' })
    }
    return Promise.race([work, lost()])
  }

  #hear(bytes: Uint8Array): void {
    this.#setup.hear(bytes)
    this.#improv.hear(bytes)
    for (const line of this.#splitter.push(bytes)) this.#decode(line)
    clearTimeout(this.#partial)
    this.#partial = setTimeout(() => this.#decode(this.#splitter.flush()), PARTIAL_MS)
    this.#partial.unref()
  }

  #decode(line: RawLine | undefined): void {
    if (line === undefined) return
    const decoded = this.#log.decode(line, Date.now())
    // Setup goes over the same line. Its words are no log, and a board that echoes would put passwords into it.
    if (/MW \{|IMPROV/.test(decoded.text)) return
    this.#ring.push(decoded)
    this.#batch ??= setTimeout(() => this.#handOn(), BATCH_MS)
    this.#batch.unref()
  }

  #handOn(): void {
    clearTimeout(this.#batch)
    this.#batch = undefined
    if (this.#listeners.size === 0 || this.#ring.size === 0) return
    const { lines, dropped } = this.#ring.take()
    for (const listener of this.#listeners) listener(lines, dropped)
  }
}
