import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readCsr } from '#features/pki/index.ts'
import { type BoxKey, boxKey, csrOf } from '#tests/fixtures/certificate-request.ts'
import { type EnrollmentSite, enrollmentSite, START } from '#tests/fixtures/enrollment-site.ts'
import { RenewalsService } from './renewals.service.ts'

let site: EnrollmentSite
let renewals: RenewalsService
let number = 0
let mac: string
let keys: BoxKey
let gatewayId: string
/** Of the certificate that the box enrolled with. */
let fingerprint: string
const draft = () => site.draft('est.renew')

beforeAll(async () => {
  site = await enrollmentSite()
})
beforeEach(async () => {
  site.clock.at = START
  number += 1
  mac = `02:00:00:00:02:${number.toString(16).padStart(2, '0')}`
  renewals = new RenewalsService(site)
  keys = await boxKey()
  const { publicKey } = readCsr(await csrOf(keys, mac))
  const { gateway } = await site.enroll({ mac, publicKey })
  gatewayId = gateway.id
  fingerprint = gateway.fingerprint ?? ''
})
afterAll(() => site.close())

const certificates = () =>
  site.db
    .selectFrom('certificates')
    .select(['fingerprint', 'state', 'revocationReason'])
    .where('gatewayId', '=', gatewayId)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
const states = async () => (await certificates()).map(({ state }) => state)
const newest = async () => (await certificates()).at(-1)?.fingerprint ?? ''
const toldToBroker = () => {
  const change = site.published.findLast((one) => one.op === 'put' && one.identity.gatewayId === gatewayId)
  return change?.op === 'put' ? change.identity.certificates.map(({ state }) => state).toSorted() : []
}

test('both certificates count until the new one proves itself, also when the site starts again in between', async () => {
  site.clock.at += 1_000
  await renewals.renew({ fingerprint }, await csrOf(await boxKey(), mac), draft())
  expect(await states()).toEqual(['active', 'active'])
  expect(toldToBroker()).toEqual(['active', 'active'])
  const restarted = new RenewalsService(site)
  await restarted.proved([fingerprint])
  expect(await states()).toEqual(['active', 'active'])
  await restarted.proved([await newest(), await newest()])
  expect(await states()).toEqual(['revoked', 'active'])
  expect((await certificates())[0]).toMatchObject({ revocationReason: 'superseded' })
  expect(toldToBroker()).toEqual(['active', 'revoked'])
  const { action } = await site.db
    .selectFrom('auditEntries')
    .select('action')
    .orderBy('seq', 'desc')
    .executeTakeFirstOrThrow()
  expect(action).toBe('certificate.superseded')
})

test('a box that lost its new key asks again: of three certificates the first and the last count', async () => {
  for (const at of [1, 2]) {
    site.clock.at = START + at * 1_000
    await renewals.renew({ fingerprint }, await csrOf(await boxKey(), mac), draft())
  }
  expect(await states()).toEqual(['active', 'revoked', 'active'])
})

test('the same key may be renewed; one of another gateway, or one that got out, not', async () => {
  site.clock.at += 1_000
  await renewals.renew({ fingerprint }, await csrOf(keys, mac), draft())
  expect(await states()).toEqual(['active', 'active'])
  const other = await boxKey()
  const { publicKey } = readCsr(await csrOf(other, null))
  await site.enroll({ code: `other-${number}`, publicKey })
  const stolen = renewals.renew({ fingerprint }, await csrOf(other, mac), draft())
  await expect(stolen).rejects.toMatchObject({ code: 'csr_refused', data: { reason: 'key_taken' } })
  await site.db
    .updateTable('certificates')
    .set({ state: 'revoked', revocationReason: 'keyCompromise' })
    .where('fingerprint', '=', await newest())
    .execute()
  const leaked = renewals.renew({ fingerprint }, await csrOf(keys, mac), draft())
  await expect(leaked).rejects.toMatchObject({ code: 'csr_refused', data: { reason: 'key_compromised' } })
})

test('the subject is that of the certificate', async () => {
  for (const name of [null, '02:00:00:00:09:09', 'grow-7'])
    await expect(renewals.renew({ fingerprint }, await csrOf(keys, name), draft())).rejects.toMatchObject({
      code: 'csr_refused',
      data: { reason: 'name_foreign' },
    })
})

test('only a certificate that counts, of a gateway that may connect, is renewed', async () => {
  const csr = await csrOf(keys, mac)
  await expect(renewals.renew({ fingerprint: '0'.repeat(64) }, csr, draft())).rejects.toMatchObject({
    code: 'est_certificate_refused',
  })
  const local = { kind: 'local', name: 'x' } as const
  const reference = { gateway: gatewayId }
  await site.fleet.transition('suspend', { all: true }, reference, local, site.draft())
  await expect(renewals.renew({ fingerprint }, csr, draft())).rejects.toMatchObject({
    data: { cause: 'its gateway is suspended' },
  })
  await site.fleet.transition('revoke', { all: true }, reference, local, site.draft())
  await expect(renewals.renew({ fingerprint }, csr, draft())).rejects.toMatchObject({
    data: { cause: 'it is revoked' },
  })
})

test('a gateway that renews in a loop is told to wait', async () => {
  for (let n = 1; n <= 5; n++) {
    site.clock.at = START + n * 1_000
    await renewals.renew({ fingerprint }, await csrOf(keys, mac), draft())
  }
  await expect(renewals.renew({ fingerprint }, await csrOf(keys, mac), draft())).rejects.toMatchObject({
    code: 'too_many_requests',
  })
  expect((await states()).filter((state) => state === 'active')).toHaveLength(2)
})

test('renewals that a gateway asks for at once are counted like those one after the other', async () => {
  const csrs = await Promise.all(Array.from({ length: 12 }, () => csrOf(keys, mac)))
  const asked = await Promise.allSettled(csrs.map((csr) => renewals.renew({ fingerprint }, csr, draft())))
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect(await states()).toHaveLength(6)
})
