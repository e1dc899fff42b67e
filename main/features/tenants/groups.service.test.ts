import { beforeEach, expect, test } from 'vitest'
import { GROUP_DEPTH } from '#contract/api/groups.ts'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { GroupsService } from './groups.service.ts'
import { TenantsService } from './tenants.service.ts'

const clock = { now: () => 1 }
let db: SiteDb
let tenants: TenantsService
let groups: GroupsService
let regrouped: string[][]

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  tenants = new TenantsService(db, clock)
  regrouped = []
  groups = new GroupsService({
    db,
    clock,
    tenants,
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    regrouped: async (ids) => void regrouped.push(ids),
  })
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  return () => db.destroy()
})

const all: TenantScope = { all: true }
const north = wholeTenant('north')
const draft = (action = 'group.test') =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'test' },
    action,
    address: '127.0.0.1',
    requestId: null,
  })

async function make(path: string, scope: TenantScope = north): Promise<string> {
  const names = path.split('/')
  const parent = names.length === 1 ? null : names.slice(0, -1).join('/')
  return (await groups.create(scope, { parent, name: names.at(-1) ?? '' }, draft())).id
}

/** Somebody whose rights end at these groups. */
const limitedTo = (...ids: string[]): TenantScope => ({
  all: false,
  tenantId: 'north',
  within: { groupIds: tenants.groups.below(ids), ownerUserId: 'ana' },
})
const paths = async (scope: TenantScope) =>
  (await groups.list(scope, undefined)).map(({ path }) => path.join('/'))

async function gateway(id: string, groupId: string | null) {
  await db
    .insertInto('gateways')
    .values({
      id,
      tenantId: 'north',
      groupId,
      assignmentId: null,
      mac: null,
      code: id,
      label: id,
      name: id,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      dialect: 'canonical',
      state: 'active',
      metadata: '{}',
      createdAt: 1,
      claimedAt: null,
      activatedAt: null,
      lastSeenAt: null,
      deletedAt: null,
    })
    .execute()
}

test('a tree is listed as one reads it, with its gateways', async () => {
  for (const path of ['Plant 2', 'Plant 10', 'Plant 2/Line B', 'Plant 2/Line A']) await make(path)
  const { id } = await groups.find(north, { group: 'plant 2/LINE a' })
  await gateway('g1', id)
  await gateway('g2', (await groups.find(north, { group: 'Plant 2' })).id)
  const listed = await groups.list(north, undefined)
  expect(listed.map(({ path, gateways }) => [path.join('/'), gateways.own, gateways.all])).toEqual([
    ['Plant 2', 1, 2],
    ['Plant 2/Line A', 1, 1],
    ['Plant 2/Line B', 0, 0],
    ['Plant 10', 0, 0],
  ])
})

test('a group cannot be put below itself, nor below what is below it', async () => {
  await make('Hall')
  await make('Hall/Line')
  for (const parent of ['Hall', 'Hall/Line'])
    await expect(groups.move(north, { group: 'Hall', parent }, draft())).rejects.toMatchObject({
      code: 'group_circular',
    })
  expect(await paths(north)).toEqual(['Hall', 'Hall/Line'])
})

