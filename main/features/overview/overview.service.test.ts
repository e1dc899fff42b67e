import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import { FleetState } from '#features/fleet/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { OverviewService } from './overview.service.ts'
import { SiteVitals, type VitalsDependencies } from './site-vitals.ts'

const CAUSE = 'ENOSPC: /srv/millwright/telemetry/hot'
const clock = { now: () => 1_000 }
let db: SiteDb
let vitals: SiteVitals
let overview: OverviewService

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  const state = new FleetState()
  vitals = new SiteVitals({
    clock,
    state,
    telemetry: { meter: () => ({ total: 0, perSecond: () => 0, trend: () => [] }) },
    storage: { forecast: () => null, troubles: () => [] },
    cloud: () => null,
  } as unknown as VitalsDependencies)
  vitals.stalled(CAUSE)
  const trouble = { kind: 'fold_failed', since: 5, count: 0, detail: 'south-2026-01.mwt' } as const
  overview = new OverviewService({
    db,
    clock,
    state,
    vitals,
    tenants: new TenantsService(db, clock),
    troubles: () => [trouble],
    cloudTroubles: async () => [
      { tenant: null, since: 7, problem: { code: 'cloud_copied', data: { at: '?' } } },
      { tenant: 'north', since: 8, problem: { code: 'cloud_tenant_deleted', data: { tenant: 'north' } } },
    ],
    storageEvents: async () => [],
  })
})
afterEach(() => db.destroy())

test('what is wrong with the store is told to those who run the site', async () => {
  const { attention, attentionTotal } = await overview.show({ all: true }, false)
  expect(attention).toMatchObject([
    { kind: 'store_stalled', detail: CAUSE },
    { kind: 'fold_failed', detail: 'south-2026-01.mwt' },
  ])
  expect(attentionTotal).toBe(2)
  expect(vitals.pulse({ all: true })).toMatchObject({ store: 'stalled', storeCause: CAUSE })
})

test('what is wrong with the link to the cloud is told to those who may open its screen', async () => {
  await overview.show({ all: true }, false)
  const { attention } = await overview.show({ all: true }, true)
  expect(attention.slice(2)).toMatchObject([
    { kind: 'cloud_stopped', code: null, since: 7, problem: { code: 'cloud_copied' } },
    { kind: 'cloud_tenant_stopped', code: 'north', since: 8, problem: { code: 'cloud_tenant_deleted' } },
  ])
})

test.each<[string, TenantScope]>([
  ['a tenant', wholeTenant('north')],
  ['a group', { all: false, tenantId: 'north', within: { groupIds: new Set(['hall']), ownerUserId: 'ana' } }],
])('%s is told that readings are refused, and neither why nor what else is wrong', async (_, scope) => {
  const { attention, attentionTotal } = await overview.show(scope, false)
  expect(attention).toMatchObject([{ kind: 'store_stalled', since: 1_000, detail: null }])
  expect(attentionTotal).toBe(1)
  expect(vitals.pulse(scope)).toMatchObject({ store: 'stalled', storeCause: null })
})
