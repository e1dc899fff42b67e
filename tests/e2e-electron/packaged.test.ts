import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makePlace, type Place, root, setUp } from './desktop-app.ts'

/**
 * The program as it is installed: `npm run package -- --dir` first. Its fuses close every way to look inside, so
 * this looks at what it does: a site that is set up comes up whole, which takes ES modules, worker threads and
 * native parts out of the archive.
 */
const executable =
  process.env['MILLWRIGHT_PACKAGED'] ??
  {
    linux: join(root, 'release/linux-unpacked/millwright'),
    win32: join(root, 'release/win-unpacked/Millwright.exe'),
    darwin: join(root, `release/mac-${process.arch}/Millwright.app/Contents/MacOS/Millwright`),
  }[process.platform as 'linux' | 'win32' | 'darwin']

let place: Place
beforeEach(() => {
  place = makePlace()
})
afterEach(() => place.remove())

test('the packaged program runs a whole site and stops it when told to', async () => {
  await setUp(place)
  const app = spawn(executable, [`--user-data-dir=${place.profile}`], { env: place.env, stdio: 'ignore' })
  const ended = new Promise((done) => app.once('exit', done))
  try {
    // The broker's address stands in it once its worker listens, and that of the store runs before.
    await expect.poll(() => runFile()?.mqtts ?? null, { timeout: 60_000 }).toMatch(/^mqtts:/)
    expect((await fetch(`${runFile()?.httpUrl}/health/ready`)).status).toBe(200)
  } finally {
    app.kill('SIGTERM')
  }
  await ended
  expect(app.killed).toBe(true)
})

function runFile(): { mqtts: string | null; httpUrl: string } | null {
  try {
    return JSON.parse(readFileSync(join(place.dataDir, 'run.json'), 'utf8'))
  } catch {
    return null
  }
}
