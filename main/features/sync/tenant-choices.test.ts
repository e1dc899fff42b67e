import { expect, onTestFinished, test } from 'vitest'
import { openSiteDb } from '#platform/db/site-db.ts'
import { TenantChoices } from './tenant-choices.ts'

test('a tenant that was offered to the cloud stays the one that it is there', async () => {
  const db = await openSiteDb(':memory:')
  onTestFinished(() => db.destroy())
  await db
    .insertInto('tenants')
    .values({ id: 'plant', slug: 'plant', name: 'Plant', state: 'active', createdAt: 0 })
    .execute()
  await db
    .insertInto('cloudTenants')
    .values({ tenantId: 'plant', cloudTenantId: 'x', cloudTenantKey: null, mode: 'telemetry' })
    .execute()
  const nothing = async () => undefined
  const choices = new TenantChoices({
    db,
    fleet: { queueAll: nothing, forget: nothing },
    countReadings: async () => 0,
    sendHistory: nothing,
    cancelSweeps: nothing,
  })
  const to = (cloudTenantId: string | null) =>
    choices.checked([{ tenantId: 'plant', mode: 'telemetry', fromAt: null, cloudTenantId }])
  expect(await to('y')).toMatchObject([{ cloudTenantId: 'y' }])
  await db.updateTable('cloudTenants').set({ cloudTenantKey: 7 }).execute()
  expect(await to(null)).toMatchObject([{ cloudTenantId: 'x' }])
  expect(await to('x')).toMatchObject([{ cloudTenantId: 'x' }])
  await expect(to('y')).rejects.toMatchObject({ code: 'cloud_tenant_sent' })
})
