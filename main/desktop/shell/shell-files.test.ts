import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { renderCrashPage } from './crash-page.ts'
import { chosenDataDir, defaultDataDir } from './data-folder.ts'
import { LogFile } from './log-file.ts'
import { OutputTail } from './output-tail.ts'
import { ShellSettingsFile } from './shell-settings.ts'
import { addressesOf, portsOf } from './site-flags.ts'
import { textsFor } from './texts.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shell-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('settings outlive the program, and a damaged file counts as none', () => {
  const path = join(folder, 'new', 'shell.json')
  const window = { bounds: { x: 1, y: 2, width: 800, height: 600 }, maximized: true }
  new ShellSettingsFile(path).update({ window, dataDir: '/plant' })
  expect(new ShellSettingsFile(path).settings).toEqual({ window, dataDir: '/plant', knowsBackground: false })
  expect(readdirSync(join(folder, 'new'))).toEqual(['shell.json'])
  writeFileSync(path, '{"window":{"bounds":')
  expect(new ShellSettingsFile(path).settings).toEqual({
    window: null,
    dataDir: null,
    knowsBackground: false,
  })
})

test('the data folder is the flag, else the environment, else the choice, else the system’s place', () => {
  const env = { MILLWRIGHT_DATA: '/env' }
  expect(chosenDataDir(['--data', '/flag'], env, '/saved')).toBe('/flag')
  expect(chosenDataDir(['--data=/flag'], env, '/saved')).toBe('/flag')
  expect(chosenDataDir(['--data'], env, '/saved')).toBe('/env')
  expect(chosenDataDir([], {}, '/saved')).toBe('/saved')
  expect(chosenDataDir([], { XDG_DATA_HOME: '/xdg', LOCALAPPDATA: '/xdg' }, null)).toBe(
    defaultDataDir(process.platform, { XDG_DATA_HOME: '/xdg', LOCALAPPDATA: '/xdg' }),
  )
  expect(defaultDataDir('linux', {}, '/home/ana')).toBe(
    join('/home/ana', '.local', 'share', 'millwright', 'site'),
  )
  expect(defaultDataDir('win32', { LOCALAPPDATA: 'L' }, 'H')).toBe(join('L', 'Millwright', 'site'))
  expect(defaultDataDir('darwin', {}, '/Users/ana')).toBe(
    '/Users/ana/Library/Application Support/Millwright/site',
  )
})

test('ports and addresses of this start come from flags and environment', () => {
  const env = {
    MILLWRIGHT_HTTPS_PORT: '9443',
    MILLWRIGHT_MQTTS_PORT: 'x',
    MILLWRIGHT_ADDRESS: '10.0.0.5, ::1',
  }
  expect(portsOf(['--https', '1443', '--http=0', '--mqtts=70000'], env)).toEqual({ https: 1443, http: 0 })
  expect(portsOf([], env)).toEqual({ https: 9443 })
  expect(portsOf([], {})).toEqual({})
  expect(addressesOf(env)).toEqual(['10.0.0.5', '::1'])
  expect(addressesOf({})).toBeNull()
})

test('the log keeps two files of bounded size', () => {
  const path = join(folder, 'logs', 'desktop.log')
  const log = new LogFile(path)
  const line = 'x'.repeat(256 * 1024)
  for (let count = 0; count < 20; count += 1) log.write(line)
  log.write('the last')
  expect(readdirSync(join(folder, 'logs')).toSorted()).toEqual(['desktop.log', 'desktop.log.old'])
  expect(readFileSync(path, 'utf8')).toMatch(/shell the last\n$/)
  expect(readFileSync(path).length).toBeLessThan(3 * 1024 * 1024)
})

test('the last printed error is found among stack frames', async () => {
  const stderr = new PassThrough()
  const tail = new OutputTail()
  tail.read({ stdout: null, stderr })
  stderr.write(
    'warning\nError: first\n    at a (b.js:1:1)\nTypeError: second\n    at c (d.js:2:2)\n\nNode.js v24\n',
  )
  await new Promise(setImmediate)
  expect(tail.lastError()).toBe('TypeError: second')
})

test('the crash page says the cause, harmless, in the person’s language, and offers what to do', () => {
  const facts = {
    cause: '<script>alert("1")</script>',
    logFile: '/var/log',
    dataDir: '/data',
    locale: 'pt-BR',
  }
  const page = renderCrashPage(facts, textsFor('pt-BR'))
  expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
  expect(page).not.toContain('<script')
  expect(page).toContain('lang="pt-BR"')
  expect(page).toContain('Tentar de novo')
  expect(page).toContain('href="app://shell/retry"')
  expect(Object.keys(textsFor('pt-BR'))).toEqual(Object.keys(textsFor('en')))
})
