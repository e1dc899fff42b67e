import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LoadTarget } from '../load/load-protocol.ts'

const run = promisify(execFile)

/** Debian's mosquitto with mutual TLS for gateways and a plain loopback listener for the subscriber beside it. */
export class Mosquitto {
  #child: ChildProcess | null = null
  #dir = ''
  target: LoadTarget = { host: '127.0.0.1', port: 0, ca: '' }
  subscriberPort = 0

  /** @param clientCa PEM that the gateways' certificates chain to: the site's own, so that both see the same keys */
  async start(clientCa: string): Promise<void> {
    this.#dir = await mkdtemp(join(tmpdir(), 'millwright-bench-mosquitto-'))
    const at = (name: string): string => join(this.#dir, name)
    const request =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=127.0.0.1'
    const extension = ['-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', at('server.key'), '-out', at('server.crt')]
    await run('openssl', [...request.split(' '), ...extension, ...files])
    await writeFile(at('ca.crt'), clientCa)
    const [tlsPort, plainPort] = [await freePort(), await freePort()]
    // Bounds are lifted where they would throttle the pipeline, not the broker: the peer runs at its best.
    await writeFile(
      at('mosquitto.conf'),
      [
        'per_listener_settings false',
        'allow_anonymous true',
        'persistence false',
        'log_type error',
        'max_inflight_messages 0',
        'max_queued_messages 1000000',
        'set_tcp_nodelay true',
        `listener ${tlsPort} 127.0.0.1`,
        `cafile ${at('ca.crt')}`,
        `certfile ${at('server.crt')}`,
        `keyfile ${at('server.key')}`,
        'require_certificate true',
        `listener ${plainPort} 127.0.0.1`,
        '',
      ].join('\n'),
    )
    if (process.getuid?.() === 0) await run('chmod', ['-R', 'a+rX', this.#dir])
    this.#child = spawn('mosquitto', ['-c', at('mosquitto.conf')], { stdio: ['ignore', 'ignore', 'inherit'] })
    await answering(plainPort, this.#child)
    this.target = { host: '127.0.0.1', port: tlsPort, ca: await readFile(at('server.crt'), 'utf8') }
    this.subscriberPort = plainPort
  }

  get dir(): string {
    return this.#dir
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child !== null && child.exitCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    if (this.#dir !== '') await rm(this.#dir, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('mosquitto does not answer')
}
