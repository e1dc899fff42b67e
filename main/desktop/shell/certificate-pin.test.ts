import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isSiteRequest, runningSite } from './attach.ts'
import { isIssuedBy } from './certificate-pin.ts'
import type { Refusal } from './engine-supervisor.ts'

const folder = mkdtempSync(join(tmpdir(), 'pin-'))
/** Once the certificates are there: they begin with the second in which they were made. */
let now: Date

beforeAll(() => {
  for (const ca of ['ca', 'other']) {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '10',
      '-subj',
      '/CN=web CA',
      '-keyout',
      `${ca}.key`,
      '-out',
      `${ca}.crt`,
    )
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=plant.local',
      '-keyout',
      `${ca}-leaf.key`,
      '-out',
      `${ca}-leaf.csr`,
    )
    writeFileSync(join(folder, 'san'), 'subjectAltName=DNS:plant.local,IP:10.0.0.5,IP:::1')
    openssl(
      'x509',
      '-req',
      '-in',
      `${ca}-leaf.csr`,
      '-CA',
      `${ca}.crt`,
      '-CAkey',
      `${ca}.key`,
      '-days',
      '5',
      '-extfile',
      'san',
      '-out',
      `${ca}-leaf.crt`,
    )
  }
  now = new Date()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(['plant.local', '10.0.0.5', '::1', '[::1]'])(
  'accepts the site’s own certificate for %s',
  (hostname) => {
    expect(isIssuedBy(pem('ca.crt'), request('ca-leaf.crt', hostname), now)).toBe(true)
  },
)

test('refuses what another CA of the same name signed', () => {
  expect(isIssuedBy(pem('ca.crt'), request('other-leaf.crt', 'plant.local'), now)).toBe(false)
})

test('refuses another host, another time, and what is no certificate', () => {
  expect(isIssuedBy(pem('ca.crt'), request('ca-leaf.crt', 'example.com'), now)).toBe(false)
  expect(isIssuedBy(pem('ca.crt'), request('ca-leaf.crt', '10.0.0.6'), now)).toBe(false)
  const inAWeek = new Date(now.getTime() + 7 * 86_400_000)
  expect(isIssuedBy(pem('ca.crt'), request('ca-leaf.crt', 'plant.local'), inAWeek)).toBe(false)
  expect(isIssuedBy('no PEM', request('ca-leaf.crt', 'plant.local'), now)).toBe(false)
})

test('attaches to the site that holds the data folder, known by its CA', async () => {
  const refusal: Refusal = {
    type: 'refused',
    code: 'data_in_use',
    message: '',
    data: { pid: 1, url: 'https://10.0.0.5:8443/' },
  }
  expect(await runningSite(refusal, folder)).toBeNull()
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ webCa: null }))
  expect(await runningSite(refusal, folder)).toBeNull()
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ webCa: pem('ca.crt') }))
  expect(await runningSite(refusal, folder)).toMatchObject({
    origin: 'https://10.0.0.5:8443',
    caPem: pem('ca.crt'),
  })
  expect(await runningSite({ ...refusal, data: { pid: 1, url: null } }, folder)).toBeNull()
  expect(await runningSite({ ...refusal, data: { pid: 1, url: 'http://10.0.0.5:8442' } }, folder)).toBeNull()
  expect(await runningSite({ ...refusal, code: 'port_in_use' }, folder)).toBeNull()
})

test('an attached window reaches its site and nothing else', () => {
  const site = 'https://10.0.0.5:8443'
  expect(isSiteRequest('https://10.0.0.5:8443/rpc', site)).toBe(true)
  expect(isSiteRequest('wss://10.0.0.5:8443/rpc/socket', site)).toBe(true)
  for (const url of [
    'http://10.0.0.5:8443/',
    'https://10.0.0.5:8444/',
    'https://example.com/',
    'file:///etc/passwd',
    'x',
  ]) {
    expect(isSiteRequest(url, site)).toBe(false)
  }
})

function request(file: string, hostname: string): { hostname: string; certificate: { data: string } } {
  return { hostname, certificate: { data: pem(file) } }
}

function pem(file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}
