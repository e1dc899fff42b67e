import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { wholeTenant } from '#features/access/index.ts'
import { type EnrollmentSite, enrollmentSite, plainOrder, START } from './enrollment-site.fixture.ts'

let site: EnrollmentSite
let number = 0
let mac: string

beforeAll(async () => {
  site = await enrollmentSite()
})
beforeEach(() => {
  site.clock.at = START
  number += 1
  mac = `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`
})
afterAll(() => site.close())

const rowOf = (id: string) =>
  site.db.selectFrom('gateways').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const identityOf = (id: string) => {
  const change = site.published.findLast((one) => one.op === 'put' && one.identity.gatewayId === id)
  if (change?.op !== 'put') throw new Error('the broker was told nothing')
  return change.identity
}
const fetched = async (gateway: string) =>
  (await site.credentials.fetch({ all: true }, { gateway }, site.draft())).handover
async function onDisk(text: string): Promise<boolean> {
  for (const name of await readdir(site.dir))
    if ((await readFile(join(site.dir, name))).includes(text)) return true
  return false
}

test('without a code and a name a gateway is called by its label', async () => {
  const { gateway } = await site.enroll({ mac: mac.toUpperCase() })
  expect(gateway).toMatchObject({ mac, state: 'claimed', credential: 'certificate', dialect: 'canonical' })
  expect(gateway.label).toMatch(/^ESP-0000/)
  expect(gateway).toMatchObject({ code: gateway.label, name: gateway.label })
})

test('a secret waits sealed, is given again until a session proves it, and is gone from the disk then', async () => {
  const { gateway } = await site.enroll({ mac, credential: 'secret' })
  const first = await fetched(gateway.id)
  const again = await fetched(gateway.id)
  if (first.kind !== 'secret' || again.kind !== 'secret') throw new Error('no secret')
  expect(first.secret).toMatch(/^[0-9a-f]{64}$/)
  expect(again).toEqual({ ...first, fetchCount: 2 })
  const { secrets, certificates } = identityOf(gateway.id)
  expect(certificates).toEqual([])
  expect(secrets).toHaveLength(1)
  expect(await onDisk(first.secret)).toBe(false)
  expect(await onDisk(Buffer.from(first.secret, 'hex').toString('latin1'))).toBe(false)

  const secretId = secrets[0]?.id ?? null
  await site.credentials.proved([{ fingerprint: '', secretId }])
  await expect(fetched(gateway.id)).rejects.toMatchObject({ code: 'credential_gone' })
  const boxes = await site.db
    .selectFrom('sealedSecrets')
    .select('id')
    .where('id', '=', secretId ?? '')
    .execute()
  expect(boxes).toEqual([])
  const { action } = await site.db
    .selectFrom('auditEntries')
    .select('action')
    .orderBy('seq', 'desc')
    .executeTakeFirstOrThrow()
  expect(action).toBe('certificate.handover_session')
})

test('a secret that nobody fetches is erased after 24 hours', async () => {
  const { gateway } = await site.enroll({ mac, credential: 'secret' })
  site.clock.at += 24 * 3_600_000
  await site.credentials.expire()
  await expect(fetched(gateway.id)).rejects.toMatchObject({ code: 'credential_gone' })
})

test('a box that made its key gets a certificate for it, and there is nothing to hand over', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  const { gateway } = await site.enroll({ mac, publicKey: { algorithm: 'EC P-256', spki } })
  const issued = await site.pki.gatewayCertificate(site.db, gateway.id)
  const certificate = new X509Certificate(issued?.certificatePem ?? '')
  expect(certificate.publicKey.export({ format: 'der', type: 'spki' })).toEqual(Buffer.from(spki))
  expect(certificate.subject).toBe(`CN=${mac}`)
  expect(certificate.subjectAltName).toContain(`urn:millwright:gateway:${gateway.id}`)
  await expect(fetched(gateway.id)).rejects.toMatchObject({ code: 'not_found' })
  expect(identityOf(gateway.id).certificates).toMatchObject([{ state: 'active' }])
})

test('a claimed gateway is enrolled again only where that is asked for; what it had until then ends', async () => {
  const { gateway } = await site.enroll({ mac, code: `again-${number}`, name: 'Boiler' })
  const [before] = identityOf(gateway.id).certificates
  await expect(site.enroll({ mac })).rejects.toMatchObject({ code: 'mac_taken' })
  const { made } = await site.enroll({ mac, replace: true })
  expect(made).toMatchObject({ gatewayId: gateway.id, again: true, code: `again-${number}` })
  expect(await rowOf(gateway.id)).toMatchObject({
    name: 'Boiler',
    state: 'claimed',
    assignmentId: gateway.assignmentId,
  })
  const certificates = identityOf(gateway.id).certificates
  expect(certificates).toContainEqual({ fingerprint: before?.fingerprint, state: 'revoked' })
  expect(certificates.filter(({ state }) => state === 'active')).toHaveLength(1)
})

