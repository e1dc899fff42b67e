import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runInNewContext } from 'node:vm'
import { createBuilder } from 'vite'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { PORT_MESSAGE, type ShellApi, shellChannels } from '#contract/shell.ts'

/** The built script runs here as in Electron's sandbox: it can require `electron` and nothing else. */
const outDir = mkdtempSync(join(tmpdir(), 'preload-'))
let script = ''

beforeAll(async () => {
  const builder = await createBuilder({
    configFile: resolve(import.meta.dirname, '../../vite.config.ts'),
    logLevel: 'error',
    environments: { preload: { build: { outDir } } },
  })
  const { preload } = builder.environments
  if (preload) await builder.build(preload)
  script = readFileSync(join(outDir, 'index.cjs'), 'utf8')
})
afterAll(() => rmSync(outDir, { recursive: true, force: true }))

test('is one file', () => {
  expect(readdirSync(outDir)).toEqual(['index.cjs'])
})

test('exposes the shell’s calls and no channel, module or path besides', async () => {
  const { api, sent, invoke } = load()
  expect(Object.keys(api).toSorted()).toEqual([
    'chooseDataFolder',
    'connect',
    'host',
    'onEngineState',
    'openDataFolder',
    'platform',
    'saveFile',
    'versions',
  ])
  expect(api.versions).toEqual({ app: '0.1.0', electron: '45.4.1' })
  api.connect()
  expect(sent).toEqual([shellChannels.connect])
  expect(await api.saveFile('a.zip', 'x')).toBe('/saved')
  expect(invoke).toHaveBeenCalledWith(shellChannels.saveFile, 'a.zip', 'x')
})

test('passes the port on to the page, and to its own origin only', () => {
  const { receive, postMessage } = load()
  const port = {}
  receive(shellChannels.port, { ports: [port] })
  expect(postMessage).toHaveBeenCalledWith(PORT_MESSAGE, 'app://ui', [port])
})

test('tells the engine’s state from the present one on, until told to stop', () => {
  const { api, sent, receive } = load()
  const states: unknown[] = []
  const stop = api.onEngineState((state) => states.push(state))
  expect(sent).toEqual([shellChannels.watchEngineState])
  receive(shellChannels.engineState, { sender: 'secret' }, { state: 'running' })
  stop()
  receive(shellChannels.engineState, {}, { state: 'starting' })
  expect(states).toEqual([{ state: 'running' }])
})

function load() {
  const listeners = new Map<string, ((event: unknown, ...args: unknown[]) => void)[]>()
  const sent: string[] = []
  const invoke = vi.fn<(...args: unknown[]) => Promise<string>>(async () => '/saved')
  const postMessage = vi.fn<(...args: unknown[]) => void>()
  let api: ShellApi | undefined
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, value: ShellApi) => {
        expect(name).toBe('millwright')
        api = value
      },
    },
    ipcRenderer: {
      send: (channel: string) => sent.push(channel),
      invoke,
      on: (channel: string, listener: () => void) =>
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
      off: (channel: string, listener: () => void) =>
        listeners.set(
          channel,
          (listeners.get(channel) ?? []).filter((other) => other !== listener),
        ),
    },
  }
  runInNewContext(script, {
    module: { exports: {} },
    exports: {},
    process: {
      platform: 'linux',
      versions: { electron: '45.4.1' },
      argv: ['electron', '--millwright-version=0.1.0'],
    },
    window: { postMessage, location: { origin: 'app://ui' } },
    require: (name: string) => {
      if (name !== 'electron') throw new Error(`a sandboxed preload script cannot require ${name}`)
      return electron
    },
  })
  if (!api) throw new Error('nothing was exposed')
  const receive = (channel: string, event: unknown, ...args: unknown[]): void => {
    for (const listener of listeners.get(channel) ?? []) listener(event, ...args)
  }
  return { api, sent, invoke, postMessage, receive }
}
