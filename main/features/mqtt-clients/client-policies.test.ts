import { afterEach, beforeEach, expect, test } from 'vitest'
import { anonymous, type PersonActor, wholeTenant } from '#features/access/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { ClientPolicies } from './client-policies.ts'
import type { MqttClientPolicyChange } from './client-policy.ts'
import { deleteClient, insertClient, updateClient } from './mqtt-clients.repository.ts'

let db: SiteDb
let now: number
let told: MqttClientPolicyChange[]
let refuses: boolean
let person: PersonActor | null
let policies: ClientPolicies

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  ;[now, told, refuses, person] = [1_000, [], false, null]
  await db
    .insertInto('tenants')
    .values({ id: 't', slug: 't', name: 'T', state: 'active', createdAt: 0 })
    .execute()
  policies = new ClientPolicies({
    db,
    clock: { now: () => now },
    actors: { person: async () => person ?? anonymous },
    broker: {
      applyPolicy: async (changes) => {
        if (refuses) throw new Error('the broker is away')
        told.push(...changes)
      },
    },
  })
})
afterEach(() => db.destroy())

function client(id: string, more: Partial<Parameters<typeof insertClient>[1]> = {}) {
  return db.transaction().execute((trx) =>
    insertClient(trx, {
      id,
      tenantId: 't',
      groupId: null,
      ownerUserId: null,
      name: id,
      username: id,
      passwordSetAt: 1,
      passwordSalt: 'aa',
      passwordHash: 'bb',
      rights: 'read',
      topics: '["#"]',
      prefix: `clients/${id}`,
      state: 'active',
      createdAt: 0,
      ...more,
    }),
  )
}

async function owner(): Promise<void> {
  await db
    .insertInto('users')
    .values({ id: 'u', email: 'u@x', name: 'U', siteAdmin: 0, state: 'active', createdAt: 0 })
    .execute()
  person = {
    kind: 'user',
    id: 'u',
    name: 'U',
    email: 'u@x',
    siteAdmin: false,
    roleId: 'r',
    roleName: 'r',
    permissions: ['telemetry:read', 'gateways:command'],
    tenantId: 't',
    scope: wholeTenant('t'),
    pending: null,
    sessionId: '',
  }
}

const brief = () =>
  told
    .splice(0)
    .map((change) =>
      change.op === 'put_client'
        ? [change.client.clientId, change.client.access, change.client.rights]
        : [change.op],
    )

test('one that is past its end is told as suspended when its time comes, and others not again', async () => {
  await client('short', { expiresAt: 5_000 })
  await client('long')
  policies.started(await policies.all())
  await policies.reconcile()
  expect(brief()).toEqual([])
  now = 5_000
  await policies.reconcile()
  expect(brief()).toEqual([['short', 'suspended', 'read']])
  await policies.reconcile()
  expect(brief()).toEqual([])
})

test("a person's own follow the person: rights, reach, account, at every comparison", async () => {
  await owner()
  await client('own', { ownerUserId: 'u', rights: 'both' })
  await policies.reconcile()
  expect(brief()).toEqual([['own', 'allowed', 'both']])
  const was = person as PersonActor
  person = { ...was, permissions: ['telemetry:read'] }
  await policies.reconcile()
  expect(brief()).toEqual([['own', 'allowed', 'read']])
  person = {
    ...was,
    scope: { all: false, tenantId: 't', within: { groupIds: new Set(['g']), ownerUserId: 'u' } },
  }
  await policies.reconcile()
  expect(told[0]).toMatchObject({ client: { reach: { groupIds: ['g'], ownerUserId: 'u' } } })
  told.splice(0)
  // Without a right, in another tenant, waiting for a new password, gone: none of them reaches anything.
  for (const next of [
    { ...was, permissions: [] },
    { ...was, tenantId: 'other' },
    { ...was, pending: 'password' as const },
    null,
  ]) {
    person = next
    await policies.reconcile()
    expect(brief()).toEqual([['own', 'suspended', 'both']])
    person = was
    await policies.reconcile()
    expect(brief()).toEqual([['own', 'allowed', 'both']])
  }
})

test('what the broker did not take is told again, and what is gone is removed', async () => {
  await client('a')
  refuses = true
  await expect(policies.publish('a')).rejects.toThrow('away')
  refuses = false
  await policies.reconcile()
  expect(brief()).toEqual([['a', 'allowed', 'read']])
  await db.transaction().execute((trx) => deleteClient(trx, 'a'))
  refuses = true
  await expect(policies.publish('a')).rejects.toThrow('away')
  refuses = false
  await policies.reconcile()
  expect(brief()).toEqual([['remove_client']])
  await policies.reconcile()
  expect(brief()).toEqual([])
})

test('new credentials are told after its sessions were ended, and the newest state comes last', async () => {
  await client('a')
  await policies.publish('a')
  told.splice(0)
  const renewed = policies.renewed('a')
  await updateClient(db, 'a', { state: 'suspended' })
  await Promise.all([renewed, policies.publish('a')])
  expect(brief().at(-1)).toEqual(['a', 'suspended', 'read'])
})
