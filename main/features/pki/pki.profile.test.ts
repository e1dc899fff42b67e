import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mac, makeSite, now, openssl, type TestSite } from './pki-site.fixture.ts'
import { addYears } from './profile.ts'

/** The certificates as OpenSSL sees them, against the table of security.md. */
let site: TestSite
let gatewayId: string

beforeAll(async () => {
  site = await makeSite({
    crlUrls: ['http://plant1.local:8080/pki/crl'],
    names: ['plant1', '192.168.7.20', 'fd00::7'],
  })
  gatewayId = await site.addGateway('GW001', mac)
  await site.enroll(gatewayId, { mac })
})
afterAll(() => site.remove())

async function textOf(kind: string) {
  const { pem } = await site.db
    .selectFrom('certificates')
    .selectAll()
    .where('kind', '=', kind as 'gateway')
    .executeTakeFirstOrThrow()
  const file = await site.file(`${kind}.pem`, pem)
  const { text } = await openssl('x509', '-in', file, '-noout', '-text')
  return { pem, file, text }
}

test('device root: P-384, 40 years from 2020, pathlen 1', async () => {
  const { text } = await textOf('device_root')
  expect(text).toContain('ASN1 OID: secp384r1')
  expect(text).toContain('ecdsa-with-SHA384')
  expect(text).toContain('Not Before: Jan  1 00:00:00 2020 GMT')
  expect(text).toContain('Not After : Jan  1 00:00:00 2060 GMT')
  expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/)
  expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/)
  expect(text).toMatch(/Subject: O = Plant 1, CN = Plant 1 Device Root [0-9a-f]{4}\n/)
})

test.each([
  ['device_issuing', 'TLS Web Client Authentication'],
  ['server_issuing', 'TLS Web Server Authentication'],
])('%s: P-256, 24 years from 2020, pathlen 0, for one purpose', async (kind, purpose) => {
  const { text } = await textOf(kind)
  expect(text).toContain('ASN1 OID: prime256v1')
  expect(text).toContain('Not Before: Jan  1 00:00:00 2020 GMT')
  expect(text).toContain('Not After : Jan  1 00:00:00 2044 GMT')
  expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
  expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/)
  expect(text).toMatch(new RegExp(`Extended Key Usage: \n\\s+${purpose}\n`))
})

test('broker: backdated to its issuer, five years, serverAuth, every name', async () => {
  const { text } = await textOf('broker')
  expect(text).toContain('Not Before: Jan  1 00:00:00 2020 GMT')
  expect(text).toContain('Not After : Jun  1 12:00:00 2031 GMT')
  expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
  expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/)
  expect(text).toMatch(/Extended Key Usage: \n\s+TLS Web Server Authentication\n/)
  expect(text).toContain(
    'DNS:plant1, DNS:plant1.local, DNS:localhost, IP Address:192.168.7.20, IP Address:FD00:0:0:0:0:0:0:7, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  )
})

test('gateway: P-256, ten years, CN and SAN of domain.md, clientAuth, SKI, AKI, CRL address', async () => {
  const { text, pem } = await textOf('gateway')
  expect(text).toContain('ASN1 OID: prime256v1')
  expect(text).toContain('Not Before: May 30 12:00:00 2026 GMT')
  expect(text).toContain('Not After : Jun  1 12:00:00 2036 GMT')
  expect(text).toContain(`Subject: CN = ${mac}\n`)
  expect(text).toContain(`URI:urn:millwright:gateway:${gatewayId}, DNS:aa-bb-cc-dd-ee-01`)
  expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
  expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/)
  expect(text).toMatch(/Extended Key Usage: \n\s+TLS Web Client Authentication\n/)
  expect(text).toContain('URI:http://plant1.local:8080/pki/crl')
  const issuing = (await textOf('device_issuing')).text
  const keyId = /Subject Key Identifier: \n\s+([0-9A-F:]{59})/.exec(issuing)?.[1] ?? 'missing'
  expect(text).toMatch(new RegExp(`Authority Key Identifier: \n\\s+(keyid:)?${keyId}`))
  expect(text).toMatch(/Subject Key Identifier: \n\s+[0-9A-F:]{59}\n/)
  expect(new X509Certificate(pem).serialNumber).toHaveLength(32)
})

