import { beforeEach, expect, test } from 'vitest'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { FleetService } from './fleet.service.ts'
import { FleetState } from './fleet-state.ts'
import type { GatewayPolicyChange } from './gateway-policy.ts'
import * as repository from './gateways.repository.ts'
import { ReassignmentService } from './reassignment.service.ts'

let db: SiteDb
let state: FleetState
let reassignment: ReassignmentService
let published: GatewayPolicyChange[]
let cancelled: string[]
const clock = { now: () => 7 }

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const tenants = new TenantsService(db, clock)
  state = new FleetState()
  published = []
  cancelled = []
  const policy = { applyPolicy: async (changes: GatewayPolicyChange[]) => void published.push(...changes) }
  const revoker = { revokeIn: async () => undefined, afterRevocation: async () => undefined }
  const fleet = new FleetService({ db, clock, audit, tenants, state, policy, revoker })
  const cancelCommands = async (_: unknown, gatewayId: string) => cancelled.push(gatewayId)
  reassignment = new ReassignmentService({ db, clock, audit, fleet, tenants, cancelCommands })
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  await put('g1', 'north', 'PUMP')
  await fleet.refresh('g1')
  return () => db.destroy()
})

async function put(id: string, tenantId: string, code: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await repository.insertGateway(trx, {
      id,
      tenantId,
      assignmentId: `a-${id}`,
      mac: null,
      code,
      label: `L-${id}`,
      name: code,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      dialect: 'canonical',
      state: 'active',
      metadata: '{"of":"north"}',
      createdAt: 1,
      claimedAt: 1,
      activatedAt: 1,
      lastSeenAt: 1,
      deletedAt: null,
      groupId: null,
      ownerUserId: null,
    })
    const assignment = { id: `a-${id}`, gatewayId: id, tenantId, groupId: null, ownerUserId: null, fromAt: 1 }
    await repository.openAssignment(trx, assignment)
  })
}

const reassign = () =>
  reassignment.reassign(
    'g1',
    { tenantId: 'south', groupId: null, ownerUserId: null },
    new AuditDraft({
      actor: { kind: 'system', id: null, name: 'cloud' },
      action: 'gateway.reassign',
      address: '',
      requestId: null,
    }),
  )

test('its assignment ends, one of the other tenant begins, and what was measured stays where it was', async () => {
  await reassign()
  const after = await repository.gatewayById(db, { all: true }, 'g1')
  expect(after).toMatchObject({
    tenantId: 'south',
    code: 'PUMP',
    state: 'active',
    profileId: null,
    metadata: '{}',
  })
  const assignments = await db.selectFrom('assignments').selectAll().orderBy('fromAt').execute()
  expect(assignments).toMatchObject([
    { id: 'a-g1', tenantId: 'north', toAt: 7, code: 'PUMP' },
    { id: after?.assignmentId, tenantId: 'south', fromAt: 7, toAt: null },
  ])
  expect(state.gatewayOfAssignment('a-g1')).toMatchObject({ tenantId: 'north', code: 'PUMP' })
  expect(state.gatewayOfAssignment(after?.assignmentId ?? '')).toMatchObject({ tenantId: 'south' })
  expect(published).toHaveLength(1)
  expect(cancelled).toEqual(['g1'])
})

test('where its code is taken there it goes by its label; where that is taken too it stays', async () => {
  await put('g2', 'south', 'PUMP')
  await put('g3', 'south', 'L-g1')
  await expect(reassign()).rejects.toMatchObject({ code: 'code_taken' })
  expect(await repository.gatewayById(db, { all: true }, 'g1')).toMatchObject({
    tenantId: 'north',
    code: 'PUMP',
  })
  expect(cancelled).toEqual([])
  await db.updateTable('gateways').set({ code: 'OTHER' }).where('id', '=', 'g3').execute()
  await reassign()
  expect(await repository.gatewayById(db, { all: true }, 'g1')).toMatchObject({
    tenantId: 'south',
    code: 'L-g1',
  })
})

test('a tenant that is full takes none', async () => {
  await put('g2', 'south', 'VALVE')
  await db.updateTable('tenants').set({ gatewayQuota: 1 }).where('id', '=', 'south').execute()
  await expect(reassign()).rejects.toMatchObject({ code: 'quota_gateways' })
})
