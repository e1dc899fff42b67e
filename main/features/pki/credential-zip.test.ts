import { expect, test } from 'vitest'
import { type Entry, fromBuffer } from 'yauzl'
import { credentialsFileName } from '#contract/model/ids.ts'
import { type CredentialBundle, makeCredentialZip } from './credential-zip.ts'

const bundle: CredentialBundle = {
  gateway: { id: '0190-id', mac: 'aa:bb:cc:dd:ee:01', code: 'GW001', name: 'Boiler\nroom' },
  siteName: 'Plant 1',
  credential: {
    kind: 'key',
    credentialId: '0190-certificate',
    certificatePem: 'CERT\n',
    privateKeyPem: 'KEY\n',
    serial: '01',
    fingerprint: 'f1',
    notAfter: Date.UTC(2036, 5, 1),
    expiresAt: 0,
    fetchCount: 1,
    createdAt: 0,
  },
  caPem: 'CA\n',
  issuedAt: Date.UTC(2026, 5, 1, 12),
  mqtt: {
    hosts: ['plant1.local', '192.168.7.20'],
    port: 8883,
    clientId: 'aabbccddee01',
    dialect: 'canonical',
    topics: { telemetry: 'mw/aabbccddee01/telemetry', status: 'mw/aabbccddee01/status' },
    mqtt_username: null,
    mqtt_password: null,
  },
  command: 'mosquitto_pub -h plant1.local \\\n  -m x',
}

async function unzip(zip: Buffer): Promise<Map<string, { text: string; entry: Entry }>> {
  const files = new Map<string, { text: string; entry: Entry }>()
  await new Promise<void>((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: true }, (error, opened) => {
      if (error) return reject(error)
      opened.on('entry', (entry: Entry) => {
        opened.openReadStream(entry, async (failed, stream) => {
          if (failed) return reject(failed)
          files.set(entry.fileName, { text: Buffer.concat(await stream.toArray()).toString('utf8'), entry })
          opened.readEntry()
        })
      })
      opened.on('end', resolve).on('error', reject)
      opened.readEntry()
    })
  })
  return files
}

test('the five files, the key for its owner only, equal bundles as equal bytes', async () => {
  const zip = await makeCredentialZip(bundle)
  const files = await unzip(zip)
  expect([...files.keys()]).toEqual(['client.crt', 'client.key', 'ca.crt', 'config.json', 'README.txt'])
  expect(files.get('client.crt')?.text).toBe('CERT\n')
  expect(files.get('client.key')?.text).toBe('KEY\n')
  expect(files.get('ca.crt')?.text).toBe('CA\n')
  expect(((files.get('client.key')?.entry.externalFileAttributes ?? 0) >>> 16) & 0o777).toBe(0o600)
  expect((await makeCredentialZip(bundle)).equals(zip)).toBe(true)
})

test('config.json is for programs', async () => {
  const config = JSON.parse((await unzip(await makeCredentialZip(bundle))).get('config.json')?.text ?? '')
  const { mqtt_username: _user, mqtt_password: _password, ...mqtt } = bundle.mqtt
  expect(config).toEqual({
    gateway: bundle.gateway,
    mqtt: { ...mqtt, tls: true, keepalive: 60 },
    files: { certificate: 'client.crt', key: 'client.key', ca: 'ca.crt' },
    certificateExpiresAt: '2036-06-01T00:00:00.000Z',
  })
})

test('README.txt says how, and what is secret, and a name writes no line of its own', async () => {
  const readme = (await unzip(await makeCredentialZip(bundle))).get('README.txt')?.text ?? ''
  expect(readme).toContain('\n  mosquitto_pub -h plant1.local \\\n    -m x\n')
  expect(readme).toContain('Valid until:   2036-06-01')
  expect(readme).toMatch(/client\.key .*SECRET/)
  expect(readme).toContain('GW001 (Boiler room)\n')
})

test('named after the MAC, or the id', () => {
  expect(credentialsFileName(bundle.gateway)).toBe('aa-bb-cc-dd-ee-01_certs.zip')
  expect(credentialsFileName({ mac: null, id: '0190-id' })).toBe('0190-id_certs.zip')
})
