import { ExpectedError } from '#contract/errors.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { MonitorSession } from '#firmware/transport/monitor/monitor-session.ts'
import { PortWatch } from '#firmware/transport/ports/port-watch.ts'
import { openSerialLine } from '#firmware/transport/serial-line.ts'
import type { BoardSession } from './board-session.ts'
import { PackedParts } from './packed-parts.ts'
import { RunningLine } from './running-line.ts'

export interface OpenBoardOptions {
  /** Of the fast part; the line begins at 115200. */
  baud: number
  signal: AbortSignal
  /** A board that refuses to be flashed is told, not refused. */
  identifyOnly?: boolean
  onTry?: (tries: number) => void
  /** Lines for the job's log. */
  onLog?: (text: string) => void
}

/**
 * Ports of this machine and the boards behind them; `start()` begins to look for ports.
 *
 * It runs in the thread of its caller: serialport's native part waits for ports on the loop of the process's main
 * thread and ends the process when it is used in another. What takes time (compressing) is done beside it.
 */
export class Bench {
  private readonly packedParts = new PackedParts()
  private readonly listeners = new Set<(ports: readonly SerialPort[]) => void>()
  private readonly watch: PortWatch
  /** One port, one job. The system's own lock does not hold where this runs as root. */
  private readonly inUse = new Set<string>()
  private readonly closing = new Set<() => Promise<void>>()

  /** @param onError a look at the ports that failed; the next one follows all the same */
  constructor(onError?: (error: unknown) => void) {
    this.watch = new PortWatch({ onError }, (ports) => {
      for (const listener of this.listeners) listener(ports)
    })
  }

  start(): void {
    this.watch.start()
  }

  /** Closes every port. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.watch.stop(), ...[...this.closing].map((close) => close())])
  }

  /** Ports as they are now. */
  ports(): readonly SerialPort[] {
    return this.watch.ports
  }

  /** @returns how to stop listening */
  onPorts(listener: (ports: readonly SerialPort[]) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /**
   * Opens a port, resets its board into download mode and asks who it is. Nothing is written.
   * @throws {ExpectedError} `port_unknown`, `port_busy`, `port_denied`, `port_failed`, `port_lost`, `board_silent`,
   *   `board_unsupported`, `flash_command_failed`, `flash_cancelled`; `board_secured` unless `identifyOnly`
   */
  openBoard(path: string, options: OpenBoardOptions): Promise<BoardSession> {
    const { onTry = () => {}, onLog = () => {}, identifyOnly = false } = options
    const { packedParts } = this
    // What is being opened when the bench stops ends as if a person had cancelled it.
    const stop = new AbortController()
    const signal = AbortSignal.any([options.signal, stop.signal])
    const wish = { path, baud: options.baud, signal, identifyOnly, onTry, onLog, packedParts }
    return this.hold(path, stop, async () => {
      // With esptool-js, which a site that never flashes need not load.
      const { openBoardSession } = await import('./board-session.ts')
      const session = await openBoardSession(wish)
      return { held: session, closed: session.closed, close: () => session.end() }
    })
  }

  /**
   * Opens a port to listen.
   * @throws {ExpectedError} `port_unknown`, `port_busy`, `port_denied`, `port_failed`
   */
  openMonitor(path: string, { baud }: { baud: number }): Promise<MonitorSession> {
    const stop = new AbortController()
    return this.hold(path, stop, async () => {
      const line = await openSerialLine({ path, baud, signal: stop.signal, step: () => 'watching' })
      const monitor = new MonitorSession(new RunningLine(line))
      monitor.start()
      return { held: monitor, closed: line.closed, close: () => monitor.close() }
    })
  }

  private async hold<T>(
    path: string,
    stop: AbortController,
    open: () => Promise<{ held: T; closed: Promise<void>; close: () => Promise<void> }>,
  ): Promise<T> {
    if (this.inUse.has(path)) throw new ExpectedError('port_busy', { port: path, holder: 'Millwright' })
    this.inUse.add(path)
    const opening = open()
    const close = async (): Promise<void> => {
      stop.abort()
      await opening.then((opened) => opened.close()).catch(() => {})
    }
    this.closing.add(close)
    const forget = (): void => {
      this.inUse.delete(path)
      this.closing.delete(close)
    }
    try {
      const { held, closed } = await opening
      void closed.then(forget)
      return held
    } catch (error) {
      forget()
      throw error
    }
  }
}
