import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const run = promisify(execFile)
const MAC = 'aa:bb:cc:dd:ee:71'
let site: TestSite
let dir: string
let env: Record<string, string>

beforeAll(async () => {
  site = await startSite()
  dir = await mkdtemp(join(tmpdir(), 'mw-est-'))
  const [origin = ''] = site.addresses.deviceHttps
  const port = new URL(site.addresses.mqtts[0] ?? '').port
  env = { PATH: process.env['PATH'] ?? '', SITE: origin, BROKER: '127.0.0.1', PORT: port, MAC }
})
afterAll(async () => {
  await site.stop()
  await rm(dir, { recursive: true, force: true })
})

async function shell(lines: string): Promise<string> {
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', lines], { cwd: dir, env, timeout: 30_000 })
  return stdout
}

const json = async (path: string) => (await site.local.get(path)).json
const password = (more: object = {}) => site.local.post('/api/v1/est/passwords', more)
const values = async (code: string): Promise<number[]> =>
  (await json(`/api/v1/telemetry/query?gateway=${code}&channel=temperature`)).readings.map(
    ({ value }: { value: number }) => value,
  )

/** The status of a request that is made of these words of curl. */
async function curl(
  path: string,
  ...words: string[]
): Promise<{ status: number; headers: string; text: string }> {
  const { stdout } = await run(
    'curl',
    [
      '-s',
      '--cacert',
      'ca.crt',
      '-D',
      '-',
      '-w',
      '\n%{http_code}',
      ...words,
      `${env['SITE']}/.well-known/est/${path}`,
    ],
    { cwd: dir, env },
  )
  const [headers = '', ...text] = stdout.split('\r\n\r\n')
  return { status: Number(stdout.slice(-3)), headers, text: text.join('\r\n\r\n').slice(0, -4) }
}
const pkcs10 = (file: string) => ['-H', 'Content-Type: application/pkcs10', '--data-binary', `@${file}`]

test('the lines of docs/est.md take a box from unknown to stored readings, before and after its renewal', async () => {
  const made = await password({ code: 'GW071', name: 'By EST', mac_address: MAC })
  expect(made.status).toBe(201)
  expect(made.json.url).toBe(env['SITE'])
  Object.assign(env, { EST_USER: made.json.username, EST_PASSWORD: made.json.password })
  const page = await readFile('docs/est.md', 'utf8')
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines ?? '')
  expect(blocks).toHaveLength(5)
  const said = await shell(blocks.slice(0, 4).join('\n'))
  expect(said).toContain('client.crt: OK')
  expect(await values('GW071')).toEqual([21.4])
  const active = async () => (await json('/api/v1/gateways/GW071')).state === 'active'
  await eventually(active, 'active after its first session')

  const states = async () =>
    (await json('/api/v1/certificates?gateway=GW071')).certificates.map(
      ({ state }: { state: string }) => state,
    )
  expect(await states()).toEqual(['active'])
  await shell(`GATEWAY=aabbccddee71\n${blocks[4]}`)
  expect((await values('GW071')).toSorted((a, b) => a - b)).toEqual([21.4, 21.5])
  await eventually(
    async () => String(await states()) === 'revoked,active',
    'the old one ended by the new one',
  )
  // The old key renews nothing any more.
  const late = await curl(
    'simplereenroll',
    '--cert',
    'client.crt',
    '--key',
    'client.key',
    ...pkcs10('renewed.p10'),
  )
  expect(late).toMatchObject({ status: 401, text: expect.stringContaining('revoked') })
  // The used password gives no certificate for another key.
  const login = ['--user', `${made.json.username}:${made.json.password}`]
  expect((await curl('simpleenroll', ...login, ...pkcs10('renewed.p10'))).status).toBe(401)
  const { passwords } = await json('/api/v1/est/passwords')
  expect(passwords).toMatchObject([{ state: 'used', gateway: { code: 'GW071' } }])
  expect(JSON.stringify(passwords)).not.toContain(made.json.password)
  const { entries } = await json('/api/v1/audit?limit=200')
  const actions = entries.map(
    ({ action, outcome }: { action: string; outcome: string }) => `${action} ${outcome}`,
  )
  for (const expected of [
    'est.password_create done',
    'est.enroll done',
    'est.renew done',
    'certificate.superseded done',
    'est.renew refused',
    'est.enroll refused',
  ])
    expect(actions).toContain(expected)
  expect(JSON.stringify(entries)).not.toContain(made.json.password)
})

