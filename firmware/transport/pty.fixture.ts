import { type ChildProcess, spawn } from 'node:child_process'

/** A pseudo terminal: `path` is what a port opens; the other end is here. */
export interface PseudoTerminal {
  path: string
  /** All bytes that came from the port so far. */
  received(): Buffer
  onReceived(listener: (bytes: Buffer) => void): void
  send(bytes: Uint8Array | string): void
  /** Stops taking bytes, as a hung board does. */
  freeze(): void
  /** Pulls the cable. */
  unplug(): void
  stop(): Promise<void>
}

/** Starts socat between a new pseudo terminal and this process. */
export async function openPseudoTerminal(): Promise<PseudoTerminal> {
  const socat = spawn('socat', ['-d', '-d', 'PTY,raw,echo=0', 'STDIO'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const path = await pathOf(socat)
  const chunks: Buffer[] = []
  const listeners: ((bytes: Buffer) => void)[] = []
  socat.stdout.on('data', (bytes: Buffer) => {
    chunks.push(bytes)
    for (const listener of listeners) listener(bytes)
  })
  const exited = new Promise<void>((done) => socat.once('exit', () => done()))
  socat.stdin.on('error', () => undefined)
  return {
    path,
    received: () => Buffer.concat(chunks),
    onReceived: (listener) => listeners.push(listener),
    send: (bytes) => socat.stdin.write(bytes),
    freeze: () => socat.kill('SIGSTOP'),
    unplug: () => socat.kill('SIGKILL'),
    stop: async () => {
      socat.kill('SIGKILL')
      await exited
    },
  }
}

function pathOf(socat: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let said = ''
    socat.once('error', failed)
    socat.once('exit', () => failed(new Error(`socat ended: ${said}`)))
    socat.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      const path = /PTY is (\S+)/.exec(said)?.[1]
      if (path !== undefined) found(path)
    })
  })
}
