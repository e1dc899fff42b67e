import { beforeEach, expect, test } from 'vitest'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import { AuditService } from '#features/audit/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { FleetService } from './fleet.service.ts'
import { FleetState } from './fleet-state.ts'
import type { GatewayPolicyChange } from './gateway-policy.ts'
import * as repository from './gateways.repository.ts'

let db: SiteDb
let fleet: FleetService
let published: GatewayPolicyChange[]
/** What the broker answers next, where it cannot be told. */
let failures: Error[]

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const clock = { now: () => 1 }
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const tenants = new TenantsService(db, clock)
  published = []
  failures = []
  const policy = {
    applyPolicy: async (changes: GatewayPolicyChange[]) => {
      const failure = failures.shift()
      if (failure) throw failure
      published.push(...changes)
    },
  }
  const revoker = { revokeIn: async () => undefined, afterRevocation: async () => undefined }
  fleet = new FleetService({ db, clock, audit, tenants, state: new FleetState(), policy, revoker })
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  await gateway('n1', 'north', 'GW001', 'ESM-N1')
  await gateway('n2', 'north', 'GW002', 'ESM-N2')
  // Its label is what a gateway of the other tenant is called.
  await gateway('s1', 'south', 'S1', 'GW001')
})

async function gateway(id: string, tenantId: string, code: string, label: string): Promise<void> {
  const unsaid = {
    mac: null,
    platform: null,
    hardwareRevision: null,
    firmwareVersion: null,
    lastSeenAt: null,
  }
  await db
    .insertInto('gateways')
    .values({
      ...unsaid,
      id,
      tenantId,
      assignmentId: null,
      code,
      label,
      name: code,
      maxDevices: 8,
      dialect: 'canonical',
      state: 'active',
      metadata: '{}',
      createdAt: 1,
      claimedAt: 1,
      activatedAt: 1,
      deletedAt: null,
    })
    .execute()
}

const found = (scope: TenantScope, name: string) => fleet.findNamed(scope, name).then(({ id }) => id)

test('a gateway is found by its id, code or label, and one of another tenant neither shown nor in the way', async () => {
  const north = wholeTenant('north')
  expect(await Promise.all(['n2', 'GW002', 'ESM-N2', 'GW001'].map((name) => found(north, name)))).toEqual([
    'n2',
    'n2',
    'n2',
    'n1',
  ])
  await expect(found(wholeTenant('south'), 'ESM-N1')).rejects.toMatchObject({
    code: 'not_found',
    data: { id: 'ESM-N1' },
  })
  expect(await found(wholeTenant('south'), 'GW001')).toBe('s1')
  const own: TenantScope = {
    all: false,
    tenantId: 'north',
    within: { groupIds: new Set(), ownerUserId: 'ana' },
  }
  await expect(found(own, 'ESM-N1')).rejects.toMatchObject({ data: { id: 'ESM-N1' } })
})

test('where the broker cannot be told of a probe there is none, and the next one may begin', async () => {
  await db.transaction().execute(async (trx) => {
    const belonging = { tenantId: 'north', groupId: null, ownerUserId: null }
    await repository.openAssignment(trx, { id: 'a1', gatewayId: 'n1', ...belonging, fromAt: 1 })
  })
  await db.updateTable('gateways').set({ assignmentId: 'a1' }).where('id', '=', 'n1').execute()
  failures = [new Error('starting again')]
  await expect(fleet.beginProbe('n1', 'f1')).rejects.toThrow('starting again')
  expect([fleet.isProbed('n1'), fleet.isProbe('f1')]).toEqual([false, false])
  expect(await fleet.beginProbe('n1', 'f2')).toBe(true)
  const told = published.map((change) => (change.op === 'put' ? change.identity.certificates : []))
  expect(told).toMatchObject([[], [{ fingerprint: 'f2' }]])
})

test('gateways that wait for their turn are told to the broker in one go, as they are when it comes', async () => {
  failures = [new Error('starting again')]
  const ids = ['n1', 'n2', 's1', 'n1']
  const told = await Promise.allSettled(ids.map((id) => fleet.publishPolicy(id)))
  expect(told.map(({ status }) => status)).toEqual(ids.map(() => 'rejected'))
  const first = fleet.publishPolicy('n1')
  await db.updateTable('gateways').set({ deletedAt: 1 }).where('id', '=', 'n2').execute()
  await Promise.all([first, fleet.publishPolicies(['n2', 's1'])])
  expect(
    published.map((change) => (change.op === 'put' ? change.identity.gatewayId : change.gatewayId)),
  ).toEqual(['n1', 'n2', 's1'])
})
