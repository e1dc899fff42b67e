import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const entry = fileURLToPath(new URL('../../../tools/bin/millwright.js', import.meta.url))

export interface Result {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the real command, as it was built last, in its own process, with nothing of the caller's environment that could answer for it. */
export function millwright(
  args: string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [entry, ...args], { env: { ...bareEnvironment(), ...env } })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
    child.stdin.end(input)
  })
}

/** As above, and the one JSON value of stdout. @throws when it fails or prints anything else */
export async function millwrightJson<T = Record<string, unknown>>(args: string[]): Promise<T> {
  const { code, stdout, stderr } = await millwright([...args, '--json'])
  if (code !== 0) throw new Error(`millwright ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as T
}

export function bareEnvironment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: '/nonexistent',
    MILLWRIGHT_LOG: 'error',
    TZ: 'America/Sao_Paulo',
  }
}

export const cliEntry = entry
