import { beforeEach, expect, test } from 'vitest'
import type { ProfileFields } from '#contract/api/profiles.ts'
import { ExpectedError } from '#contract/errors.ts'
import { wholeTenant } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import {
  FleetService,
  FleetState,
  type GatewayPolicyChange,
  gatewaysRepository,
} from '#features/fleet/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { ConfigureService } from './configure.service.ts'
import { ProfilesService } from './profiles.service.ts'

const all = { all: true } as const
const north = wholeTenant('north')
const fields: ProfileFields = {
  name: 'Pumps',
  dialect: 'tds',
  credential: 'secret',
  keyAlgorithm: 'ec',
  maxDevices: 4,
  messagesPerSecond: 2,
  burst: null,
}

let db: SiteDb
let told: GatewayPolicyChange[]
let profiles: ProfilesService
let configuration: ConfigureService
let collides: string | null

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const clock = { now: () => 1_000 }
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const tenants = new TenantsService(db, clock)
  told = []
  collides = null
  const fleet = new FleetService({
    db,
    clock,
    audit,
    tenants,
    state: new FleetState(),
    policy: { applyPolicy: async (changes) => void told.push(...changes) },
    revoker: { revokeIn: async () => {}, afterRevocation: async () => {} },
  })
  const naming = {
    requireDialect: (dialect: string) => {
      if (!['canonical', 'tds', 'user'].includes(dialect))
        throw new ExpectedError('dialect_unknown', { dialect, known: 'canonical, tds, user' })
    },
    requireNames: async (_: unknown, ids: readonly string[]) => {
      if (collides !== null && ids.includes(collides))
        throw new ExpectedError('alias_invalid', { kind: 'name', value: 'x', cause: 'taken' })
    },
  }
  profiles = new ProfilesService({ db, clock, audit, tenants, fleet, naming })
  configuration = new ConfigureService({ db, audit, fleet, naming })
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  return () => db.destroy()
})

const draft = () =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'test' },
    action: 'test',
    address: '127.0.0.1',
    requestId: null,
  })

async function gateway(id: string, tenantId = 'north') {
  const assignmentId = `of ${id}`
  await db
    .insertInto('gateways')
    .values({
      id,
      tenantId,
      assignmentId,
      mac: null,
      code: id,
      label: id.toUpperCase(),
      name: id,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: 8,
      dialect: 'canonical',
      state: 'active',
      metadata: '{}',
      createdAt: 1,
      claimedAt: 1,
      activatedAt: 1,
      lastSeenAt: null,
      deletedAt: null,
    })
    .execute()
  await db
    .insertInto('assignments')
    .values({ id: assignmentId, gatewayId: id, tenantId, fromAt: 1, toAt: null })
    .execute()
}

const configure = (
  changes: Parameters<ConfigureService['configure']>[1],
  scope: typeof north | typeof all = all,
) => configuration.configure(scope, changes, draft())
const identityOf = (id: string) => {
  const change = told.findLast((one) => one.op === 'put' && one.identity.gatewayId === id)
  return change?.op === 'put' ? change.identity : null
}
const lastEntry = async () => {
  const row = await db.selectFrom('auditEntries').selectAll().orderBy('seq', 'desc').executeTakeFirstOrThrow()
  return JSON.parse(row.details) as Record<string, unknown>
}

