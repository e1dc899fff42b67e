import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { millwright, millwrightJson } from './command.ts'
import { ADMIN, makeSiteProcess, PASSWORD, removeSiteProcess, type SiteProcess } from './site-process.ts'

let site: SiteProcess
let url = ''
let config = ''
beforeAll(async () => {
  site = await makeSiteProcess()
  await site.create()
  await site.start()
  config = join(site.dir, 'config')
  url = (await millwrightJson<{ url: string }>(['status', '--data', site.dataDir])).url
})
afterAll(() => removeSiteProcess(site))

const env = (more: Record<string, string> = {}) => ({ XDG_CONFIG_HOME: config, ...more })
const file = () => join(config, 'millwright', 'sign-ins.json')
const run = (args: string[], more = {}, input = '') => millwright(args, { env: env(more), input })

/** What the site's console shows of its certificate. */
function fingerprint(): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url)
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

const loginArgs = async () => ['login', '--url', url, '--user', ADMIN, '--fingerprint', await fingerprint()]

test('signing in by a fingerprint is remembered, in a file for its owner alone, and signing out ends it', async () => {
  const before = await run(['whoami', '--url', url])
  expect(before).toMatchObject({ code: 2 })
  expect(before.stderr).toContain('millwright login --url')
  const signedIn = await run([...(await loginArgs()), '--password-file', '-'], {}, `${PASSWORD}\n`)
  expect(signedIn).toEqual({ code: 0, stdout: `Signed in at ${url} as ${ADMIN}\n`, stderr: '' })
  expect((await stat(file())).mode & 0o777).toBe(0o600)
  expect((await stat(join(config, 'millwright'))).mode & 0o777).toBe(0o700)
  expect(await readFile(file(), 'utf8')).not.toContain(PASSWORD)
  const me = JSON.parse((await run(['whoami', '--url', url, '--json'])).stdout)
  expect(me).toMatchObject({ kind: 'person', email: ADMIN, reach: 'site' })
  const made = await run(['api-keys', 'create', 'remote', '--scope', 'gateways:read', '--url', url, '--json'])
  expect(JSON.parse(made.stdout).key).toMatchObject({ name: 'remote', createdBy: { name: 'ana' } })
  expect(await run(['gateways', 'list', '--json'], { MILLWRIGHT_URL: url })).toMatchObject({
    code: 0,
    stderr: '',
  })
  const { refreshToken } = JSON.parse(await readFile(file(), 'utf8')).sites[url]
  expect(await run(['logout', '--url', url])).toMatchObject({ code: 0, stdout: `Signed out ${ADMIN}\n` })
  expect(await readFile(file(), 'utf8')).not.toContain(refreshToken)
  expect(await run(['whoami', '--url', url])).toMatchObject({ code: 2 })
  expect((await run(['logout', '--url', url])).stdout).toBe('Nobody was signed in there\n')
})

