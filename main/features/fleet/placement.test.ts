import { beforeEach, expect, test } from 'vitest'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { FleetService } from './fleet.service.ts'
import { FleetState } from './fleet-state.ts'
import type { GatewayPolicyChange } from './gateway-policy.ts'
import * as repository from './gateways.repository.ts'
import { PlacementService } from './placement.service.ts'

let db: SiteDb
let fleet: FleetService
let placement: PlacementService
let state: FleetState
let published: GatewayPolicyChange[]

const clock = { now: () => 1 }
const north = wholeTenant('north')
const inHall: TenantScope = {
  all: false,
  tenantId: 'north',
  within: { groupIds: new Set(['hall', 'line']), ownerUserId: 'ana' },
}

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const tenants = new TenantsService(db, clock)
  state = new FleetState()
  published = []
  const policy = { applyPolicy: async (changes: GatewayPolicyChange[]) => void published.push(...changes) }
  const revoker = { revokeIn: async () => undefined, afterRevocation: async () => undefined }
  fleet = new FleetService({ db, clock, audit, tenants, state, policy, revoker })
  placement = new PlacementService({ db, audit, fleet, tenants })
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  const groups = { hall: null, line: 'hall', yard: null }
  for (const [id, parentId] of Object.entries(groups))
    await db
      .insertInto('groups')
      .values({ id, tenantId: 'north', parentId, name: id, createdAt: 1 })
      .execute()
  await tenants.loadGroups()
  for (const [id, tenantId] of [
    ['ana', 'north'],
    ['bo', 'south'],
  ] as const) {
    const user = { id, email: `${id}@plant.example`, name: id, passwordHash: '', createdAt: 1 }
    await db
      .insertInto('users')
      .values({ ...user, siteAdmin: 0, state: 'active' })
      .execute()
    await db
      .insertInto('memberships')
      .values({ userId: id, tenantId, roleId: 'operator', reach: 'own', createdAt: 1 })
      .execute()
  }
  await db.transaction().execute(async (trx) => {
    await repository.insertGateway(trx, gateway('g1'))
    await repository.openAssignment(trx, {
      id: 'a1',
      gatewayId: 'g1',
      tenantId: 'north',
      groupId: null,
      ownerUserId: null,
      fromAt: 1,
    })
  })
  await fleet.refresh('g1')
  return () => db.destroy()
})

const gateway = (id: string) => ({
  id,
  tenantId: 'north',
  assignmentId: 'a1',
  mac: null,
  code: id,
  label: id,
  name: id,
  platform: null,
  hardwareRevision: null,
  firmwareVersion: null,
  maxDevices: 8,
  dialect: 'canonical',
  state: 'active' as const,
  metadata: '{}',
  createdAt: 1,
  claimedAt: 1,
  activatedAt: 1,
  lastSeenAt: null,
  deletedAt: null,
})
const draft = () =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'x' },
    action: 'gateway.place',
    address: '',
    requestId: null,
  })

test('a gateway that is put into a group is there for the store, the lists and the broker', async () => {
  const placed = await placement.place(north, { gateway: 'g1', group: 'hall/line' }, draft())
  expect(fleet.view(placed, north).group).toEqual({ id: 'line', name: 'line', path: ['hall', 'line'] })
  expect(state.row('g1')).toMatchObject({ groupId: 'line' })
  expect(published).toMatchObject([{ op: 'put', identity: { groupPath: ['line', 'hall'] } }])
  expect(await db.selectFrom('assignments').select('groupId').execute()).toEqual([{ groupId: 'line' }])
  const { details } = await db.selectFrom('auditEntries').select('details').executeTakeFirstOrThrow()
  expect(JSON.parse(details)).toMatchObject({ before: { group: null }, after: { group: 'hall/line' } })
})

test('gateways are listed by a group with all below it', async () => {
  await placement.place(north, { gateway: 'g1', group: 'line' }, draft())
  const listed = async (group: string) => (await fleet.list(north, { group, limit: 10 })).gateways.length
  expect([await listed('hall'), await listed('hall/line'), await listed('yard')]).toEqual([1, 1, 0])
})

