import type { MonitoredLine } from '#firmware/transport/monitor/monitor-session.ts'
import type { SerialLine } from '#firmware/transport/serial-line.ts'
import { hardReset } from './resets.ts'

/** The line of a board that runs. */
export class RunningLine implements MonitoredLine {
  readonly path: string
  readonly ended: Promise<Error | null>
  private readonly line: SerialLine

  constructor(line: SerialLine) {
    this.line = line
    this.path = line.path
    this.ended = line.closed.then(() => (line.end === 'lost' ? line.lostError() : null))
  }

  /** @returns how to stop listening */
  listen(listener: (bytes: Uint8Array) => void): () => void {
    return this.line.listen(listener)
  }

  /** @throws {ExpectedError} `port_lost` */
  write(bytes: Uint8Array): Promise<void> {
    return this.line.write(bytes)
  }

  /** @throws {ExpectedError} `port_lost` */
  reset(): Promise<void> {
    return hardReset(this.line)
  }

  close(): Promise<void> {
    return this.line.close()
  }
}
