import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bareEnvironment, cliEntry, millwrightJson } from './command.ts'

export const PASSWORD = 'four quiet turbines at dawn'
export const ADMIN = 'ana@plant.example'

/** A site set up and served by the command line, as a person would do it, on ports of the system's choice. */
export class SiteProcess {
  readonly dir: string
  readonly dataDir: string
  readonly passwordFile: string
  setup: Record<string, unknown> = {}
  readyLine = ''
  /** Of the server, beside the bare one. */
  environment: Record<string, string> = {}
  #child: ChildProcess | null = null

  constructor(dir: string) {
    this.dir = dir
    this.dataDir = join(dir, 'site')
    this.passwordFile = join(dir, 'password')
  }

  async create(): Promise<void> {
    await writeFile(this.passwordFile, `${PASSWORD}\n`, { mode: 0o600 })
    const ports = ['--https', '0', '--device-https', '0', '--mqtts', '0', '--http', '0']
    const who = ['--site', 'Plant 1', '--admin', ADMIN, '--password-file', this.passwordFile]
    this.setup = await millwrightJson([
      'setup',
      '--data',
      this.dataDir,
      '--address',
      '127.0.0.1',
      ...who,
      ...ports,
    ])
  }

  async start(...flags: string[]): Promise<void> {
    const child = spawn(process.execPath, [cliEntry, 'serve', '--data', this.dataDir, ...flags], {
      env: { ...bareEnvironment(), ...this.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    const lines = createInterface({ input: child.stdout })
    this.readyLine = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      child.once('exit', (code) => reject(new Error(`serve ended with ${code}`)))
    })
  }

  /** @returns the exit code */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null
    const gone = once(child, 'exit')
    child.kill(signal)
    const [code] = (await gone) as [number | null]
    return code
  }
}

export async function makeSiteProcess(): Promise<SiteProcess> {
  return new SiteProcess(await mkdtemp(join(tmpdir(), 'millwright-cli-')))
}

export async function removeSiteProcess(site: SiteProcess): Promise<void> {
  await site.stop('SIGKILL')
  await rm(site.dir, { recursive: true, force: true })
}