test('an owner is a person of the tenant, by id or e-mail address; nobody else is told apart', async () => {
  const owned = await placement.place(north, { gateway: 'g1', owner: ' Ana@plant.example' }, draft())
  expect(fleet.view(owned, north).owner).toEqual({ id: 'ana', name: 'ana' })
  for (const owner of ['bo', 'bo@plant.example', 'nobody@plant.example'])
    await expect(placement.place(north, { gateway: 'g1', owner }, draft())).rejects.toMatchObject({
      code: 'owner_unknown',
    })
  // Invited, and has not come: that there is such an account is not told.
  const invited = { userId: 'bo', tenantId: 'north', roleId: 'viewer', reach: 'own' as const, createdAt: 1 }
  await db
    .insertInto('memberships')
    .values({ ...invited, invitedAt: 1 })
    .execute()
  await expect(placement.place(north, { gateway: 'g1', owner: 'bo' }, draft())).rejects.toMatchObject({
    code: 'owner_unknown',
  })
  expect((await placement.place(north, { gateway: 'g1', owner: null }, draft())).ownerUserId).toBeNull()
})

test('who has rights over a group moves gateways inside it, and neither out of it nor to an owner', async () => {
  await expect(placement.place(inHall, { gateway: 'g1', group: 'hall' }, draft())).rejects.toMatchObject({
    code: 'not_found',
  })
  await placement.place(north, { gateway: 'g1', group: 'hall' }, draft())
  expect(await placement.place(inHall, { gateway: 'g1', group: 'line' }, draft())).toMatchObject({
    groupId: 'line',
  })
  const refused = async (place: object) =>
    placement.place(inHall, { gateway: 'g1', ...place }, draft()).catch((error) => error.code)
  expect(await refused({ group: null })).toBe('forbidden_reach')
  expect(await refused({ group: 'yard' })).toBe('not_found')
  expect(await refused({ owner: 'ana' })).toBe('forbidden_reach')
})

test('the owner of a gateway sees it, and not the name of a group that is not theirs', async () => {
  const placed = await placement.place(north, { gateway: 'g1', group: 'yard', owner: 'ana' }, draft())
  expect(await fleet.find(inHall, { gateway: 'g1' })).toMatchObject({ id: 'g1' })
  expect(fleet.view(placed, inHall)).toMatchObject({ group: null, owner: { id: 'ana' } })
})

test('what changes nothing is in no audit', async () => {
  await placement.place(north, { gateway: 'g1', group: null }, draft())
  expect(await db.selectFrom('auditEntries').selectAll().execute()).toEqual([])
})

test('of two who place it at once neither undoes what the other did', async () => {
  await Promise.all([
    placement.place(north, { gateway: 'g1', group: 'hall' }, draft()),
    placement.place(north, { gateway: 'g1', owner: 'ana' }, draft()),
  ])
  const place = { groupId: 'hall', ownerUserId: 'ana' }
  expect(await fleet.find(north, { gateway: 'g1' })).toMatchObject(place)
  expect(await db.selectFrom('assignments').select(['groupId', 'ownerUserId']).execute()).toEqual([place])
})

test('who moves it out of the reach of another has the last word', async () => {
  await placement.place(north, { gateway: 'g1', group: 'hall' }, draft())
  await Promise.allSettled([
    placement.place(north, { gateway: 'g1', group: 'yard' }, draft()),
    placement.place(inHall, { gateway: 'g1', group: 'line' }, draft()),
  ])
  expect(await fleet.find(north, { gateway: 'g1' })).toMatchObject({ groupId: 'yard' })
})

test('a group that was deleted a moment ago takes nothing', async () => {
  await db.deleteFrom('groups').where('id', '=', 'yard').execute()
  await expect(placement.place(north, { gateway: 'g1', group: 'yard' }, draft())).rejects.toMatchObject({
    code: 'not_found',
    data: { what: 'group' },
  })
})
