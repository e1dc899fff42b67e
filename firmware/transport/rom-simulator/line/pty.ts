import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync } from 'node:fs'

/** Bytes that wait for a host that does not read; more are lost, as in a UART without flow control. */
const BACKLOG_LIMIT = 256 * 1_024

/**
 * A pseudo terminal whose far end a host opens as its serial port. Node cannot make one, so socat holds the near
 * end; it is there as long as this object, and gone at once when it is closed.
 */
export class Pty {
  readonly #onBytes: (bytes: Uint8Array) => void
  #socat: ChildProcess | null = null
  /** Our own handle on the far end: hosts come and go, and without it the first one to leave would end the line. */
  #far: number | null = null

  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#onBytes = onBytes
  }

  /** @returns the path that a host opens */
  async open(): Promise<string> {
    const socat = spawn('socat', ['-d', '-d', 'PTY,raw,echo=0', 'STDIO'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C is for us: the boards are unplugged in order. When we die, its input ends, and with it socat.
      detached: true,
    })
    this.#socat = socat
    socat.stdin.on('error', () => {})
    socat.stdout.on('data', this.#onBytes)
    const path = await untilNamed(socat)
    socat.stderr.resume()
    this.#far = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
    return path
  }

  write(bytes: Uint8Array): void {
    const input = this.#socat?.stdin ?? null
    if (input !== null && input.writableLength <= BACKLOG_LIMIT) input.write(bytes)
  }

  pause(): void {
    this.#socat?.stdout?.pause()
  }

  resume(): void {
    this.#socat?.stdout?.resume()
  }

  /** Drops what no host has read: a port that is opened anew begins empty. */
  drain(): void {
    const scratch = Buffer.alloc(4_096)
    try {
      while (this.#far !== null && readSync(this.#far, scratch) > 0);
    } catch {
      // EAGAIN: nothing is left.
    }
  }

  async close(): Promise<void> {
    const socat = this.#socat
    if (this.#far !== null) closeSync(this.#far)
    this.#far = null
    this.#socat = null
    if (socat === null || socat.exitCode !== null || socat.signalCode !== null) return
    socat.stdout?.off('data', this.#onBytes)
    const ended = once(socat, 'exit')
    socat.kill('SIGKILL')
    await ended
  }
}

function untilNamed(socat: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const read = (chunk: Buffer): void => {
      said += chunk
      const path = /PTY is (\S+)/.exec(said)?.[1]
      // Named before it is set up: the transfer loop is the last that is told.
      if (path === undefined || !said.includes('starting data transfer')) return
      socat.stderr?.off('data', read)
      resolve(path)
    }
    socat.stderr?.on('data', read)
    socat.once('error', (cause) => reject(new SocatMissing(cause.message)))
    socat.once('exit', (code) => reject(new SocatMissing(said.trim() || `it ended with ${code}`)))
  })
}

/** Simulated boards need socat (Debian package socat), on Linux or macOS. */
export class SocatMissing extends Error {
  constructor(reason: string) {
    super(`Simulated boards need socat: install the package socat (${reason})`)
    this.name = 'SocatMissing'
  }
}
