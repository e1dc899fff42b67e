import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAppHandler } from './app-protocol.ts'

const folder = mkdtempSync(join(tmpdir(), 'app-protocol-'))
const rendererDir = join(folder, 'renderer')
const handler = createAppHandler({ rendererDir, crashPage: () => '<h1>no luck</h1>' })

beforeAll(() => {
  mkdirSync(join(rendererDir, 'assets'), { recursive: true })
  writeFileSync(join(rendererDir, 'index.html'), '<title>Millwright</title>')
  writeFileSync(join(rendererDir, 'assets/main-abc.js'), 'let a')
  writeFileSync(join(rendererDir, 'assets/notes.exe'), 'MZ')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('serves the UI under a policy without inline script', async () => {
  const page = await get('app://ui/')
  expect(await page.text()).toContain('Millwright')
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
})

test('addresses of screens are the UI; its files have types and hashed ones stay cached', async () => {
  expect(await (await get('app://ui/gateways/018f')).text()).toContain('Millwright')
  const script = await get('app://ui/assets/main-abc.js')
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(script.headers.get('cache-control')).toContain('immutable')
})

test('serves the crash page under a policy without any script', async () => {
  const page = await get('app://shell/crash')
  expect(await page.text()).toContain('no luck')
  expect(page.headers.get('content-security-policy')).not.toContain('script-src')
})

test.each([
  'app://ui/..%2fsecret.txt',
  'app://ui/assets/..%2f..%2fsecret.txt',
  'app://ui/..%5csecret.txt',
  'app://ui/%2fetc/passwd.txt',
  'app://ui/C:%2fWindows/win.ini',
  'app://ui/%00.txt',
  'app://ui/%ff.js',
  'app://ui/assets/missing.js',
  'app://ui/assets/notes.exe',
  'app://shell/',
  'app://shell/retry',
  'app://elsewhere/',
])('does not serve %s', async (url) => {
  expect((await get(url)).status).toBe(404)
})

test('takes no writes', async () => {
  expect((await handler({ url: 'app://ui/', method: 'POST' })).status).toBe(405)
})

function get(url: string): Promise<Response> {
  return handler({ url, method: 'GET' })
}