test('from a certificate to a secret: the certificate ends', async () => {
  const { gateway } = await site.enroll({ mac })
  await site.enroll({ mac, replace: true, credential: 'secret' })
  const { credential, certificates, secrets } = identityOf(gateway.id)
  expect(credential).toBe('secret')
  expect(certificates).toMatchObject([{ state: 'revoked' }])
  expect(secrets).toHaveLength(1)
})

test('nobody takes a gateway of another tenant, whatever they ask for', async () => {
  await site.enroll({ mac })
  const south = wholeTenant('south')
  for (const replace of [true, false])
    await expect(site.enroll({ mac, tenant: 'south', replace }, south)).rejects.toMatchObject({
      code: 'mac_taken',
      data: { code: 'of another tenant' },
    })
})

test('a gateway that nobody owns moves to who enrolls it, with an assignment of its own', async () => {
  const { gateway } = await site.enroll({ mac, code: `moves-${number}` })
  await site.db
    .updateTable('gateways')
    .set({ state: 'unclaimed', assignmentId: null })
    .where('id', '=', gateway.id)
    .execute()
  await site.db.updateTable('assignments').set({ toAt: START }).where('gatewayId', '=', gateway.id).execute()
  const moved = await site.enroll({ mac, tenant: 'south', code: 'S1' }, wholeTenant('south'))
  expect(moved.gateway).toMatchObject({ id: gateway.id, tenantId: 'south', code: 'S1', label: gateway.label })
  expect(moved.gateway.assignmentId).not.toBe(gateway.assignmentId)
  const assignments = await site.db
    .selectFrom('assignments')
    .select(['tenantId', 'toAt'])
    .where('gatewayId', '=', gateway.id)
    .orderBy('id')
    .execute()
  expect(assignments).toEqual([
    { tenantId: 'north', toAt: START },
    { tenantId: 'south', toAt: null },
  ])
})

test('what a profile says holds where the order says nothing, and its dialect is followed', async () => {
  await site.db
    .insertInto('gatewayProfiles')
    .values({
      id: `p${number}`,
      tenantId: 'north',
      name: `Meters ${number}`,
      dialect: 'slots',
      credential: 'secret',
      keyAlgorithm: 'ec',
      maxDevices: 16,
      messagesPerSecond: null,
      burst: null,
      version: 1,
      createdAt: START,
      updatedAt: START,
    })
    .execute()
  const { gateway } = await site.enroll({ mac, profile: `meters ${number}` })
  expect(gateway).toMatchObject({ dialect: 'slots', ownDialect: 0, credential: 'secret', maxDevices: 16 })
  await expect(
    site.enroll({ mac: null, tenant: 'south', profile: `p${number}` }, wholeTenant('south')),
  ).rejects.toMatchObject({ code: 'not_found' })
})

test('client ids and user names belong to one gateway of the site', async () => {
  await site.enroll({ mac, aliases: { client_id: `c${number}`, topic: 'same' } })
  await expect(
    site.enroll({ tenant: 'south', code: `x${number}`, aliases: { client_id: `c${number}` } }),
  ).rejects.toMatchObject({ code: 'alias_taken' })
  const { gateway } = await site.enroll({ code: `y${number}`, aliases: { topic: 'same' } })
  expect(identityOf(gateway.id).aliases).toMatchObject({ topic: 'same', clientId: null })
})

test('what must hold with an enrollment undoes it when it fails', async () => {
  const order = { mac, code: `undone-${number}` }
  const failing = site.enrollment.enroll(
    { ...plainOrder, ...order },
    { all: true },
    site.draft(),
    async () => {
      throw new Error('the knock was claimed meanwhile')
    },
  )
  await expect(failing).rejects.toThrow('claimed meanwhile')
  expect(await site.db.selectFrom('gateways').select('id').where('mac', '=', mac).execute()).toEqual([])
})

test('lists are signed and the log is cut only where an enrollment has ended something', async () => {
  const cut = vi.spyOn(site.pki, 'eraseTrail')
  const signed = vi.spyOn(site.pki, 'refreshCrlIfDue')
  const calls = () => [signed.mock.calls.length, cut.mock.calls.length]
  const { gateway } = await site.enroll({ mac })
  expect(calls()).toEqual([0, 0])
  // Its key still waited.
  await site.enroll({ mac, replace: true })
  expect(calls()).toEqual([1, 1])
  const issued = await site.pki.gatewayCertificate(site.db, gateway.id)
  await site.credentials.proved([{ fingerprint: issued?.fingerprint ?? '', secretId: null }])
  const delivered = cut.mock.calls.length
  await site.enroll({ mac, replace: true })
  expect(calls()).toEqual([2, delivered])
  vi.restoreAllMocks()
})
