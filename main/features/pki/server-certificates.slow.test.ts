import { createPrivateKey, X509Certificate } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { makeSite, now, openssl, type TestSite } from './pki-site.fixture.ts'
import { addYears } from './profile.ts'

let site: TestSite
afterEach(() => site.remove())

const names = ['plant1', '192.168.7.20']

test('renewed when names change and at two thirds of the life from the making, not before', async () => {
  site = await makeSite({ names })
  const renew = async (asked: string[], at: number) =>
    (await site.pki.renewServerCertificates(asked, at)).renewed
  expect(await renew(names, now + 1000)).toEqual([])
  // The same in other words.
  expect(await renew(['PLANT1.', ' 192.168.7.20', 'plant1.local', '[::1]'], now + 1000)).toEqual([])
  expect(await renew([...names, '10.0.0.9'], now + 2000)).toEqual(['broker', 'web'])
  expect(await renew([...names, '10.0.0.9'], addYears(now, 3))).toEqual(['web'])
  expect(await renew([...names, '10.0.0.9'], addYears(now, 3.5))).toEqual([])
  expect(await renew([...names, '10.0.0.9'], addYears(now, 4))).toEqual(['broker', 'web'])
})

test('a predecessor is superseded and its key deleted', async () => {
  site = await makeSite({ names })
  const before = await site.pki.serverCredentials()
  await site.pki.renewServerCertificates(['plant2'], now + 1000)
  const after = await site.pki.serverCredentials()
  expect(after.cert).not.toBe(before.cert)
  expect(new X509Certificate(after.cert).checkPrivateKey(createPrivateKey(after.key))).toBe(true)
  const broker = await site.db
    .selectFrom('certificates')
    .select(['id', 'state'])
    .where('kind', '=', 'broker')
    .execute()
  expect(broker.map(({ state }) => state).sort()).toEqual(['active', 'superseded'])
  const keys = (await site.db.selectFrom('sealedSecrets').select('id').execute()).map(({ id }) => id)
  expect(broker.map(({ id, state }) => keys.includes(id) === (state === 'active'))).toEqual([true, true])
})

test('a name outside the constraints is reported, left out, and taken in by a new web CA', async () => {
  site = await makeSite({ names })
  const asked = [...names, 'plant.example.com', '203.0.113.5']
  const { renewed, outsideWebAuthority } = await site.pki.renewServerCertificates(asked, now)
  expect(renewed).toEqual(['broker'])
  expect(outsideWebAuthority).toEqual(['plant.example.com', '203.0.113.5'])
  expect(
    new X509Certificate((await site.pki.serverCredentials()).cert).checkHost('plant.example.com'),
  ).toBeDefined()

  await site.pki.replaceWebAuthority(asked, now + 1000)
  const web = await site.pki.webCredentials()
  expect(new X509Certificate(web.cert).checkHost('plant.example.com')).toBeDefined()
  expect(await site.pki.renewServerCertificates(asked, now + 2000)).toEqual({
    renewed: [],
    outsideWebAuthority: [],
  })
  const ca = await site.file('web-ca.pem', await site.pki.webCaPem())
  const leaf = await site.file('web.pem', web.cert)
  expect(
    (await openssl('verify', '-x509_strict', '-CAfile', ca, '-attime', String(now / 1000), leaf)).status,
  ).toBe(0)
})

test('openssl refuses what the web CA signs for a public name or address', async () => {
  site = await makeSite({ names })
  const ca = await site.file('web-ca.pem', await site.pki.webCaPem())
  // A thief of the web CA's key, who does not ask our profile.
  const row = await site.db
    .selectFrom('certificates')
    .selectAll()
    .where('kind', '=', 'web_ca')
    .executeTakeFirstOrThrow()
  const secret = await site.db
    .selectFrom('sealedSecrets')
    .selectAll()
    .where('id', '=', row.id)
    .executeTakeFirstOrThrow()
  const der = site.sealer.open('ca-key', row.id, secret.box)
  const key = await site.file(
    'ca.key',
    createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }),
  )
  const verify = async (name: string) => {
    const extensions = await site.file('ext.cnf', `subjectAltName=${name}\nextendedKeyUsage=serverAuth\n`)
    const [csr, leaf, leafKey] = ['leaf.csr', 'leaf.pem', 'leaf.key'].map(
      (file) => `${site.dir}/${file}`,
    ) as [string, string, string]
    await openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      leafKey,
      '-subj',
      '/CN=x y',
      '-out',
      csr,
    )
    await openssl(
      'x509',
      '-req',
      '-in',
      csr,
      '-CA',
      ca,
      '-CAkey',
      key,
      '-CAcreateserial',
      '-extfile',
      extensions,
      '-days',
      '10',
      '-out',
      leaf,
    )
    return (await openssl('verify', '-CAfile', ca, leaf)).text
  }
  for (const inside of ['DNS:hmi.plant1', 'DNS:x.local', 'IP:10.1.2.3', 'IP:fd12::1', 'IP:127.0.0.1']) {
    expect(await verify(inside)).toContain('OK')
  }
  for (const outside of [
    'DNS:bank.example',
    'DNS:notlocal',
    'DNS:notplant1',
    'IP:8.8.8.8',
    'IP:2001:db8::1',
    'IP:172.32.0.1',
  ]) {
    expect(await verify(outside)).toContain('permitted subtree violation')
  }
})

test('before set-up: a temporary certificate for the console; everything else asks for set-up', async () => {
  site = await makeSite({ bare: true })
  const { cert, key, fingerprint } = await site.pki.temporaryWebCredentials(['plant1'], now)
  const read = new X509Certificate(cert)
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true)
  expect(read.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(fingerprint)
  expect(read.checkHost('plant1.local')).toBe('plant1.local')
  expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1')
  const asked = [
    site.pki.caPem(),
    site.pki.crlDer(),
    site.pki.serverCredentials(),
    site.pki.renewServerCertificates([], now),
  ]
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'setup_required' })
})
