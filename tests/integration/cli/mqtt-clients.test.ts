import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isLetIn, withCertificate, withPassword } from '#tests/fixtures/mqtt-listener.ts'
import { millwright, millwrightJson } from './command.ts'
import { makeSiteProcess, removeSiteProcess, type SiteProcess } from './site-process.ts'

let site: SiteProcess
let folder: string
beforeAll(async () => {
  site = await makeSiteProcess()
  await site.create()
  await site.start('--mqtts-password', '0', '--mqtt-ws', 'off')
  folder = join(site.dir, 'certs')
  await mkdir(folder)
})
afterAll(() => removeSiteProcess(site))

const on = (...args: string[]) => [...args, '--data', site.dataDir]

interface Made {
  client: { username: string; topics: string[] }
  password: string | null
  files: string[]
}
interface Listed {
  clients: { username: string; state: string }[]
  addresses: { mqtts: string; passwordMqtts: string | null; websocket: string | null }
}

test('a client is made, connects where list says, is given a new password and deleted', async () => {
  const made = await millwrightJson<Made>(
    on('mqtt-clients', 'create', 'SCADA', '--out', folder, '--topic', 'mw/#', '+/x'),
  )
  expect([made.client, made.files]).toMatchObject([
    { username: 'scada', topics: ['mw/#', '+/x'] },
    [join(folder, 'ca.crt')],
  ])
  const { addresses } = await millwrightJson<Listed>(on('mqtt-clients', 'list'))
  expect(addresses.websocket).toBeNull()
  const port = Number(new URL((addresses.passwordMqtts ?? '').replace('mqtts:', 'https:')).port)
  const access = (password: string | null) =>
    withPassword(port, join(folder, 'ca.crt'), 'scada', password ?? '')
  expect(await isLetIn(access(made.password))).toBe(true)
  const listed = await millwright(on('mqtt-clients', 'list'))
  expect(listed.stdout).toMatch(
    /^USER NAME .*\nscada +SCADA +active +read +\S+ +password +never +\d{4}-.* +127\.0\.0\.1\n$/,
  )
  expect(listed.stderr).toBe(`Passwords open ${addresses.passwordMqtts}.\n`)

  const rotated = await millwright(on('mqtt-clients', 'rotate', 'scada'))
  const password = /password +([0-9a-f]{64})\n/.exec(rotated.stdout)?.[1] ?? ''
  expect(rotated.stderr).toMatch(/not shown again/)
  expect([await isLetIn(access(made.password)), await isLetIn(access(password))]).toEqual([false, true])
  expect(await millwright(on('mqtt-clients', 'revoke', 'scada'))).toMatchObject({
    code: 0,
    stdout: 'scada is deleted\n',
  })
  expect(await isLetIn(access(password))).toBe(false)
  expect((await millwright(on('mqtt-clients', 'revoke', 'scada'))).code).toBe(1)
})

test('a key is for its owner alone, and nothing is made where a file would be lost', async () => {
  const args = on('mqtt-clients', 'create', 'Historian', '--credentials', 'certificate', '--out', folder)
  const refused = await millwright(args)
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ca.crt is already there')])
  expect((await millwrightJson<Listed>(on('mqtt-clients', 'list'))).clients).toEqual([])
  const { stdout } = await millwright([...args, '--force'])
  expect(stdout).not.toContain('password')
  const [cert, key, ca] = ['client.crt', 'client.key', 'ca.crt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  expect((await stat(key)).mode & 0o777).toBe(0o600)
  expect(await readFile(key, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  const { addresses } = await millwrightJson<Listed>(on('mqtt-clients', 'list'))
  const port = Number(new URL(addresses.mqtts.replace('mqtts:', 'https:')).port)
  expect(await isLetIn(withCertificate(port, ca, cert, key))).toBe(true)
})

test('a port that is none is refused before anything runs', async () => {
  const refused = await millwright(['serve', '--data', join(site.dir, 'other'), '--mqtt-ws', 'on'])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('write a port, or "off"')])
})
