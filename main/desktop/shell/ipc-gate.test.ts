import { EventEmitter } from 'node:events'
import type { IpcMain } from 'electron'
import { beforeEach, expect, test } from 'vitest'
import { IpcGate, type IpcSource } from './ipc-gate.ts'
import { readSaveRequest } from './save-request.ts'

/** Electron's `ipcMain` as far as the gate uses it. */
class Ipc extends EventEmitter {
  readonly handlers = new Map<string, (event: IpcSource, ...args: unknown[]) => Promise<unknown>>()
  handle(channel: string, handler: (event: IpcSource, ...args: unknown[]) => Promise<unknown>): void {
    this.handlers.set(channel, handler)
  }
  async invoke(channel: string, event: IpcSource, ...args: unknown[]): Promise<unknown> {
    return this.handlers.get(channel)?.(event, ...args)
  }
}

const ours: IpcSource = { senderFrame: { url: 'app://ui/fleet', parent: null }, sender: { id: 1 } }
let ipc = new Ipc()
let log: string[] = []
let gate: IpcGate

beforeEach(() => {
  ipc = new Ipc()
  log = []
  gate = new IpcGate({
    ipcMain: ipc as unknown as IpcMain,
    windowIds: () => [1],
    log: (line) => log.push(line),
  })
})

test('a message of our page reaches its handler', async () => {
  let connected = 0
  gate.on('connect', () => {
    connected += 1
  })
  gate.handle('save', readSaveRequest, async ({ name }) => `/home/${name}`)
  ipc.emit('connect', ours)
  expect(connected).toBe(1)
  expect(await ipc.invoke('save', ours, 'gw001.zip', new Uint8Array(3))).toBe('/home/gw001.zip')
  expect(log).toEqual([])
})

test.each<[string, IpcSource]>([
  ['another window', { ...ours, sender: { id: 2 } }],
  ['a frame inside the page', { ...ours, senderFrame: { url: 'app://ui/', parent: {} } }],
  ['another origin', { ...ours, senderFrame: { url: 'https://example.com/', parent: null } }],
  ['the crash page', { ...ours, senderFrame: { url: 'app://shell/crash', parent: null } }],
  ['a look-alike', { ...ours, senderFrame: { url: 'app://ui.example/', parent: null } }],
  ['a frame that is gone', { ...ours, senderFrame: null }],
])('a message of %s is refused and logged', async (_name, sender) => {
  let reached = false
  gate.on('connect', () => {
    reached = true
  })
  gate.handle('save', readSaveRequest, async () => {
    reached = true
  })
  ipc.emit('connect', sender)
  await expect(ipc.invoke('save', sender, 'a', 'b')).rejects.toThrow('save was refused')
  expect(reached).toBe(false)
  expect(log).toHaveLength(2)
})

test.each([
  [[]],
  [['name']],
  [['name', 42]],
  [[{ toString: () => 'name' }, 'text']],
  [['n'.repeat(256), 'text']],
])('arguments that are none of its own are refused: %j', async (args) => {
  gate.handle('save', readSaveRequest, async () => 'saved')
  await expect(ipc.invoke('save', ours, ...args)).rejects.toThrow(TypeError)
})

test.each([
  ['../../.bashrc', 'bashrc'],
  ['C:\\Windows\\win.ini', 'win.ini'],
  ['a/b\u0000c:d?.zip', 'b_c_d_.zip'],
  ['...', 'millwright'],
  ['24-6f-28-aa-bb-cc_certs.zip', '24-6f-28-aa-bb-cc_certs.zip'],
])('the name %j is saved as %j', (given, name) => {
  expect(readSaveRequest([given, '']).name).toBe(name)
})
