import { beforeEach, expect, test } from 'vitest'
import { type Actor, localSiteAdmin, type TenantScope, wholeTenant } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { TenantChanges } from './tenant-changes.service.ts'
import { TenantsService } from './tenants.service.ts'

let db: SiteDb
let changes: TenantChanges
let told: string[]

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const clock = { now: () => 1_000 }
  told = []
  changes = new TenantChanges({
    db,
    clock,
    tenants: new TenantsService(db, clock),
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    effects: {
      publishTenant: async ({ slug, state }) => void told.push(`${slug} ${state}`),
      closeSockets: async () => void told.push('sockets closed'),
      storageChanged: async () => void told.push('storage'),
    },
  })
  return () => db.destroy()
})

const all: TenantScope = { all: true }
const draft = (action = 'tenant.test') =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'test' },
    action,
    address: '127.0.0.1',
    requestId: null,
  })
const entry = async () => {
  const row = await db.selectFrom('auditEntries').selectAll().orderBy('seq', 'desc').executeTakeFirstOrThrow()
  return { action: row.action, tenantId: row.tenantId, ...JSON.parse(row.details) }
}

test('a tenant without a short name gets one, whatever is taken or reserved', async () => {
  expect(await changes.create({ name: 'Aurora Dairy' }, draft())).toMatchObject({ slug: 'aurora-dairy' })
  expect(await changes.create({ name: 'Aurora  dairy' }, draft())).toMatchObject({ slug: 'aurora-dairy-2' })
  expect(await changes.create({ name: 'All' }, draft())).toMatchObject({ slug: 'all-2' })
  expect(await changes.create({ name: '水処理場' }, draft())).toMatchObject({
    slug: 'tenant',
    name: '水処理場',
  })
})

test('a short name that is given and taken is refused, with one that is free', async () => {
  await changes.create({ name: 'Acme', slug: 'acme' }, draft())
  await expect(changes.create({ name: 'Other', slug: 'acme' }, draft())).rejects.toMatchObject({
    code: 'slug_taken',
    data: { slug: 'acme', suggestion: 'acme-2' },
  })
  await expect(changes.create({ name: 'Other', slug: 'details' }, draft())).rejects.toMatchObject({
    code: 'slug_reserved',
    data: { suggestion: 'details-2' },
  })
})

test('whether gateways without a certificate are let in is said by the tenant, and told the broker at once', async () => {
  const { id } = await changes.create({ name: 'Acme' }, draft())
  const scope = wholeTenant(id)
  const actor: Actor = { kind: 'api_key', id: 'k', name: 'k', permissions: ['tenants:write'], scope }
  told = []
  const on = { tenant: 'acme', passwordGateways: true }
  expect((await changes.update({ actor, scope }, on, draft('tenant.update'))).passwordGateways).toBe(1)
  expect(await entry()).toMatchObject({
    before: { passwordGateways: false },
    after: { passwordGateways: true },
  })
  expect(told).toEqual(['acme active'])
  await changes.update({ actor, scope }, { ...on, name: 'Acme Ltd' }, draft('tenant.update'))
  expect(told).toEqual(['acme active'])
})

test("people of a tenant change its name, and not its short name nor another's", async () => {
  const { id } = await changes.create({ name: 'Acme' }, draft())
  await changes.create({ name: 'Other' }, draft())
  const scope = wholeTenant(id)
  const actor: Actor = { kind: 'api_key', id: 'k', name: 'k', permissions: ['tenants:write'], scope }
  const caller = { actor, scope }
  await changes.update(caller, { tenant: 'acme', name: 'Acme Ltd' }, draft('tenant.update'))
  expect(await entry()).toEqual({
    action: 'tenant.update',
    tenantId: id,
    before: { name: 'Acme', slug: 'acme', passwordGateways: false },
    after: { name: 'Acme Ltd', slug: 'acme', passwordGateways: false },
  })
  await expect(changes.update(caller, { tenant: 'acme', slug: 'best' }, draft())).rejects.toMatchObject({
    code: 'forbidden_reach',
  })
  await expect(changes.update(caller, { tenant: 'other', name: 'x' }, draft())).rejects.toMatchObject({
    code: 'tenant_unknown',
  })
  const site = { actor: localSiteAdmin, scope: all }
  expect(await changes.update(site, { tenant: 'acme', slug: 'best' }, draft())).toMatchObject({
    slug: 'best',
    name: 'Acme Ltd',
  })
})

test('suspending is on disk and with the broker before the sockets close; a second time it is refused', async () => {
  const { id } = await changes.create({ name: 'Acme' }, draft())
  told = []
  const suspended = await changes.suspend(
    all,
    { tenant: 'acme', reason: 'not paid' },
    draft('tenant.suspend'),
  )
  expect(suspended).toMatchObject({ state: 'suspended', suspendedAt: 1_000, suspendReason: 'not paid' })
  expect(told).toEqual(['acme suspended', 'sockets closed'])
  expect(await entry()).toMatchObject({
    tenantId: id,
    before: { state: 'active' },
    after: { state: 'suspended', reason: 'not paid' },
  })
  await expect(changes.suspend(all, { tenant: 'acme' }, draft())).rejects.toMatchObject({
    code: 'tenant_state_conflict',
  })
  expect(await changes.resume(all, { tenant: 'acme' }, draft())).toMatchObject({
    state: 'active',
    suspendReason: null,
  })
})

test('quotas change one by one, and the store hears of days only', async () => {
  await changes.create({ name: 'Acme' }, draft())
  told = []
  await changes.limit(all, { tenant: 'acme', quotas: { gateways: 5, messagesPerHour: 10 } }, draft())
  const both = await changes.limit(
    all,
    { tenant: 'acme', quotas: { storageDays: 30 } },
    draft('tenant.limit'),
  )
  expect(both).toMatchObject({ gatewayQuota: 5, messagesPerHour: 10, storageDays: 30 })
  expect(told).toEqual(['acme active', 'acme active', 'storage'])
  expect(await entry()).toMatchObject({
    before: { storageDays: null },
    after: { gateways: 5, storageDays: 30 },
  })
  await changes.limit(all, { tenant: 'acme', quotas: { gateways: null } }, draft())
  expect((await entry()).after).toMatchObject({ gateways: null, messagesPerHour: 10 })
})
