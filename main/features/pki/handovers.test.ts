import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { keyOf, makeSite, now, type TestSite } from './pki-site.fixture.ts'
import type { PreparedCertificate } from './prepared-certificate.ts'
import { handoverLife } from './profile.ts'

let site: TestSite
let gatewayId: string

let code: string
let count = 0

beforeAll(async () => {
  site = await makeSite()
})
beforeEach(async () => {
  code = `GW${++count}`
  gatewayId = await site.addGateway(code)
})
afterAll(() => site.remove())

const open = (at = now) =>
  site.db
    .transaction()
    .execute((trx) => site.pki.openHandover(trx, gatewayId, at))
    .then(keyOf)
const gone = () => expect.objectContaining({ code: 'credential_gone', data: { code } })

/** Whether bytes lie in any file of the site's folder: the store, its log, anything beside them. */
async function onDisk(bytes: Uint8Array): Promise<boolean> {
  for (const name of await readdir(site.dir)) {
    if ((await readFile(join(site.dir, name))).includes(Buffer.from(bytes))) return true
  }
  return false
}

test('a key is fetched again and again while it is sealed, and fits its certificate', async () => {
  const first = await site.enroll(gatewayId)
  const again = await open(now + 1000)
  expect(first.fetchCount).toBe(1)
  expect(again).toEqual({ ...first, fetchCount: 2 })
  expect(
    new X509Certificate(again.certificatePem).checkPrivateKey(createPrivateKey(again.privateKeyPem)),
  ).toBe(true)
  expect(again.certificatePem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
  expect(again.expiresAt).toBe(now + 24 * 3_600_000)
})

test.each(['received', 'session'] as const)(
  'after "%s" it is gone, for good, from store and log',
  async (by) => {
    const { credentialId, privateKeyPem } = await site.enroll(gatewayId)
    const der = createPrivateKey(privateKeyPem).export({ format: 'der', type: 'pkcs8' })
    const { box } = await site.db
      .selectFrom('sealedSecrets')
      .select('box')
      .where('id', '=', credentialId)
      .executeTakeFirstOrThrow()
    expect(await onDisk(der)).toBe(false)
    expect(await onDisk(box)).toBe(true)

    const end = () =>
      site.db.transaction().execute((trx) => site.pki.endHandover(trx, credentialId, by, now + 5))
    expect(await end()).toBe(true)
    expect(await end()).toBe(false)
    expect(await site.pki.eraseTrail()).toBe(true)
    await expect(open()).rejects.toEqual(gone())
    // A part is enough to look for: pages may be torn apart, not single bytes.
    for (let at = 0; at + 24 <= box.length; at += 24)
      expect(await onDisk(box.subarray(at, at + 24))).toBe(false)
    const row = await site.db
      .selectFrom('handovers')
      .selectAll()
      .where('credentialId', '=', credentialId)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ endedBy: by, endedAt: now + 5, fetchCount: 1 })
  },
)

test('of many keys, small and large, ended in any order, no box is left on disk', async () => {
  const made: PreparedCertificate[] = []
  for (let i = 0; i < 60; i++) {
    const id = await site.addGateway(`MANY${i}`)
    const prepared = await site.pki.prepareGatewayCertificate({
      gatewayId: id,
      mac: null,
      keyAlgorithm: 'ec',
      now,
    })
    // Every fifth as large as an RSA key, which spills over to pages of its own.
    if (i % 5 === 0) prepared.box = site.sealer.seal('gateway-key', prepared.row.id, Buffer.alloc(1216, i))
    made.push(prepared)
  }
  await site.db.transaction().execute(async (trx) => {
    for (const prepared of made) await site.pki.storeGatewayCertificate(trx, prepared)
  })
  await site.pki.eraseTrail()
  const boxes = made.map(({ box }) => box)
  for (const box of boxes) expect(await onDisk(box.subarray(40, 72))).toBe(true)
  for (let i = 0; i < made.length; i++) {
    const credentialId = made[(i * 37) % made.length]?.row.id ?? ''
    await site.db.transaction().execute((trx) => site.pki.endHandover(trx, credentialId, 'received', now))
    if (i % 10 === 0) await site.pki.eraseTrail()
  }
  await site.pki.eraseTrail()
  for (const box of boxes) {
    expect(await onDisk(box.subarray(40, 72))).toBe(false)
    expect(await onDisk(box.subarray(-24))).toBe(false)
  }
})

test('a session proves a credential by its fingerprint, once', async () => {
  const { fingerprint, credentialId } = await site.enroll(gatewayId)
  expect(await site.pki.openHandoverOf({ fingerprint })).toEqual({ credentialId, gatewayId })
  expect(await site.pki.openHandoverOf({ fingerprint: '00' })).toBeUndefined()
  await site.db.transaction().execute((trx) => site.pki.endHandover(trx, credentialId, 'session', now))
  expect(await site.pki.openHandoverOf({ fingerprint })).toBeUndefined()
})

test('after 24 hours it is refused at once and erased by the next sweep', async () => {
  const { credentialId } = await site.enroll(gatewayId)
  await expect(open(now + handoverLife)).rejects.toEqual(gone())
  const sweep = (at: number) => site.db.transaction().execute((trx) => site.pki.expireHandovers(trx, at))
  expect(await sweep(now + handoverLife - 1)).toEqual([])
  expect(await sweep(now + handoverLife)).toContainEqual({ credentialId, gatewayId })
  expect(await sweep(now + handoverLife)).toEqual([])
  expect(
    await site.db.selectFrom('sealedSecrets').select('id').where('id', '=', credentialId).execute(),
  ).toEqual([])
})

test('revoking ends the hand-over; a new enrollment opens a new one', async () => {
  const { fingerprint, credentialId } = await site.enroll(gatewayId)
  const revoked = await site.db
    .transaction()
    .execute((trx) => site.pki.revokeCertificates(trx, gatewayId, 'keyCompromise', now))
  expect(revoked).toEqual([{ id: credentialId, fingerprint }])
  await expect(open()).rejects.toEqual(gone())
  const second = await site.enroll(gatewayId, { at: now + 1000 })
  expect(second.credentialId).not.toBe(credentialId)
  expect((await open(now + 2000)).credentialId).toBe(second.credentialId)
})

test('what a rolled-back transaction stored is nowhere', async () => {
  const prepared = await site.pki.prepareGatewayCertificate({ gatewayId, mac: null, keyAlgorithm: 'ec', now })
  const failing = site.db.transaction().execute(async (trx) => {
    await site.pki.storeGatewayCertificate(trx, prepared)
    throw new Error('audit failed')
  })
  await expect(failing).rejects.toThrow('audit failed')
  await expect(open()).rejects.toMatchObject({ code: 'not_found' })
})
