import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import { admitLocal } from '#platform/local-socket/handshake.ts'
import { writeLocalToken } from '#platform/local-socket/local-token.ts'
import type { RequestHandler } from './listeners.ts'
import { closeServer, trackConnections } from './listeners.ts'
import { cutSlowBodies } from './slow-bodies.ts'

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the closing zero. */
const LONGEST_PATH = 100
const isWindows = process.platform === 'win32'

export interface AdminSocketOptions {
  dataDir: string
  handler: RequestHandler
  /** Callers prove that they can read a token's file: where the socket itself cannot be closed to others. */
  asksForToken?: boolean
}

/**
 * Local administration: a Unix socket in the data folder that only its owner can open, or, where the path would
 * be too long, in a private folder of the user. On Windows, where a pipe is open to all, a pipe of random name whose
 * callers know the token (`handshake.ts`; untested on Windows itself). `run.json` names both.
 */
export class AdminSocket {
  readonly #options: AdminSocketOptions
  #path: string | null = null
  #tokenFile: string | null = null
  #http: http.Server | null = null
  #door: net.Server | null = null

  constructor(options: AdminSocketOptions) {
    this.#options = options
  }

  get path(): string | null {
    return this.#path
  }

  get tokenFile(): string | null {
    return this.#tokenFile
  }

  /** @throws ExpectedError `data_not_writable` */
  async start(): Promise<void> {
    const { dataDir, handler, asksForToken = isWindows } = this.#options
    const path = socketPath(dataDir)
    this.#http = http.createServer(handler)
    cutSlowBodies(this.#http)
    this.#door = this.#http
    if (asksForToken) {
      this.#tokenFile = join(dataDir, 'admin.token')
      this.#door = guardedDoor(this.#http, await writeLocalToken(this.#tokenFile))
    }
    const door = this.#door
    trackConnections(door)
    // What a killed engine left; the data lock, held since, says that nobody listens on it.
    if (!isWindows) rmSync(path, { force: true })
    await new Promise<void>((resolve, reject) => {
      door.once('error', reject)
      door.listen(path, resolve)
    })
    door.on('error', () => undefined)
    if (!isWindows) chmodSync(path, 0o600)
    this.#path = path
  }

  async stop(): Promise<void> {
    if (this.#door) await closeServer(this.#door)
    if (this.#http && this.#http !== this.#door) this.#http.closeAllConnections()
    if (this.#tokenFile !== null) rmSync(this.#tokenFile, { force: true })
  }
}

/** Hands a stream to HTTP once both ends have proved that they know the token. */
function guardedDoor(server: http.Server, token: Uint8Array): net.Server {
  return net.createServer({ pauseOnConnect: true }, (socket) => {
    void admit(socket, server, token)
  })
}

async function admit(socket: net.Socket, server: http.Server, token: Uint8Array): Promise<void> {
  try {
    await admitLocal(socket, token)
  } catch {
    // The stream is destroyed: whoever it was hears nothing, not even why.
    return
  }
  server.emit('connection', socket)
  socket.resume()
}

function socketPath(dataDir: string): string {
  if (isWindows) return `\\\\.\\pipe\\millwright-${randomBytes(16).toString('hex')}`
  const inside = join(dataDir, 'admin.sock')
  if (Buffer.byteLength(inside) <= LONGEST_PATH) return inside
  const folder = join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), `millwright-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // In a folder that all may write, another user can have made it first, or a link to somewhere else.
  const { uid } = lstatSync(folder)
  if (!lstatSync(folder).isDirectory() || uid !== process.getuid?.())
    throw new ExpectedError('data_not_writable', { dir: folder, cause: 'it belongs to somebody else' })
  chmodSync(folder, 0o700)
  return join(folder, `${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`)
}