test('two moves at once that would make a circle together make none', async () => {
  await make('A')
  await make('B')
  const moved = await Promise.allSettled([
    groups.move(north, { group: 'A', parent: 'B' }, draft()),
    groups.move(north, { group: 'B', parent: 'A' }, draft()),
  ])
  expect(moved.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(await paths(north)).toEqual(['B', 'B/A'])
})

test('groups of two tenants never mix', async () => {
  await make('Hall')
  const south = await make('Yard', wholeTenant('south'))
  await expect(groups.move(all, { group: 'Hall', parent: south }, draft())).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(groups.find(north, { group: south })).rejects.toMatchObject({ code: 'not_found' })
  await make('Hall', wholeTenant('south'))
  await expect(groups.find(all, { group: 'Hall' })).rejects.toMatchObject({ code: 'not_found' })
  expect(await groups.find(all, { group: 'Hall', tenant: 'south' })).toMatchObject({ tenantId: 'south' })
})

test('a name stands once below the same group, whatever its letters', async () => {
  await make('Usina São João')
  await make('Hall')
  await expect(make('USINA SÃO JOÃO')).rejects.toMatchObject({ code: 'group_name_taken' })
  await make('Hall/Usina São João')
  await expect(
    groups.move(north, { group: 'Hall/Usina São João', parent: null }, draft()),
  ).rejects.toMatchObject({ code: 'group_name_taken' })
  await expect(groups.remove(north, { group: 'Hall', content: 'to_parent' }, draft())).rejects.toMatchObject({
    code: 'group_name_taken',
  })
})

test('a tree ends at its deepest level, also when a subtree is moved', async () => {
  const deep = Array.from({ length: GROUP_DEPTH }, (_, level) => `L${level}`)
  for (let level = 1; level <= GROUP_DEPTH; level++) await make(deep.slice(0, level).join('/'))
  await expect(make([...deep, 'more'].join('/'))).rejects.toMatchObject({ code: 'group_too_deep' })
  await make('Other')
  await expect(groups.move(north, { group: 'L0', parent: 'Other' }, draft())).rejects.toMatchObject({
    code: 'group_too_deep',
  })
})

test('who has rights over a group acts inside it: neither at the top, nor on what holds it, nor beside', async () => {
  const line = await make('Hall').then(() => make('Hall/Line'))
  await make('Hall/Line/Cell')
  await make('Yard')
  const scope = limitedTo(line)
  expect(await paths(scope)).toEqual(['Line', 'Line/Cell'])
  expect(await groups.create(scope, { parent: 'Line/Cell', name: 'Robot' }, draft())).toMatchObject({
    path: ['Line', 'Cell', 'Robot'],
  })
  const refusals = {
    forbidden_reach: [
      () => groups.create(scope, { parent: null, name: 'x' }, draft()),
      () => groups.move(scope, { group: 'Line/Cell', parent: null }, draft()),
      () => groups.move(scope, { group: 'Line', parent: 'Line/Cell' }, draft()),
      () => groups.remove(scope, { group: 'Line', content: 'to_parent' }, draft()),
    ],
    not_found: [
      () => groups.create(scope, { parent: 'Yard', name: 'x' }, draft()),
      () => groups.move(scope, { group: 'Line/Cell', parent: 'Yard' }, draft()),
      () => groups.rename(scope, { group: 'Yard', name: 'x' }, draft()),
      () => groups.remove(scope, { group: 'Hall', content: 'refuse' }, draft()),
    ],
  }
  for (const [code, calls] of Object.entries(refusals))
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code })
})

test('a group that holds something goes only where its content is told to go up', async () => {
  const hall = await make('Hall')
  const line = await make('Hall/Line')
  await make('Hall/Line/Cell')
  await gateway('g1', line)
  await expect(
    groups.remove(north, { group: 'Hall/Line', content: 'refuse' }, draft()),
  ).rejects.toMatchObject({
    code: 'group_not_empty',
    data: { gateways: 1, groups: 1 },
  })
  await groups.remove(north, { group: 'Hall/Line', content: 'to_parent' }, draft())
  expect(await paths(north)).toEqual(['Hall', 'Hall/Cell'])
  expect(await db.selectFrom('gateways').select('groupId').executeTakeFirst()).toEqual({ groupId: hall })
  expect(regrouped).toEqual([['g1']])
})

test('a key or client that a group bounds keeps it: it would reach further without', async () => {
  const line = await make('Line')
  const key = { name: 'x', prefix: 'p', hash: '', scopes: '[]', createdAt: 1, tenantId: 'north' }
  await db
    .insertInto('apiKeys')
    .values({ id: 'k', groupId: line, ...key })
    .execute()
  await expect(groups.remove(north, { group: 'Line', content: 'to_parent' }, draft())).rejects.toMatchObject({
    code: 'group_in_use',
    data: { apiKeys: 1 },
  })
  await db.updateTable('apiKeys').set({ revokedAt: 2 }).execute()
  await groups.remove(north, { group: 'Line', content: 'to_parent' }, draft())
  expect(await db.selectFrom('apiKeys').selectAll().execute()).toEqual([])
})

test('every change is in the audit with where the group was and is; one that changes nothing is not', async () => {
  await make('Hall')
  await make('Line')
  await groups.move(north, { group: 'Line', parent: 'Hall' }, draft('group.move'))
  await groups.move(north, { group: 'Hall/Line', parent: 'Hall' }, draft('group.same'))
  const entries = await db.selectFrom('auditEntries').select(['action', 'details', 'tenantId']).execute()
  expect(entries.map(({ action }) => action)).toEqual(['group.test', 'group.test', 'group.move'])
  expect(JSON.parse(entries[2]?.details ?? '')).toMatchObject({
    before: { path: 'Line' },
    after: { path: 'Hall/Line' },
  })
})
