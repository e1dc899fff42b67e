import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TenantScope } from '#features/access/index.ts'
import { type EnrollmentSite, enrollmentSite, plainOrder } from './enrollment-site.fixture.ts'
import type { EnrollmentOrder } from './order.ts'

let site: EnrollmentSite
beforeAll(async () => {
  site = await enrollmentSite()
})
afterAll(() => site.close())

const all: TenantScope = { all: true }
const orderOf = (more: Partial<EnrollmentOrder>): EnrollmentOrder => ({
  ...plainOrder,
  replace: true,
  ...more,
})
const rows = (table: 'gateways' | 'certificates' | 'gatewaySecrets', gatewayId: string) =>
  table === 'gateways'
    ? site.db.selectFrom('gateways').selectAll().where('id', '=', gatewayId).execute()
    : site.db.selectFrom(table).selectAll().where('gatewayId', '=', gatewayId).execute()

test('nothing is stored until it is in its box; then the gateway is there, and nothing waits to be handed over', async () => {
  const order = orderOf({ mac: '02:00:00:00:0b:01', code: 'GW901', name: 'Press' })
  const prepared = await site.enrollment.prepare(order, all, true)
  expect(await rows('gateways', prepared.gatewayId)).toEqual([])
  expect(await rows('certificates', prepared.gatewayId)).toEqual([])
  const { chainPem, privateKeyPem } = prepared.credential
  const leaf = new X509Certificate(chainPem ?? '')
  expect(leaf.checkPrivateKey(createPrivateKey(privateKeyPem ?? ''))).toBe(true)
  expect(leaf.subjectAltName).toContain(prepared.gatewayId)

  const { gateway, made } = await site.enroll({ ...order, prepared })
  expect(gateway).toMatchObject({
    id: prepared.gatewayId,
    code: 'GW901',
    label: 'ESP-000B01',
    state: 'claimed',
  })
  expect(made.serial).toBe(prepared.credential.certificate?.row.serial)
  const handovers = await site.db
    .selectFrom('handovers')
    .selectAll()
    .where('gatewayId', '=', gateway.id)
    .execute()
  expect(handovers).toEqual([])
  expect(site.published.at(-1)).toMatchObject({ op: 'put', identity: { gatewayId: gateway.id } })
})

test('a gateway that is flashed again keeps its names; its old certificate counts until the new one is in the box', async () => {
  const { gateway } = await site.enroll({ mac: '02:00:00:00:0b:02', code: 'GW902', name: 'Saw' })
  const before = (await rows('certificates', gateway.id))[0]
  const order = orderOf({ mac: '02:00:00:00:0b:02' })
  const prepared = await site.enrollment.prepare(order, all, true)
  expect(prepared).toMatchObject({ gatewayId: gateway.id, code: 'GW902', name: 'Saw', again: true })
  expect((await rows('certificates', gateway.id))[0]).toEqual(before)
  await site.enroll({ ...order, prepared })
  const states = (await rows('certificates', gateway.id)).map((row) => 'state' in row && row.state)
  expect(new Set(states)).toEqual(new Set(['active', 'revoked']))
})

test('what came between is found: the MAC is another gateway by then', async () => {
  const order = orderOf({ mac: '02:00:00:00:0b:03', code: 'GW903' })
  const prepared = await site.enrollment.prepare(order, all, true)
  await site.enroll({ mac: '02:00:00:00:0b:03', code: 'OTHER' })
  await expect(site.enroll({ ...order, prepared })).rejects.toMatchObject({ code: 'code_taken' })
  expect(await rows('gateways', prepared.gatewayId)).toEqual([])
})

test('a secret, and a certificate for the key that the box made', async () => {
  const secretOrder = orderOf({ mac: '02:00:00:00:0b:04', credential: 'secret' })
  const withSecret = await site.enrollment.prepare(secretOrder, all, true)
  await site.enroll({ ...secretOrder, prepared: withSecret })
  const stored = await site.db
    .selectFrom('gatewaySecrets')
    .select(['salt', 'hash'])
    .where('gatewayId', '=', withSecret.gatewayId)
    .executeTakeFirstOrThrow()
  const hash = createHash('sha256')
    .update(Buffer.from(stored.salt, 'hex'))
    .update(withSecret.credential.secretText ?? '')
  expect(hash.digest('hex')).toBe(stored.hash)

  // Whatever its profile says: who has a key of its own comes with a certificate for it.
  const ownOrder = orderOf({ mac: '02:00:00:00:0b:05', credential: 'secret' })
  const nameless = await site.enrollment.prepare(ownOrder, all, false)
  expect(nameless.credential).toMatchObject({ chainPem: null, privateKeyPem: null })
  expect(nameless.choice.credential).toBe('certificate')
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  const own = { algorithm: 'EC P-256' as const, spki }
  const prepared = await site.enrollment.certify(nameless, own)
  expect(prepared.credential.privateKeyPem).toBeNull()
  const { gateway } = await site.enroll({ ...ownOrder, publicKey: own, prepared })
  expect(gateway).toMatchObject({ id: nameless.gatewayId, credential: 'certificate' })
})

test('another tenant’s MAC, and a full tenant, are refused before anything is made', async () => {
  await site.enroll({ mac: '02:00:00:00:0b:06', tenant: 'south' })
  await expect(
    site.enrollment.prepare(orderOf({ mac: '02:00:00:00:0b:06' }), all, true),
  ).rejects.toMatchObject({
    code: 'mac_taken',
  })
  await site.db.updateTable('tenants').set({ gatewayQuota: 1 }).where('id', '=', 'south').execute()
  const order = orderOf({ mac: '02:00:00:00:0b:07', tenant: 'south' })
  await expect(site.enrollment.prepare(order, all, true)).rejects.toMatchObject({ code: 'quota_gateways' })
})
