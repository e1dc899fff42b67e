import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectLocal } from '#platform/local-socket/connect-local.ts'
import { AdminSocket } from './admin-socket.ts'

let folder: string
let admin: AdminSocket
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mw-admin-'))
})
afterEach(async () => {
  await admin.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function open(options: { dataDir?: string; asksForToken?: boolean } = {}): Promise<AdminSocket> {
  admin = new AdminSocket({
    dataDir: folder,
    handler: (_request, response) => response.end('in'),
    ...options,
  })
  await admin.start()
  return admin
}

async function get({ path, tokenFile }: AdminSocket, withToken = tokenFile): Promise<string> {
  const socket = await connectLocal({ path: path ?? '', tokenFile: withToken })
  return new Promise((resolve, reject) => {
    const call = request({ createConnection: () => socket, path: '/' }, (response) =>
      text(response).then(resolve, reject),
    )
    call.on('error', reject)
    call.end()
  })
}

test('a socket in the data folder, for its owner alone', async () => {
  const { path } = await open()
  expect(path).toBe(join(folder, 'admin.sock'))
  expect(statSync(path ?? '').mode & 0o777).toBe(0o600)
  expect(await get(admin)).toBe('in')
})

test('what a killed engine left does not keep the next one from listening', async () => {
  // A Unix socket outlives its process when that is killed.
  const { createServer } = await import('node:net')
  const dead = createServer()
  await new Promise<void>((resolve) => dead.listen(join(folder, 'admin.sock'), resolve))
  expect(await get(await open())).toBe('in')
  dead.close()
})

test('where a token is asked for, it opens the door, and nothing else does', async () => {
  await open({ asksForToken: true })
  expect(await get(admin)).toBe('in')
  await expect(get(admin, null)).rejects.toThrow()
  // Who did not get in does not keep it from stopping, and the token goes with the engine.
  const stranger = await connectLocal({ path: admin.path ?? '' })
  stranger.on('error', () => undefined)
  await admin.stop()
  expect(existsSync(join(folder, 'admin.token'))).toBe(false)
})

test('a path too long for a socket is in a private folder of the user', async () => {
  const runtime = join(folder, 'run')
  mkdirSync(runtime)
  vi.stubEnv('XDG_RUNTIME_DIR', runtime)
  const dataDir = join(folder, 'd'.repeat(120))
  mkdirSync(dataDir)
  const { path } = await open({ dataDir })
  expect(path?.startsWith(join(runtime, 'millwright-'))).toBe(true)
  expect(statSync(join(path ?? '', '..')).mode & 0o777).toBe(0o700)
  expect(await get(admin)).toBe('in')
})

test('a link in place of that folder is not followed', async () => {
  const { symlinkSync } = await import('node:fs')
  const elsewhere = join(folder, 'elsewhere')
  mkdirSync(elsewhere)
  chmodSync(elsewhere, 0o755)
  symlinkSync(elsewhere, join(folder, `millwright-${process.getuid?.()}`))
  vi.stubEnv('XDG_RUNTIME_DIR', folder)
  await expect(open({ dataDir: join(folder, 'd'.repeat(120)) })).rejects.toMatchObject({
    code: 'data_not_writable',
  })
  expect(statSync(elsewhere).mode & 0o777).toBe(0o755)
})
