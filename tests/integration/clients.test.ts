import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** The clients of docs/clients, as somebody runs them, each in each of its ways. */
const clients = {
  // Debian's, for which Debian has the packages.
  python: ['/usr/bin/python3', resolve('docs/clients/python/client.py')],
  typescript: [process.execPath, resolve('docs/clients/typescript/client.ts')],
} as const
type Client = keyof typeof clients

const run = promisify(execFile)
let site: TestSite
let dir: string
let ca: string

beforeAll(async () => {
  site = await startSite({ mqttListeners: { passwordMqtts: 0 } })
  dir = await mkdtemp(join(tmpdir(), 'mw-clients-'))
  ca = join(dir, 'ca.crt')
  await writeFile(ca, (await site.local.get('/pki/ca.crt')).text)
  const { tenants } = (await site.local.get('/api/v1/site')).json
  await site.local.send('PATCH', `/api/v1/tenants/${tenants[0].id}`, { passwordGateways: true })
})
afterAll(async () => {
  await site.stop()
  await rm(dir, { recursive: true, force: true })
})

/** Starts one; it ends by itself once it has answered a command. */
function start(client: Client, way: string, mac: string, ...more: string[]) {
  const [program, file] = clients[client]
  const where = ['--site', site.addresses.deviceHttps[0] ?? '', '--ca', ca, '--dir', join(dir, mac)]
  const args = [file, way, ...where, '--mac', mac, '--poll', '0.3', '--once', ...more]
  const running = run(program, args, { timeout: 60_000 })
  let said = ''
  running.child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  // Awaited where its end matters.
  running.catch(() => {})
  return { ended: running, said: () => said }
}

const get = async (path: string) => (await site.local.get(path)).json

/** A reading of it is stored, and it answers a command. */
async function lives(code: string, reading: number): Promise<void> {
  await eventually(async () => {
    const { channels } = await get(`/api/v1/channels?gateway=${code}`)
    return channels?.[0]?.latest?.value === reading
  }, `a reading of ${code}`)
  const sent = await site.local.post(`/api/v1/gateways/${code}/commands`, { name: 'identify' })
  expect(sent.status).toBe(201)
  await eventually(async () => {
    const { commands } = await get(`/api/v1/gateways/${code}/commands`)
    return commands.some(
      ({ id, state }: { id: string; state: string }) => id === sent.json.id && state === 'acknowledged',
    )
  }, `an answer of ${code}`)
}

describe.each(['python', 'typescript'] as const)('the %s client', (client) => {
  const mac = (end: string): string => `24:0a:c4:${client === 'python' ? 'aa' : 'bb'}:00:${end}`

  test.each([
    ['bootstrap', '01', 'certificate'],
    ['bootstrap', '02', 'secret'],
    ['csr', '03', 'certificate'],
  ] as const)('%s: it knocks, is claimed by its token (%s, %s), and lives', async (way, end, credential) => {
    const box = start(client, way, mac(end), ...(way === 'csr' ? [] : ['--credential', credential]))
    await eventually(async () => /activation token mwa_/.test(box.said()), 'its knock')
    const [token] = /mwa_\S+/.exec(box.said()) ?? []
    const code = `${client}-${end}`
    const claimed = await site.local.post('/api/v1/claims/accept', { token, code })
    expect([claimed.status, claimed.json.credential]).toEqual([201, credential])
    await lives(code, 21.5)
    expect((await box.ended).stdout).toContain('answered identify')
    // Its next start needs nobody.
    const again = start(client, way, mac(end), '--reading', '22.5')
    await lives(code, 22.5)
    await again.ended
    expect(again.said()).not.toContain('activation token')
  })

  test('est: it enrolls with a one-time password, renews, and lives', async () => {
    const code = `${client}-04`
    const order = { code, mac_address: mac('04') }
    const { username, password } = (await site.local.post('/api/v1/est/passwords', order)).json
    const broker = ['--broker', new URL(site.addresses.mqtts[0] ?? '').host]
    const login = ['--user', username, '--password', password]
    const box = start(client, 'est', mac('04'), ...broker, ...login)
    await lives(code, 21.5)
    await box.ended
    const renewed = start(client, 'renew', mac('04'), '--reading', '23.5')
    await lives(code, 23.5)
    await renewed.ended
    await eventually(async () => {
      const { certificates } = await get(`/api/v1/certificates?gateway=${code}`)
      return String(certificates.map(({ state }: { state: string }) => state)) === 'revoked,active'
    }, 'the old certificate ended by the new one')
    // Used, it enrolls nobody else.
    const other = start(client, 'est', mac('05'), ...broker, ...login)
    await expect(other.ended).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('401') })
  })
})
