import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSite, now, openssl, type TestSite } from './pki-site.fixture.ts'
import { addYears } from './profile.ts'
import { parseRevocationReason, revocationReasons } from './revocation-reason.ts'

const day = 86_400_000
let site: TestSite
let ca: string

beforeAll(async () => {
  site = await makeSite()
  const { ca: pem } = await site.pki.serverCredentials()
  ca = await site.file('ca.pem', pem)
})
afterAll(() => site.remove())

async function revoke(gatewayId: string, reason: string, at: number) {
  await site.db
    .transaction()
    .execute((trx) => site.pki.revokeCertificates(trx, gatewayId, parseRevocationReason(reason), at))
  await site.pki.refreshCrlIfDue(at)
}

async function crlText() {
  const file = await site.file('crl.der', await site.pki.crlDer())
  return (await openssl('crl', '-inform', 'DER', '-in', file, '-CAfile', ca, '-noout', '-text')).text
}

test('an empty list is version 2, numbered, signed, seven days long', async () => {
  const text = await crlText()
  expect(text).toContain('verify OK')
  expect(text).toContain('Version 2 (0x1)')
  expect(text).toContain('ecdsa-with-SHA256')
  expect(text).toContain('Last Update: Jun  1 12:00:00 2026 GMT')
  expect(text).toContain('Next Update: Jun  8 12:00:00 2026 GMT')
  expect(text).toContain('X509v3 CRL Number')
  expect(text).toContain('X509v3 Authority Key Identifier')
  expect(text).toContain('No Revoked Certificates')
})

test('a revoked certificate fails openssl verify -crl_check, others pass; PEM reads too', async () => {
  const bad = await site.addGateway('BAD')
  const [badPem, goodPem] = [
    (await site.enroll(bad)).certificatePem,
    (await site.enroll(await site.addGateway('GOOD'))).certificatePem,
  ]
  await revoke(bad, 'key-compromise', now + 1000)
  const text = await crlText()
  expect(text).toContain(`Serial Number: ${new X509Certificate(badPem).serialNumber}`)
  expect(text).toContain('Revocation Date: Jun  1 12:00:01 2026 GMT')
  expect(text).toContain('Key Compromise')
  const crl = await site.file('crl.pem', await site.pki.crlPem())
  const verify = async (name: string, pem: string) => {
    const leaf = await site.file(name, pem)
    return (
      await openssl(
        'verify',
        '-crl_check',
        '-CRLfile',
        crl,
        '-CAfile',
        ca,
        '-attime',
        String(now / 1000 + 60),
        leaf,
      )
    ).text
  }
  expect(await verify('good.pem', goodPem)).toContain('OK')
  expect(await verify('bad.pem', badPem)).toContain('certificate revoked')
})

test('every reason is written as RFC 5280 numbers it; unspecified by silence', async () => {
  for (const reason of Object.keys(revocationReasons)) {
    const id = await site.addGateway(`R-${reason}`)
    await site.enroll(id)
    await revoke(id, reason, now + 2000)
  }
  const text = await crlText()
  for (const words of [
    'CA Compromise',
    'Affiliation Changed',
    'Superseded',
    'Cessation Of Operation',
    'Privilege Withdrawn',
  ]) {
    expect(text).toContain(words)
  }
  expect(text).not.toContain('Unspecified')
  expect(text.match(/Serial Number/g)).toHaveLength(8)
})

test('the list is renewed at half its life, and when the clock was set back; its number only grows', async () => {
  const row = () => site.db.selectFrom('crls').selectAll().executeTakeFirstOrThrow()
  const first = await row()
  expect(await site.pki.refreshCrlIfDue(first.thisUpdate + 3 * day)).toEqual([])
  expect(await site.pki.refreshCrlIfDue(first.thisUpdate + 3.6 * day)).toEqual([first.issuerId])
  expect(await site.pki.refreshCrlIfDue(first.thisUpdate)).toEqual([first.issuerId])
  const last = await row()
  expect(last.number).toBe(first.number + 2)
  expect(await crlText()).toMatch(new RegExp(`CRL Number: \\s+${last.number}\n`))
})

test('many revocations at once cost few signatures; one with an older time is not missed', async () => {
  const row = () => site.db.selectFrom('crls').selectAll().executeTakeFirstOrThrow()
  const ids: string[] = []
  for (let i = 0; i < 12; i++) {
    const id = await site.addGateway(`M-${i}`)
    await site.enroll(id)
    ids.push(id)
  }
  const before = (await row()).number
  await site.db.transaction().execute(async (trx) => {
    for (const id of ids) await site.pki.revokeCertificates(trx, id, 'superseded', now - day)
  })
  await Promise.all(ids.map(() => site.pki.refreshCrlIfDue(now + 4000)))
  expect((await row()).number).toBe(before + 1)
  expect((await crlText()).match(/Serial Number/g)).toHaveLength(20)
})

test('an entry stays through a list after its expiry, then leaves; from 2050 on times are GeneralizedTime', async () => {
  const late = Date.UTC(2050, 5, 1)
  await site.pki.refreshCrlIfDue(addYears(now, 10) + 7 * day)
  expect((await crlText()).match(/Serial Number/g)).toHaveLength(20)
  await site.pki.refreshCrlIfDue(late)
  const text = await crlText()
  expect(text).toContain('No Revoked Certificates')
  expect(text).toContain('Last Update: Jun  1 00:00:00 2050 GMT')
  expect(text).toContain('verify OK')
  expect(Buffer.from(await site.pki.crlDer()).includes(Buffer.from('20500601000000Z'))).toBe(true)
})

test('ten thousand entries, each serial read back by openssl', async () => {
  const { id: issuerId } = await site.db
    .selectFrom('certificates')
    .select('id')
    .where('kind', '=', 'device_issuing')
    .executeTakeFirstOrThrow()
  const rows = Array.from({ length: 10_000 }, (_, i) => {
    const serial = randomBytes(16)
      .with(0, 1 + (i % 255))
      .map(Number)
    const hex = Buffer.from(serial).toString('hex')
    return revokedRow(hex, issuerId, now + i)
  })
  await site.db.transaction().execute(async (trx) => {
    for (let i = 0; i < rows.length; i += 500)
      await trx
        .insertInto('certificates')
        .values(rows.slice(i, i + 500))
        .execute()
  })
  await site.pki.refreshCrlIfDue(now + 20_000)
  const text = await crlText()
  expect(text).toContain('verify OK')
  const read = new Set(
    Array.from(text.matchAll(/Serial Number: ([0-9A-F]+)/g), (match) => match[1]?.toLowerCase()),
  )
  expect(rows.every(({ serial }) => read.has(serial))).toBe(true)
})

function revokedRow(serial: string, issuerId: string, revokedAt: number) {
  return {
    id: crypto.randomUUID(),
    kind: 'gateway',
    gatewayId: null,
    issuerId,
    serial,
    subject: 'CN=x',
    keyAlgorithm: 'EC P-256',
    fingerprint: createHash('sha256').update(serial).digest('hex'),
    pem: '',
    notBefore: now,
    notAfter: addYears(now, 10),
    state: 'revoked',
    revokedAt,
    revocationReason: 'superseded',
    createdAt: now,
  } as const
}
