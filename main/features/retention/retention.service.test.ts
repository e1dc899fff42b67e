import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import type { RetentionPolicy, StoredFile } from '#platform/historian/historian.ts'
import { RetentionService } from './retention.service.ts'
import type { SeriesChoice } from './retention-policy.ts'

const clock = { now: () => 1_800_000_000_000 }
const tenantId = '01890000-0000-7000-8000-000000000001'
let db: SiteDb
let service: RetentionService
let told: RetentionPolicy[]
let files: () => StoredFile[]
let channels: SeriesChoice[]
const draft = (action: string) =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'Ana' },
    action,
    address: 'local',
    requestId: null,
  })

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  await db
    .insertInto('tenants')
    .values({ id: tenantId, slug: 'dairy', name: 'Dairy', state: 'active', createdAt: 1 })
    .execute()
  told = []
  files = () => []
  channels = []
  service = new RetentionService({
    db,
    clock,
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    historian: { setRetention: (policy) => told.push(policy) },
    channels: () => channels,
    files: () => [],
    measureFiles: async () => files(),
  })
  await service.start()
})
afterEach(async () => {
  service.stop()
  await db.destroy()
})

const tenYears = { id: 'ten-years', name: 'Ten years', days: 3_650, evictable: false }

test('a new site keeps everything a year, and the historian knows it at once', () => {
  expect(told).toEqual([
    {
      classes: [{ id: 'standard', days: 365, evictable: false }],
      defaultClass: 'standard',
      bySeries: new Map(),
      knownSeries: 0,
      budgetBytes: null,
    },
  ])
})

test('each change is told, kept, and in the audit', async () => {
  channels = [{ seriesId: 7, tenantId, retentionClass: null }]
  await service.create(tenYears, draft('retention.class.create'))
  await service.setTenant(tenantId, 'ten-years', draft('retention.tenant'))
  await service.update({ budgetBytes: 5_000_000 }, draft('retention.update'))
  await service.change('ten-years', { days: null, evictable: true }, draft('retention.class.update'))
  expect(told.at(-1)).toEqual({
    classes: [
      { id: 'standard', days: 365, evictable: false },
      { id: 'ten-years', days: null, evictable: true },
    ],
    defaultClass: 'standard',
    bySeries: new Map([[7, 'ten-years']]),
    knownSeries: 7,
    budgetBytes: 5_000_000,
  })
  const again = new RetentionService({
    db,
    clock,
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    historian: { setRetention: (policy) => told.push(policy) },
    channels: () => channels,
    files: () => [],
    measureFiles: async () => files(),
  })
  await again.start()
  expect(again.choices).toEqual(service.choices)
  const entries = await db.selectFrom('auditEntries').select('action').orderBy('seq').execute()
  expect(entries.map(({ action }) => action)).toEqual([
    'retention.class.create',
    'retention.tenant',
    'retention.update',
    'retention.class.update',
  ])
})

test('a class in use is not deleted, and what uses it is said', async () => {
  await service.create(tenYears, draft('create'))
  await service.setTenant(tenantId, 'ten-years', draft('tenant'))
  const remove = () => service.delete('ten-years', draft('delete'))
  await expect(remove()).rejects.toMatchObject({
    code: 'retention_class_in_use',
    data: { id: 'ten-years', tenants: 1, channels: 0, files: 0 },
  })
  await service.setTenant(tenantId, null, draft('tenant'))
  // Not those that were last looked at, of which there are none: the files of now.
  files = () => [
    {
      month: '2026-11',
      retentionClass: 'ten-years',
      bytes: 5,
      readings: 1,
      blocks: 1,
      series: 1,
      expiresAt: null,
      damagedBlocks: 0,
    },
  ]
  await expect(remove()).rejects.toMatchObject({ data: { files: 1 } })
  files = () => {
    throw new Error('the folder cannot be read')
  }
  await expect(remove()).rejects.toThrow('cannot be read')
  files = () => []
  await service.update({ defaultClass: 'ten-years' }, draft('update'))
  await expect(remove()).rejects.toMatchObject({ code: 'retention_class_default' })
  await service.update({ defaultClass: 'standard' }, draft('update'))
  await remove()
  expect(service.choices.classes.map(({ id }) => id)).toEqual(['standard'])
})

test('what is not there cannot be chosen, and an id is given once', async () => {
  await service.create(tenYears, draft('create'))
  await expect(service.create(tenYears, draft('create'))).rejects.toMatchObject({
    code: 'retention_class_taken',
  })
  await expect(service.update({ defaultClass: 'nix' }, draft('update'))).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(service.setTenant(tenantId, 'nix', draft('tenant'))).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(service.setTenant('nobody', null, draft('tenant'))).rejects.toMatchObject({
    code: 'tenant_unknown',
  })
  expect(() => service.mustExist('nix')).toThrow(/retention class nix/)
})

test('a new channel is told of at once, and those that come with it together', async () => {
  channels = [{ seriesId: 1, tenantId, retentionClass: 'standard' }]
  service.channelsChanged()
  channels = [...channels, { seriesId: 2, tenantId, retentionClass: null }]
  service.channelsChanged()
  service.channelsChanged()
  expect(told).toHaveLength(2)
  await expect.poll(() => told.length).toBe(3)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(told).toHaveLength(3)
})

test('classes that quotas need are for nobody to choose', async () => {
  await db.updateTable('tenants').set({ storageDays: 30 }).where('id', '=', tenantId).execute()
  channels = [{ seriesId: 1, tenantId, retentionClass: null }]
  await service.tenantsChanged()
  expect(told.at(-1)).toMatchObject({
    classes: [{ id: 'standard' }, { id: 'quota-30', days: 30 }],
    bySeries: new Map([[1, 'quota-30']]),
  })
  expect((await service.show()).classes.map(({ id }) => id)).toEqual(['standard'])
  const quota = { id: 'quota-30', name: 'Mine', days: 3_650, evictable: false }
  await expect(service.create(quota, draft('retention.class.create'))).rejects.toMatchObject({
    code: 'retention_class_taken',
  })
  expect(() => service.mustExist('quota-30')).toThrow(expect.objectContaining({ code: 'not_found' }))
  await expect(service.change('quota-30', { days: 1 }, draft('x'))).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(service.delete('quota-30', draft('x'))).rejects.toMatchObject({ code: 'not_found' })
})
