import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { extractAll } from '@electron/asar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forkUtility } from '#desktop/testing/utility-process.ts'
import { checkPackage, developmentOnly, type PackageReport } from '#tools/build/check-package.ts'
import { writeStandInElectron } from '#tools/build/stand-in-electron.ts'

/**
 * Packs the built program (`npm run build`) for Linux as the release does, around a stand-in for Electron's own
 * files, and looks into what came out. Fetches nothing.
 */
const root = resolve(import.meta.dirname, '../..')
const work = mkdtempSync(join(tmpdir(), 'packaging-'))
const appDir = join(work, 'release', 'linux-unpacked')
const app = join(work, 'app')
let report: PackageReport

beforeAll(async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'))
  writeStandInElectron(join(work, 'electron'), version)
  await promisify(execFile)(
    process.execPath,
    [
      join(root, 'node_modules/electron-builder/cli.js'),
      '--linux',
      'dir',
      '--publish',
      'never',
      `-c.electronDist=${join(work, 'electron')}`,
      `-c.directories.output=${join(work, 'release')}`,
    ],
    { cwd: root },
  )
  report = await checkPackage({
    appDir,
    executable: 'millwright',
    platform: 'linux',
    arch: process.arch,
    devDependencies: developmentOnly(root),
  })
  extractAll(join(appDir, 'resources', 'app.asar'), app)
}, 300_000)
afterAll(() => rmSync(work, { recursive: true, force: true }))

test('holds what runs and nothing else, with every fuse set', () => {
  expect(report.problems).toEqual([])
})

test('keeps only native parts of this platform outside the archive', () => {
  expect(
    report.unpacked.map((path) => path.split('/').at(-1)).toSorted((a = '', b = '') => a.localeCompare(b)),
  ).toEqual([
    '@serialport+bindings-cpp.glibc.node',
    `argon2.linux-${process.arch}-gnu.node`,
    `linux-${process.arch}.node`,
  ])
})

test('finds a package that was packed badly', async () => {
  const { problems } = await checkPackage({
    appDir,
    executable: '../../electron/electron',
    platform: 'win32',
    arch: 'x64',
    devDependencies: ['zod'],
  })
  expect(problems).toContain('the fuse RunAsNode is not off')
  expect(problems.some((problem) => problem.endsWith('is for another machine'))).toBe(true)
  expect(problems.some((problem) => problem.includes('zod') && problem.endsWith('development package'))).toBe(
    true,
  )
})

test('its files alone run a site, with the UI and the API reference', async () => {
  const site = spawn(
    process.execPath,
    [
      join(app, 'dist/main/cli/main.js'),
      'serve',
      '--data',
      join(work, 'site'),
      '--http',
      '0',
      '--https',
      '0',
    ],
    { cwd: work, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  try {
    const url = await firstMatch(site.stdout, /http:\/\/localhost:\d+/)
    const page = await fetch(`${url}/`)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<div id="root">')
    const reference = await (await fetch(`${url}/api/docs`)).text()
    const script = /src="([^"]+)"/.exec(reference)?.[1] ?? ''
    expect((await fetch(`${url}${script}`)).headers.get('content-type')).toContain('javascript')
  } finally {
    site.kill('SIGTERM')
  }
  const code = await new Promise((done) => site.on('exit', done))
  expect(code).toBe(0)
})

test('its utility entry starts the engine for the desktop and stops it', async () => {
  const engine = forkUtility(join(app, 'dist/main/desktop/utility/main.js'))
  const messages: { type: string }[] = []
  engine.on('message', (message) => messages.push(message as { type: string }))
  const ended = new Promise<number>((done) => engine.on('exit', done))
  engine.postMessage({
    type: 'start',
    options: {
      dataDir: join(work, 'desktop-site'),
      externalKey: null,
      ports: { http: 0, https: 0 },
      addresses: null,
    },
  })
  await expect.poll(() => messages.map(({ type }) => type), { timeout: 20_000 }).toEqual(['ready'])
  engine.postMessage({ type: 'stop' })
  expect(await ended).toBe(0)
  expect(messages.map(({ type }) => type)).toEqual(['ready', 'stopped'])
})

async function firstMatch(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  for await (const line of createInterface(stream)) {
    const match = pattern.exec(line)
    if (match) return match[0]
  }
  throw new Error(`The program ended without printing ${pattern}`)
}