test('an access token that is due is renewed, by one of several commands at once', async () => {
  await run([...(await loginArgs()), '--password-file', site.passwordFile])
  const kept = JSON.parse(await readFile(file(), 'utf8'))
  const old = kept.sites[url].refreshToken
  kept.sites[url].accessExpiresAt = Date.now() + 10_000
  await writeFile(file(), JSON.stringify(kept))
  const answers = await Promise.all([1, 2, 3].map(() => run(['whoami', '--url', url, '--json'])))
  expect(answers.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(['0 ', '0 ', '0 '])
  const renewed = JSON.parse(await readFile(file(), 'utf8')).sites[url]
  expect(renewed.refreshToken).not.toBe(old)
  expect(renewed.accessExpiresAt).toBeGreaterThan(Date.now() + 3_000_000)
  expect((await stat(file())).mode & 0o777).toBe(0o600)
})

test('a session that the site ended says so, and is forgotten', async () => {
  await run([...(await loginArgs()), '--password-file', site.passwordFile])
  const kept = JSON.parse(await readFile(file(), 'utf8'))
  kept.sites[url].accessExpiresAt = 0
  kept.sites[url].refreshToken = `mwr_${'A'.repeat(43)}`
  await writeFile(file(), JSON.stringify(kept))
  expect(await run(['whoami', '--url', url])).toMatchObject({
    code: 1,
    stderr: 'millwright: Sign in first\n',
  })
  expect(await run(['whoami', '--url', url])).toMatchObject({ code: 2 })
})

test('a file that others may read, or that is damaged, is not used', async () => {
  await run([...(await loginArgs()), '--password-file', site.passwordFile])
  await chmod(file(), 0o644)
  const open = await run(['whoami', '--url', url, '--json'])
  expect(JSON.parse(open.stderr).error).toMatchObject({ code: 'file_not_readable' })
  expect(open.stderr).toContain('chmod 600')
  await chmod(file(), 0o600)
  await writeFile(file(), '{"version":1,"sites":[]')
  expect((await run(['whoami', '--url', url])).stderr).toContain('damaged')
  await writeFile(file(), '{"version":1,"sites":{}}')
})

test('nothing is sent to a site that shows another certificate', async () => {
  const args = ['login', '--url', url, '--user', ADMIN, '--password-file', site.passwordFile]
  const other = await run([...args, '--fingerprint', 'ab'.repeat(32), '--json'])
  expect(JSON.parse(other.stderr).error).toMatchObject({ code: 'certificate_mismatch' })
  expect((await run([...args, '--fingerprint', 'abc'])).code).toBe(2)
  const untrusted = await run(args)
  expect(untrusted).toMatchObject({ code: 3 })
  const wrong = await run([...(await loginArgs()), '--password-file', '-'], {}, 'not the password')
  expect(wrong.stderr).toBe('millwright: E-mail or password is wrong\n')
  const unasked = await run(['login', '--url', url])
  expect(unasked.stderr).toContain('give --user')
})

test('API keys: made, used by environment, listed, revoked', async () => {
  const on = ['--data', site.dataDir]
  const made = await run([
    'api-keys',
    'create',
    'Node-RED',
    '--scope',
    'gateways:read',
    'telemetry:read',
    ...on,
  ])
  expect(made.code).toBe(0)
  expect(made.stdout).toMatch(
    /^key +mwk_[a-z0-9]{8}_[\w-]{43}\nname +Node-RED\nmay +gateways:read telemetry:read\n/,
  )
  expect(made.stderr).toMatch(/^Not shown again/)
  const key = /mwk_\S+/.exec(made.stdout)?.[0] ?? ''
  await run(['certs', 'download', '--web', '--out', join(site.dir, 'web.crt'), ...on])
  const withKey = { MILLWRIGHT_API_KEY: key, MILLWRIGHT_URL: url, MILLWRIGHT_CA: join(site.dir, 'web.crt') }
  const who = await run(['whoami'], withKey)
  expect(who.stdout).toMatch(
    /^name +Node-RED\nkind +api_key\nreach +site\nmay +gateways:read telemetry:read\n$/,
  )
  expect((await run(['gateways', 'list', '--json'], withKey)).code).toBe(0)
  const refused = await run(['gateways', 'suspend', 'GW001', '--json'], withKey)
  expect(JSON.parse(refused.stderr).error.code).toBe('forbidden')
  const listed = await run(['api-keys', 'list', ...on])
  expect(listed.stdout).toMatch(
    /^PREFIX .*\nmwk_[a-z0-9]{8} +Node-RED +active +site +20\S+Z +20\S+Z +127\.0\.0\.1 /,
  )
  expect(listed.stdout).not.toContain(key)
  const revoked = await run(['api-keys', 'revoke', key.slice(0, 12), ...on])
  expect(revoked.stdout).toBe(`${key.slice(0, 12)} (Node-RED) is revoked\n`)
  expect((await run(['whoami'], withKey)).stderr).toBe('millwright: Sign in first\n')
  const never = await run(['api-keys', 'create', 'x', '--scope', 'gateways:read', '--no-expiry', ...on])
  expect(never.stdout).toContain('never')
  const unknown = await run(['api-keys', 'create', 'x', '--scope', 'everything', ...on])
  expect(unknown).toMatchObject({ code: 2 })
})
