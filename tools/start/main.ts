import { join, resolve } from 'node:path'
import { buildState } from '../build/sources.ts'
import { chooseHost } from './choose-host.ts'
import { electronBinary, fetchElectron } from './electron-binary.ts'
import { type Ended, runChild } from './run-child.ts'

/** Longest wait for the Electron binary on a slow line. */
const FETCH_LIMIT_MS = 60_000
/** A desktop that ends by itself with an error this early could not run here. */
const EARLY_MS = 15_000

const root = resolve(import.meta.dirname, '../..')
const args = process.argv.slice(2)
process.exitCode = await start()

async function start(): Promise<number> {
  const built = await buildIfNeeded()
  if (built !== 0) return built
  const choice = chooseHost({ platform: process.platform, env: process.env, uid: process.getuid?.(), args })
  if (choice.host === 'site') return serveSite(choice.why)
  const electron = await findElectron()
  if ('failure' in electron) return serveSite(`Electron is not here: ${electron.failure}`)
  say('Starting the desktop')
  const ended = await runChild(electron.path, [root, ...args], root)
  return couldNotRun(ended) ? serveSite('the desktop could not start here') : (ended.code ?? 1)
}

async function buildIfNeeded(): Promise<number> {
  const state = buildState(root)
  if (state === 'fresh') return 0
  say(state === 'missing' ? 'Building, once' : 'Building again: sources changed')
  const { code } = await runChild(process.execPath, [join(root, 'tools/build/build.ts')], root)
  return code ?? 1
}

async function findElectron(): Promise<{ path: string } | { failure: string }> {
  const packageDir = join(root, 'node_modules/electron')
  const path = electronBinary(packageDir)
  return path ? { path } : fetchElectron({ packageDir, timeLimit: FETCH_LIMIT_MS, print: say })
}

/** Missing libraries, a display that refuses, a sandbox that the system forbids: Electron then ends at once. */
function couldNotRun({ code, signal, ran }: Ended): boolean {
  const asked = signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP'
  return ran < EARLY_MS && !asked && code !== 0
}

async function serveSite(why: string): Promise<number> {
  say(`Serving the site host, for the browser: ${why}`)
  const flags = args.filter((argument) => argument !== '--site')
  const { code } = await runChild(
    process.execPath,
    ['--max-semi-space-size=4', join(root, 'tools/bin/millwright.js'), 'serve', ...flags],
    root,
  )
  return code ?? 1
}

/** On standard error: standard output belongs to the host, whose `ready` line others may read. */
function say(line: string): void {
  console.error(line)
}
