import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectSite, parseSiteUrl } from './connect-site.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millwright-connect-'))
})
afterEach(() => rm(dir, { recursive: true }))

it('takes https anywhere and plain http on this machine only', () => {
  expect(parseSiteUrl('https://plant.local:8443').host).toBe('plant.local:8443')
  expect(parseSiteUrl('http://localhost:8442').port).toBe('8442')
  expect(parseSiteUrl('http://127.0.0.1:8442').port).toBe('8442')
  expect(() => parseSiteUrl('http://plant.local:8442')).toThrow(/clear text/)
  expect(() => parseSiteUrl('http://127.evil.example')).toThrow(/clear text/)
  expect(() => parseSiteUrl('plant')).toThrow(/not an address/)
})

it('says how to start a site where none runs', async () => {
  await expect(connectSite({ data: dir })).rejects.toMatchObject({ code: 'site_not_running' })
})

it('takes a half-written or stale run.json for a site that is gone', async () => {
  await writeFile(join(dir, 'run.json'), '{"pid": 1,')
  await expect(connectSite({ data: dir })).rejects.toMatchObject({ code: 'site_not_running' })
  const run = { pid: 1, version: '0', startedAt: 0, socket: join(dir, 'gone.sock') }
  await writeFile(join(dir, 'run.json'), JSON.stringify(run))
  const site = await connectSite({ data: dir })
  await expect(site.client.setup.status()).rejects.toMatchObject({ code: 'site_not_running' })
  await expect(site.get('/pki/ca.crt')).rejects.toMatchObject({ code: 'site_not_running' })
})

it('asks for a login before it calls a site elsewhere', async () => {
  await expect(connectSite({ url: 'https://127.0.0.1:1' })).rejects.toMatchObject({ code: 'usage' })
})

it('says why an address does not answer', async () => {
  await writeFile(join(dir, 'password'), 'a good password\n')
  const login = { user: 'a@b.example', passwordFile: join(dir, 'password') }
  await expect(connectSite({ url: 'https://127.0.0.1:1', ...login })).rejects.toMatchObject({
    code: 'site_unreachable',
    message: expect.stringContaining('connection refused'),
  })
})
