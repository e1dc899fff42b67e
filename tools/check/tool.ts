import { type SpawnOptions, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The repository's root: scripts of package.json start there. */
export const root = process.cwd()

/**
 * The file behind a command of `node_modules/.bin`, so that it can be run by this very Node on every system
 * (the links in `.bin` are shell scripts on Windows).
 * @param name the package
 * @param command where it has several, as TypeScript has
 */
export function toolFile(name: string, command = name.replace(/^.*\//, '')): string {
  const folder = join(root, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>
  }
  const file = typeof bin === 'string' ? bin : bin[command]
  if (file === undefined) throw new Error(`${name} has no command ${command}`)
  return join(folder, file)
}

/** Runs a program to its end, with its output on ours. Resolves with its exit code; a signal counts as 1. */
export function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

/** Runs a program to its end and keeps what it said, in the order it was said. */
export function capture(
  command: string,
  args: readonly string[],
  cwd = root,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: '1' }
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd, env })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }),
    )
  })
}
