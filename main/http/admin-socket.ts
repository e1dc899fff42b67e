import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestHandler } from './listeners.ts'
import { closeServer } from './listeners.ts'

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the closing zero. */
const LONGEST_PATH = 100

/**
 * Local administration: a Unix socket in the data folder that only its owner can open, or, where the path would
 * be too long, in a private folder of the user. `run.json` names it.
 */
export class AdminSocket {
  readonly path: string
  readonly #server: http.Server

  constructor(dataDir: string, handler: RequestHandler) {
    this.path = socketPath(dataDir)
    this.#server = http.createServer(handler)
  }

  async start(): Promise<void> {
    // What a killed engine left; the data lock, held since, says that nobody listens on it.
    rmSync(this.path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.path, resolve)
    })
    if (process.platform !== 'win32') chmodSync(this.path, 0o600)
  }

  async stop(): Promise<void> {
    await closeServer(this.#server)
  }
}

function socketPath(dataDir: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\millwright-${randomBytes(16).toString('hex')}`
  const inside = join(dataDir, 'admin.sock')
  if (Buffer.byteLength(inside) <= LONGEST_PATH) return inside
  const folder = join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), `millwright-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  return join(folder, `${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`)
}
