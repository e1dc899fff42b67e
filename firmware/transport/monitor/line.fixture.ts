import { ExpectedError } from '#contract/errors.ts'
import type { MonitoredLine } from './monitor-session.ts'

/** A line whose other end is here. */
export interface LineFixture extends MonitoredLine {
  /** What was written, as text. */
  readonly written: string[]
  resets: number
  /** The board speaks. */
  say(bytes: Uint8Array | string): void
  unplug(): void
}

export function lineFixture(): LineFixture {
  const ended = Promise.withResolvers<Error | null>()
  let listener: ((bytes: Uint8Array) => void) | undefined
  const path = '/dev/ttyUSB0'
  const line: LineFixture = {
    path,
    written: [],
    resets: 0,
    ended: ended.promise,
    listen: (next) => (listener = next),
    write: async (bytes) => void line.written.push(Buffer.from(bytes).toString()),
    reset: async () => void line.resets++,
    close: async () => ended.resolve(null),
    say: (bytes) => listener?.(typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    unplug: () => ended.resolve(new ExpectedError('port_lost', { port: path, step: 'watching' })),
  }
  return line
}
