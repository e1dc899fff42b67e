import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connectSite, type SiteConnection } from '#cli/site/connect-site.ts'
import type { LoadTarget } from '../load/load-protocol.ts'

const run = promisify(execFile)
const built = fileURLToPath(new URL('../../dist/main/cli/main.js', import.meta.url))
const sources = fileURLToPath(new URL('../../main/cli/main.ts', import.meta.url))

/** `dist` where it was built, as people run it; `MILLWRIGHT_BENCH_SOURCES=1` measures the sources. */
export const measured =
  existsSync(built) && process.env.MILLWRIGHT_BENCH_SOURCES === undefined ? 'build' : 'sources'
const command = fileURLToPath(new URL('../../tools/bin/millwright.js', import.meta.url))
const entry = measured === 'build' ? command : sources

/** As `millwright` starts itself (tools/bin/millwright.js). */
const productFlags = ['--max-semi-space-size=4']

/** A real site in its own process on a throw-away folder, as a person would set it up. */
export class BenchSite {
  dataDir = ''
  #child: ChildProcess | null = null
  #connection: SiteConnection | null = null

  /** Sets the site up; does not start it. */
  async create(): Promise<void> {
    this.dataDir = await mkdtemp(join(tmpdir(), 'millwright-bench-'))
    const passwordFile = join(this.dataDir, 'password')
    await writeFile(passwordFile, 'throw-away benchmark site', { mode: 0o600 })
    const answers = ['--site', 'Benchmark', '--admin', 'bench@example.com', '--password-file', passwordFile]
    const ports = ['--https', '0', '--device-https', '0', '--mqtts', '0', '--http', '0']
    const where = ['--data', this.dataDir, '--address', '127.0.0.1', ...ports]
    await run(process.execPath, [entry, 'setup', ...where, ...answers])
  }

  /** @returns seconds from the start of the process to its "ready" line */
  async start(): Promise<number> {
    const startedAt = performance.now()
    const child = spawn(process.execPath, [...productFlags, entry, 'serve', '--data', this.dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MILLWRIGHT_LOG: 'error' },
    })
    this.#child = child
    const lines = createInterface({ input: child.stdout })
    const ready = await new Promise<number>((resolve, reject) => {
      lines.on('line', (line) => {
        if (line.startsWith('ready ')) resolve(performance.now())
      })
      child.once('exit', (code) => reject(new Error(`the engine ended with ${code} before it was ready`)))
    })
    this.#connection = await connectSite({ data: this.dataDir })
    return (ready - startedAt) / 1_000
  }

  get client(): SiteConnection['client'] {
    return this.#running.client
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Where gateways connect, and the CA that they trust. */
  async target(): Promise<LoadTarget> {
    const { run: runFile } = this.#running
    const { hostname, port } = new URL(runFile?.mqtts ?? '')
    return { host: hostname, port: Number(port), ca: await this.deviceCa() }
  }

  /** Plain HTTP on this machine: `http://localhost:40123`. */
  get origin(): string {
    return (this.#running.run?.httpUrl ?? '').replace('localhost', '127.0.0.1')
  }

  /** The listener for boxes: `https://127.0.0.1:40124`. */
  get deviceOrigin(): string {
    return this.#running.run?.deviceHttps ?? ''
  }

  async deviceCa(): Promise<string> {
    return (await this.#running.get('/pki/ca.crt')).text()
  }

  /** Readings on disk since the site was made. */
  async committed(): Promise<number> {
    return (await this.client.site.status()).readingsTotal
  }

  /** Resident memory of the whole engine, all its threads, in MiB. */
  async memory(): Promise<number> {
    if (process.platform === 'linux') {
      const status = await readFile(`/proc/${this.pid}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024
    }
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(this.pid)])
    return Number(stdout.trim()) / 1_024
  }

  async stop(): Promise<void> {
    await this.#connection?.close()
    this.#connection = null
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }

  async remove(): Promise<void> {
    await this.stop()
    if (this.dataDir !== '') await rm(this.dataDir, { recursive: true, force: true })
  }

  get #running(): SiteConnection {
    if (this.#connection === null) throw new Error('the site does not run')
    return this.#connection
  }
}