test('what goes wrong is said in a line of text, with the status that RFC 7030 has for it', async () => {
  const { username, password: secret } = (await password({})).json
  const login = ['--user', `${username}:${secret}`]
  await shell(`openssl ecparam -name prime256v1 -genkey -noout -out x.key
    openssl req -new -key x.key -subj /CN=aa:bb:cc:dd:ee:72 -outform DER | openssl base64 -out x.p10
    openssl req -new -key x.key -subj /CN=elsewhere -outform DER | openssl base64 -out foreign.p10
    openssl req -new -key x.key -subj / -addext basicConstraints=CA:TRUE -outform DER | openssl base64 -out ca.p10
    openssl req -new -x509 -key x.key -subj /CN=aa:bb:cc:dd:ee:71 -out selfsigned.crt
    head -c 60000 /dev/zero | openssl base64 -out big.p10`)
  const bare = await curl('simpleenroll', ...pkcs10('x.p10'))
  expect(bare.status).toBe(401)
  expect(bare.headers).toMatch(/www-authenticate: Basic realm=/i)
  expect((await curl('simpleenroll', '--user', `${username}:wrong`, ...pkcs10('x.p10'))).status).toBe(401)
  expect((await curl('simpleenroll', '--user', `est-nobody:${secret}`, ...pkcs10('x.p10'))).status).toBe(401)
  const foreign = await curl('simpleenroll', ...login, ...pkcs10('foreign.p10'))
  expect(foreign).toMatchObject({ status: 400, text: expect.stringContaining('"elsewhere"') })
  expect(foreign.headers).toMatch(/content-type: text\/plain/i)
  const authority = await curl('simpleenroll', ...login, ...pkcs10('ca.p10'))
  expect(authority).toMatchObject({ status: 400, text: expect.stringContaining('CA:TRUE') })
  expect((await curl('simpleenroll', ...login, ...pkcs10('big.p10'))).status).toBe(413)
  expect((await curl('simpleenroll', ...login, '--data-binary', '@x.p10')).status).toBe(400)
  const nobody = await curl('simplereenroll', ...pkcs10('x.p10'))
  expect(nobody).toMatchObject({ status: 401, text: expect.stringContaining('none was shown') })
  const self = ['--cert', 'selfsigned.crt', '--key', 'x.key']
  expect((await curl('simplereenroll', ...self, ...pkcs10('x.p10'))).status).toBe(401)
  expect((await curl('serverkeygen', ...login, ...pkcs10('x.p10'))).status).toBe(404)
  const attributes = await curl('csrattrs')
  expect(attributes.headers).toMatch(/content-type: application\/csrattrs/i)
  expect(attributes.headers).toMatch(/content-transfer-encoding: base64/i)
  const parsed = await shell(
    `echo '${attributes.text.trim()}' | openssl base64 -d | openssl asn1parse -inform DER`,
  )
  expect(parsed).toMatch(/id-ecPublicKey[^]*prime256v1[^]*ecdsa-with-SHA256/)
  // None of the refusals used the password up.
  expect((await curl('simpleenroll', ...login, ...pkcs10('x.p10'))).status).toBe(200)
})

test('of many who use one password at once, each with its own key, one is enrolled', async () => {
  const { username, password: secret } = (await password({ code: 'GW073' })).json
  await shell(`for n in 1 2 3 4; do
    openssl ecparam -name prime256v1 -genkey -noout -out race$n.key
    openssl req -new -key race$n.key -subj / -outform DER | openssl base64 -out race$n.p10
  done`)
  const answers = await Promise.all(
    [1, 2, 3, 4, 1, 2, 3, 4].map((n) =>
      curl('simpleenroll', '--user', `${username}:${secret}`, ...pkcs10(`race${n}.p10`)),
    ),
  )
  const good = answers.filter(({ status }) => status === 200)
  // Its two calls, which get one certificate.
  expect([1, 2]).toContain(good.length)
  expect(new Set(good.map(({ text }) => text)).size).toBe(1)
  for (const { status } of answers) expect([200, 401, 409]).toContain(status)
  const { certificates } = await json('/api/v1/certificates?gateway=GW073')
  expect(certificates).toHaveLength(1)
})

test('a box without a password waits until somebody claims it, and asks again with the same request', async () => {
  await shell(`openssl ecparam -name prime256v1 -genkey -noout -out wait.key
    openssl req -new -key wait.key -subj /CN=aa:bb:cc:dd:ee:74 -outform DER | openssl base64 -out wait.p10`)
  const ask = () => curl('claim/simpleenroll', ...pkcs10('wait.p10'))
  for (let n = 0; n < 2; n++) {
    const waits = await ask()
    expect(waits.status).toBe(202)
    expect(waits.headers).toMatch(/retry-after: 30/i)
  }
  const { knocks } = await json('/api/v1/claims')
  expect(knocks).toMatchObject([{ way: 'csr', mac: 'aa:bb:cc:dd:ee:74', unproven: false, state: 'waiting' }])
  const claimed = await site.local.post('/api/v1/claims/accept', { knock: knocks[0].id, code: 'GW074' })
  expect(claimed.status).toBe(201)
  const answer = await ask()
  expect(answer.status).toBe(200)
  await writeFile(join(dir, 'wait.p7'), answer.text)
  const read = 'openssl base64 -d -in wait.p7 | openssl pkcs7 -inform DER -print_certs -out wait.crt'
  const said = await shell(`${read}; openssl verify -CAfile ca.crt -untrusted cacerts.pem wait.crt`)
  expect(said).toContain('wait.crt: OK')
})

test('the listener for boxes serves boxes, and nothing else', async () => {
  const bare = async (path: string, ...words: string[]) => {
    const { stdout } = await run(
      'curl',
      [
        '-s',
        '--cacert',
        'ca.crt',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        ...words,
        `${env['SITE']}${path}`,
      ],
      { cwd: dir, env },
    )
    return Number(stdout)
  }
  for (const path of [
    '/',
    '/api/v1/gateways',
    '/api/v1/site',
    '/api/v1/auth/session',
    '/metrics',
    '/rpc/site/show',
  ])
    expect([path, await bare(path)]).toEqual([path, 404])
  for (const path of [
    '/devices/bind',
    '/api/v1/gateways/provision',
    '/api/v1/gateways/bind',
    '/api/v1/gateways/sign-csr',
  ])
    expect([path, await bare(path, '-X', 'POST')]).toEqual([path, 404])
})