test('a profile is found by name in its tenant alone, and its name is taken once whatever the case', async () => {
  const made = await profiles.create(north, fields, draft())
  expect(made).toMatchObject({ ...fields, version: 1, gateways: 0, tenant: { slug: 'north' } })
  expect(await lastEntry()).toEqual({ after: fields })
  await expect(profiles.create(north, { ...fields, name: 'pumps' }, draft())).rejects.toMatchObject({
    code: 'profile_name_taken',
  })
  await profiles.create(all, { ...fields, tenant: 'south' }, draft())
  expect((await profiles.show(north, { profile: 'PUMPS' })).id).toBe(made.id)
  await expect(profiles.show(all, { profile: 'Pumps' })).rejects.toMatchObject({ code: 'not_found' })
  expect((await profiles.list(all, 'south')).map(({ tenant }) => tenant.slug)).toEqual(['south'])
  await expect(profiles.show(wholeTenant('south'), { profile: made.id })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(
    profiles.create(north, { ...fields, name: 'x', dialect: 'nope' }, draft()),
  ).rejects.toMatchObject({
    code: 'dialect_unknown',
  })
})

test('gateways without a dialect of their own follow their profile, all of them its rate, and the broker is told', async () => {
  const { id } = await profiles.create(north, fields, draft())
  for (const name of ['a', 'b', 'c']) await gateway(name)
  await configure({ gateway: 'a', profile: 'Pumps', dialect: null })
  await configure({ gateway: 'b', profile: id })
  expect(identityOf('a')).toMatchObject({ dialect: 'tds', rate: { perSecond: 2, burst: 10 } })
  expect(identityOf('b')).toMatchObject({ dialect: 'canonical', rate: { perSecond: 2, burst: 10 } })
  told = []
  const spoken = await profiles.update(north, { profile: id, version: 1, dialect: 'user' }, draft())
  expect(spoken).toMatchObject({ version: 2, gateways: 2, dialect: 'user' })
  expect(told.map((change) => change.op === 'put' && change.identity.gatewayId)).toEqual(['a'])
  expect(identityOf('a')?.dialect).toBe('user')
  told = []
  await profiles.update(
    north,
    { profile: id, version: 2, messagesPerSecond: 0.5, burst: 3, maxDevices: 16 },
    draft(),
  )
  expect(identityOf('a')?.rate).toEqual({ perSecond: 0.5, burst: 3 })
  expect(identityOf('b')?.rate).toEqual({ perSecond: 0.5, burst: 3 })
  expect((await gatewaysRepository.gatewayById(db, all, 'b'))?.maxDevices).toBe(16)
  expect(identityOf('c')).toBeNull()
})

test('of two who change a profile the second one is told, and what collides changes nothing', async () => {
  const { id } = await profiles.create(north, fields, draft())
  await gateway('a')
  await configure({ gateway: 'a', profile: id, dialect: null })
  await profiles.update(north, { profile: id, version: 1, name: 'Pumps 2' }, draft())
  await expect(
    profiles.update(north, { profile: id, version: 1, name: 'Mine' }, draft()),
  ).rejects.toMatchObject({
    code: 'profile_changed',
  })
  collides = 'a'
  await expect(
    profiles.update(north, { profile: id, version: 2, dialect: 'user' }, draft()),
  ).rejects.toMatchObject({
    code: 'alias_invalid',
  })
  expect(await profiles.show(north, { profile: id })).toMatchObject({ dialect: 'tds', version: 2 })
  expect((await gatewaysRepository.gatewayById(db, all, 'a'))?.dialect).toBe('tds')
})

test('a profile that gateways have, or one-time passwords would give them, stays', async () => {
  const { id } = await profiles.create(north, fields, draft())
  await gateway('a')
  await configure({ gateway: 'a', profile: id })
  const removing = () => profiles.remove(north, { profile: id }, draft())
  await expect(removing()).rejects.toMatchObject({
    code: 'profile_in_use',
    data: { gateways: 1, passwords: 0 },
  })
  await configure({ gateway: 'a', profile: null })
  const password = { username: 'u', salt: '', hash: '', createdAt: 1, createdByName: 'x', expiresAt: 2_000 }
  await db
    .insertInto('estPasswords')
    .values({ ...password, tenantId: 'north', profileId: id })
    .execute()
  await expect(removing()).rejects.toMatchObject({ data: { gateways: 0, passwords: 1 } })
  await db.updateTable('estPasswords').set({ usedAt: 5 }).execute()
  await removing()
  expect(await profiles.list(north, undefined)).toEqual([])
})

test('a gateway goes on speaking what it speaks when its profile is taken out, and returns to its profile when asked', async () => {
  await profiles.create(north, fields, draft())
  await gateway('a')
  const row = async () => {
    const { dialect, ownDialect, profileName } = (await gatewaysRepository.gatewayById(db, all, 'a')) ?? {}
    return { dialect, ownDialect, profileName }
  }
  await configure({ gateway: 'a', profile: 'Pumps' })
  expect(await row()).toEqual({ dialect: 'canonical', ownDialect: 1, profileName: 'Pumps' })
  await configure({ gateway: 'a', dialect: null })
  expect(await row()).toEqual({ dialect: 'tds', ownDialect: 0, profileName: 'Pumps' })
  await configure({ gateway: 'a', dialect: 'user' })
  expect(await row()).toEqual({ dialect: 'user', ownDialect: 1, profileName: 'Pumps' })
  await configure({ gateway: 'a', dialect: null })
  await configure({ gateway: 'a', profile: null })
  expect(await row()).toEqual({ dialect: 'tds', ownDialect: 1, profileName: null })
  await configure({ gateway: 'a', dialect: null })
  expect(await row()).toEqual({ dialect: 'canonical', ownDialect: 1, profileName: null })
  await expect(configure({ gateway: 'a', dialect: 'nope' })).rejects.toMatchObject({
    code: 'dialect_unknown',
  })
  await gateway('s', 'south')
  await expect(configure({ gateway: 's', profile: 'Pumps' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(configure({ gateway: 's', dialect: 'tds' }, north)).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('names are set, changed and cleared, are in the audit, and never those of somebody else', async () => {
  await gateway('a')
  await gateway('b')
  await db.updateTable('gateways').set({ mac: 'aa:bb:cc:dd:ee:0b' }).where('id', '=', 'b').execute()
  const client = {
    name: 'n',
    topics: '[]',
    prefix: 'p',
    rights: 'read',
    state: 'active',
    createdAt: 1,
  } as const
  await db
    .insertInto('mqttClients')
    .values({ ...client, id: 'm', tenantId: 'south', username: 'scada' })
    .execute()
  await configure({ gateway: 'a', aliases: { username: 'Pump-1', topic: 'p1', client_id: 'c1' } })
  expect(identityOf('a')?.aliases).toMatchObject({
    username: 'Pump-1',
    topic: 'p1',
    clientId: 'c1',
    user: null,
  })
  await configure({ gateway: 'a', aliases: { topic: null } })
  expect(await lastEntry()).toMatchObject({
    before: { aliases: { username: 'Pump-1', topic: 'p1', client_id: 'c1' } },
    after: { aliases: { username: 'Pump-1', client_id: 'c1' } },
  })
  const entries = async () => (await db.selectFrom('auditEntries').selectAll().execute()).length
  const before = await entries()
  await configure({ gateway: 'a', aliases: { username: 'Pump-1' } })
  expect(await entries()).toBe(before)
  const taken = [
    { username: 'pump-1' },
    { username: 'SCADA' },
    { username: 'A' },
    { username: 'P-none', topic: 'scada' },
    { topic: 'PUMP-1' },
    { client_id: 'c1' },
  ]
  for (const aliases of taken)
    await expect(configure({ gateway: 'b', aliases })).rejects.toMatchObject({ code: 'alias_taken' })
  for (const username of ['AABBCCDDEE0B', 'aa:bb:cc:dd:ee:0b', 'b', 'B'])
    await expect(configure({ gateway: 'a', aliases: { username } })).rejects.toMatchObject({
      code: 'alias_taken',
    })
  expect(identityOf('b')).toBeNull()
})
