import { afterEach, beforeEach, expect, test } from 'vitest'
import { HOUR, hourOf } from '#contract/model/quota.ts'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { createLog } from '#platform/log/log.ts'
import { LimitsService } from './limits.service.ts'
import { allTenantPolicies } from './tenant-policies.ts'

const START = hourOf(1_771_322_400_000)
const log = createLog({ level: 'silent' })

let now: number
let db: SiteDb
let limits: LimitsService
let changed: string[]
const clock = { now: () => now }

beforeEach(async () => {
  now = START + 20 * 60_000
  db = await openSiteDb(':memory:')
  for (const tenant of ['north', 'south']) {
    await db
      .insertInto('tenants')
      .values({ id: tenant, slug: tenant, name: tenant, state: 'active', createdAt: 1 })
      .execute()
    await gateway(`${tenant}-1`, tenant)
  }
  changed = []
  limits = new LimitsService({ db, clock, log, changed: (gatewayId) => changed.push(gatewayId) })
})
afterEach(async () => {
  await limits.stop()
  await db.destroy()
})

async function gateway(id: string, tenantId: string): Promise<void> {
  await db
    .insertInto('gateways')
    .values({
      id,
      tenantId,
      assignmentId: `of ${id}`,
      mac: null,
      code: id,
      label: id,
      name: `Name of ${id}`,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      dialect: 'canonical',
      state: 'active',
      metadata: '{}',
      createdAt: now,
      claimedAt: now,
      activatedAt: now,
      lastSeenAt: null,
      deletedAt: null,
    })
    .execute()
  await db
    .insertInto('assignments')
    .values({ id: `of ${id}`, gatewayId: id, tenantId, fromAt: now, toAt: null })
    .execute()
}

const limited = (tenantId: string, gatewayId: string | null, dropped: number, delayed = 0, closed = 0) =>
  limits.limited({ at: now, counts: [{ gatewayId, tenantId, dropped, delayed, closed }] })
const messages = (tenantId: string, hour: number, count: number) =>
  limits.tenantMessages({ hour, counts: [{ tenantId, messages: count }] })
const all = { gatewayId: null as string | null, tenantId: null, from: 0, limit: 100 }
const tenant = (id: string) => ({ id, messagesPerHour: null, gatewayQuota: null, storageDays: null })

test('usage is that of the hour: messages by their newest number, what was limited added up', async () => {
  messages('north', START, 10)
  limited('north', 'north-1', 3, 2)
  messages('north', START, 25)
  limited('north', null, 1, 0, 1)
  messages('north', START, 20)
  messages('south', START, 7)
  await limits.stop()
  now += HOUR
  messages('north', START + HOUR, 4)
  await limits.stop()

  const usage = await limits.usage({ ...tenant('north'), messagesPerHour: 50, storageDays: 30 })
  expect(usage.hour).toEqual({
    at: new Date(START + HOUR),
    endsAt: new Date(START + 2 * HOUR),
    messagesPerHour: 50,
    messages: 4,
    dropped: 0,
    delayed: 0,
    closed: 0,
  })
  expect(usage.hours).toHaveLength(24)
  expect(usage.hours.at(-2)).toEqual({ at: new Date(START), messages: 25, dropped: 4, delayed: 2, closed: 1 })
  expect(usage.hours[0]).toMatchObject({ at: new Date(START - 22 * HOUR), messages: 0 })
  expect(usage).toMatchObject({ gateways: { count: 1, quota: 1_000 }, storageDays: 30 })
  expect((await limits.usage(tenant('south'))).hour).toMatchObject({
    messages: 0,
    messagesPerHour: 1_000_000,
  })
})

test('what was limited is shown to whoever sees the gateway', async () => {
  limited('north', 'north-1', 5)
  limited('south', 'south-1', 6)
  await limits.stop()
  expect(changed).toEqual(['north-1', 'south-1'])
  const codes = async (scope: TenantScope, filter = all) =>
    (await limits.limitedGateways(scope, filter)).map(
      ({ gatewayCode, dropped }) => `${gatewayCode} ${dropped}`,
    )
  expect(await codes({ all: true })).toEqual(['north-1 5', 'south-1 6'])
  expect(await codes(wholeTenant('south'))).toEqual(['south-1 6'])
  const nobodys = {
    all: false as const,
    tenantId: 'south',
    within: { groupIds: new Set(['g']), ownerUserId: 'u' },
  }
  expect(await codes(nobodys)).toEqual([])
  expect(await codes({ all: true }, { ...all, gatewayId: 'north-1' })).toEqual(['north-1 5'])
  expect(await codes(wholeTenant('south'), { ...all, gatewayId: 'north-1' })).toEqual([])
  expect(await codes({ all: true }, { ...all, from: now })).toHaveLength(2)
  expect(await codes({ all: true }, { ...all, from: now + HOUR })).toEqual([])

  // It moves: what it did for its former tenant stays with that one.
  now += 10 * 60_000
  await db.updateTable('assignments').set({ toAt: now }).where('gatewayId', '=', 'north-1').execute()
  await db
    .insertInto('assignments')
    .values({ id: 'next', gatewayId: 'north-1', tenantId: 'south', fromAt: now, toAt: null })
    .execute()
  await db
    .updateTable('gateways')
    .set({ tenantId: 'south', assignmentId: 'next' })
    .where('id', '=', 'north-1')
    .execute()
  expect(await codes(wholeTenant('south'))).toEqual(['south-1 6'])
})

test('a tenant or gateway that is gone by now keeps nothing else from being written', async () => {
  limited('gone', 'gone-1', 5)
  messages('gone', START, 5)
  limited('north', 'north-1', 1)
  await limits.stop()
  expect(await db.selectFrom('tenantUsage').select('tenantId').execute()).toEqual([{ tenantId: 'north' }])
  expect(await db.selectFrom('gatewayLimits').select('gatewayId').execute()).toEqual([
    { gatewayId: 'north-1' },
  ])
})

test('ninety days are kept', async () => {
  messages('north', START - 90 * 24 * HOUR, 1)
  messages('north', START - 91 * 24 * HOUR, 1)
  await limits.stop()
  const kept = await db.selectFrom('tenantUsage').select('hour').execute()
  expect(kept).toEqual([{ hour: START - 90 * 24 * HOUR }])
})

test('the broker starts with what every tenant has used of this hour', async () => {
  messages('north', START, 40)
  messages('south', START - HOUR, 50)
  await limits.stop()
  await db
    .updateTable('tenants')
    .set({ messagesPerHour: 60, gatewayBurst: 9, passwordGateways: 1 })
    .where('id', '=', 'north')
    .execute()
  await db.updateTable('tenants').set({ state: 'suspended' }).where('id', '=', 'south').execute()
  const none = { messagesPerSecond: null, burst: null, gatewayMessagesPerSecond: null }
  expect(await allTenantPolicies(db, now)).toEqual([
    {
      ...none,
      tenantId: 'north',
      state: 'active',
      passwordGateways: true,
      messagesPerHour: 60,
      gatewayBurst: 9,
      messagesThisHour: 40,
    },
    {
      ...none,
      tenantId: 'south',
      state: 'suspended',
      passwordGateways: false,
      messagesPerHour: 1_000_000,
      gatewayBurst: null,
      messagesThisHour: 0,
    },
  ])
})
