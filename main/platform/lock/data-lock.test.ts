import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDataDir } from './data-lock.ts'

const module = new URL('./data-lock.ts', import.meta.url).href
let folder: string
let child: ChildProcess | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mw-lock-'))
})
afterEach(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Another process that takes the lock, drops the handle, and lets the garbage collector run. */
async function otherEngine(dir: string): Promise<ChildProcess> {
  const code = `import { lockDataDir } from ${JSON.stringify(module)}
    lockDataDir(${JSON.stringify(dir)})
    setTimeout(() => { gc(); console.log('held') }, 20)
    setInterval(() => {}, 1000)`
  const other = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child = other
  await new Promise((resolve) => other.stdout?.once('data', resolve))
  return other
}

test('a new folder is made for its owner alone, and can be locked again once released', () => {
  const dir = join(folder, 'site')
  lockDataDir(dir).release()
  lockDataDir(dir).release()
  expect(statSync(dir).mode & 0o777).toBe(0o700)
})

test('a second process is told who has it; when that one is killed, the folder is free', async () => {
  const other = await otherEngine(folder)
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ pid: other.pid, url: 'https://10.0.0.5:8443' }))
  expect(() => lockDataDir(folder)).toThrow(
    expect.objectContaining({
      code: 'data_in_use',
      data: { dir: folder, pid: other.pid, url: 'https://10.0.0.5:8443' },
    }),
  )
  other.kill('SIGKILL')
  await new Promise((resolve) => other.once('exit', resolve))
  expect(existsSync(join(folder, 'run.json'))).toBe(true)
  expect(() => lockDataDir(folder).release()).not.toThrow()
})

test('a run file that a power cut tore does not hide that the folder is in use', async () => {
  await otherEngine(folder)
  writeFileSync(join(folder, 'run.json'), '{"pid": 12')
  expect(() => lockDataDir(folder)).toThrow(expect.objectContaining({ code: 'data_in_use' }))
})

test('a folder that cannot be made or written says so', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(() => lockDataDir(join(file, 'site'))).toThrow(
    expect.objectContaining({ code: 'data_not_writable' }),
  )
  chmodSync(file, 0o400)
  expect(() => lockDataDir(file)).toThrow(expect.objectContaining({ code: 'data_not_writable' }))
})