test('gateway with RSA: also keyEncipherment; without a MAC: named by its id', async () => {
  const id = await site.addGateway('GW-RSA')
  const { certificatePem } = await site.enroll(id, { keyAlgorithm: 'rsa' })
  const { text } = await openssl('x509', '-noout', '-text', '-in', await site.file('rsa.pem', certificatePem))
  expect(text).toContain('Public-Key: (2048 bit)')
  expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment\n/)
  expect(text).toContain(`Subject: CN = ${id}\n`)
  expect(text).toMatch(new RegExp(`Alternative Name: \n\\s+URI:urn:millwright:gateway:${id}\n`))
})

test('web CA: self-signed, ten years, critical name constraints; web: 397 days', async () => {
  const ca = await textOf('web_ca')
  expect(ca.text).toContain('Not After : May 31 12:00:00 2036 GMT')
  expect(ca.text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
  expect(ca.text).toMatch(/Name Constraints: critical\s+Permitted:/)
  for (const permitted of [
    'DNS:local',
    'DNS:internal',
    'DNS:plant1',
    'IP:10.0.0.0/255.0.0.0',
    'IP:172.16.0.0/255.240.0.0',
  ]) {
    expect(ca.text).toContain(permitted)
  }
  const web = await textOf('web')
  expect(web.text).toMatch(/Extended Key Usage: \n\s+TLS Web Server Authentication\n/)
  const { validFromDate, validToDate } = new X509Certificate(web.pem)
  expect((validToDate.getTime() - validFromDate.getTime()) / 86_400_000).toBe(397)
  expect(
    (await openssl('verify', '-CAfile', ca.file, '-purpose', 'sslserver', '-x509_strict', web.file)).text,
  ).toContain('OK')
})

describe('openssl verify', () => {
  test('accepts broker and gateway by the device root alone, for their purpose only', async () => {
    const root = (await textOf('device_root')).file
    for (const [leaf, issuing, purpose, other] of [
      ['gateway', 'device_issuing', 'sslclient', 'sslserver'],
      ['broker', 'server_issuing', 'sslserver', 'sslclient'],
    ] as const) {
      const [file, untrusted] = [(await textOf(leaf)).file, (await textOf(issuing)).file]
      const args = [
        'verify',
        '-x509_strict',
        '-CAfile',
        root,
        '-untrusted',
        untrusted,
        '-attime',
        String(now / 1000),
      ]
      expect((await openssl(...args, '-purpose', purpose, file)).text).toBe(`${file}: OK\n`)
      expect((await openssl(...args, '-purpose', other, file)).text).toContain(
        'unsuitable certificate purpose',
      )
    }
  })

  test('a gateway whose clock stands in 2021 accepts the broker', async () => {
    const args = [
      '-CAfile',
      (await textOf('device_root')).file,
      '-untrusted',
      (await textOf('server_issuing')).file,
    ]
    const { status } = await openssl(
      'verify',
      ...args,
      '-attime',
      String(Date.UTC(2021, 0, 1) / 1000),
      (await textOf('broker')).file,
    )
    expect(status).toBe(0)
  })
})

test('no certificate outlives its issuer or starts before it, whatever the date of issue', async () => {
  const year = (n: number) => addYears(now, n - 2026)
  for (const at of [Date.UTC(2019, 0, 1), year(2026), year(2033), year(2041), year(2052)]) {
    await site.pki.succeedAuthorities(at)
    await site.pki.renewServerCertificates(['plant1'], at)
    await site.enroll(await site.addGateway(`GW-${at}`), { at })
  }
  const all = await site.db.selectFrom('certificates').selectAll().execute()
  expect(all.length).toBeGreaterThan(15)
  for (const certificate of all) {
    const issuer = all.find(({ id }) => id === certificate.issuerId) ?? certificate
    expect(certificate.notAfter).toBeLessThanOrEqual(issuer.notAfter)
    expect(certificate.notBefore).toBeGreaterThanOrEqual(issuer.notBefore)
    expect(certificate.notAfter).toBeGreaterThan(certificate.notBefore)
    const { validFromDate, validToDate } = new X509Certificate(certificate.pem)
    expect([validFromDate.getTime(), validToDate.getTime()]).toEqual([
      certificate.notBefore,
      certificate.notAfter,
    ])
  }
  // Issued in 2033, when the first issuing CA could no longer give ten years: from its successor, in full.
  const late = all.find(({ createdAt, kind }) => createdAt === year(2033) && kind === 'gateway')
  expect(late?.notAfter).toBe(addYears(year(2033), 10))
})
