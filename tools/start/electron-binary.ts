import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type ElectronBinary = { path: string } | { failure: string }

export interface FetchOptions {
  /** node_modules/electron */
  packageDir: string
  /** ms */
  timeLimit: number
  print: (line: string) => void
  /** How often progress is printed, ms. */
  progressEvery?: number
}

/** The path of the Electron binary, or null when it was not fetched yet, or is of another version. */
export function electronBinary(packageDir: string): string | null {
  try {
    const { version } = readPackage(packageDir)
    const fetched = readFileSync(join(packageDir, 'dist', 'version'), 'utf8')
      .trim()
      .replace(/^v/, '')
    const path = join(packageDir, 'dist', readFileSync(join(packageDir, 'path.txt'), 'utf8').trim())
    return fetched === version && existsSync(path) ? path : null
  } catch {
    return null
  }
}

/**
 * Fetches the Electron binary with Electron's own `install-electron`, which checks its hash, and says how far it
 * is. Never throws: that there is no binary is a reason to serve the site host, not an error.
 */
export async function fetchElectron(options: FetchOptions): Promise<ElectronBinary> {
  const { packageDir, timeLimit, print } = options
  const install = installScript(packageDir)
  if (!install) return { failure: 'the electron package is not installed' }
  print(
    `Fetching Electron ${readPackage(packageDir).version} for the desktop window, once (at most ${timeLimit / 1000} s)`,
  )
  // Its own temporary folder shows how much has arrived, and leaves nothing behind when it is cut short.
  const temporary = mkdtempSync(join(tmpdir(), 'millwright-electron-'))
  try {
    const failure = await run(install, temporary, options)
    if (failure) return { failure }
    const path = electronBinary(packageDir)
    return path ? { path } : { failure: 'what was fetched is not complete' }
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
  }
}

function run(
  install: string,
  temporary: string,
  { timeLimit, print, progressEvery = 2_000 }: FetchOptions,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [install], {
      env: {
        ...process.env,
        TMPDIR: temporary,
        TEMP: temporary,
        TMP: temporary,
        ELECTRON_GET_NO_PROGRESS: '1',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    let outOfTime = false
    const progress = setInterval(
      () => print(`  ${(bytesIn(temporary) / 1_000_000).toFixed(0)} MB`),
      progressEvery,
    )
    const limit = setTimeout(() => {
      outOfTime = true
      child.kill('SIGKILL')
    }, timeLimit)
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + String(chunk)).slice(-8_192)
    })
    child.on('error', (error) => finish(error.message))
    child.on('close', (code) => {
      if (outOfTime) finish(`it did not arrive within ${timeLimit / 1000} s`)
      else finish(code === 0 ? null : `it could not be fetched (${causeIn(errors)})`)
    })

    function finish(failure: string | null): void {
      clearInterval(progress)
      clearTimeout(limit)
      resolve(failure)
    }
  })
}

/** The most telling words of a stack trace: the system's code, else the first line. */
function causeIn(errors: string): string {
  const code = /\b(E[A-Z]{3,}|UND_ERR_\w+)\b/.exec(errors)
  if (code) return code[0]
  if (/fetch failed/.test(errors)) return 'no connection'
  const [first = 'no reason given'] = errors.split('\n').filter((line) => line.trim() !== '')
  return first.trim().slice(0, 120)
}

function bytesIn(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

function installScript(packageDir: string): string | null {
  try {
    const script = readPackage(packageDir).bin['install-electron']
    return script ? join(packageDir, script) : null
  } catch {
    return null
  }
}

function readPackage(packageDir: string): { version: string; bin: Record<string, string> } {
  return JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'))
}
