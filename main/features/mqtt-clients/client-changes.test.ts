import { afterEach, beforeEach, expect, test } from 'vitest'
import { localSiteAdmin } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { clientById, insertClient } from './mqtt-clients.repository.ts'
import { type MqttClientsDependencies, MqttClientsService } from './mqtt-clients.service.ts'

let db: SiteDb
let service: MqttClientsService

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const clock = { now: () => 1 }
  await db
    .insertInto('tenants')
    .values({ id: 't', slug: 't', name: 'T', state: 'active', createdAt: 0 })
    .execute()
  await db
    .insertInto('groups')
    .values({ id: 'hall', tenantId: 't', parentId: null, name: 'Hall', createdAt: 0 })
    .execute()
  await db.transaction().execute((trx) =>
    insertClient(trx, {
      id: 'c',
      tenantId: 't',
      groupId: null,
      ownerUserId: null,
      name: 'c',
      username: 'c',
      rights: 'both',
      topics: '["#"]',
      prefix: 'clients/c',
      state: 'active',
      createdAt: 0,
    }),
  )
  const tenants = new TenantsService(db, clock)
  await tenants.loadGroups()
  service = new MqttClientsService({
    db,
    clock,
    tenants,
    audit: new AuditService(db, clock, () => new Uint8Array(32)),
    policies: { publish: async () => undefined, standingOf: async () => ({}) },
  } as unknown as MqttClientsDependencies)
})
afterEach(() => db.destroy())

const update = (changes: Parameters<MqttClientsService['update']>[2]) => {
  const actor = { kind: 'local', id: null, name: 'x' } as const
  const draft = new AuditDraft({ actor, action: 'mqtt_client.update', address: '', requestId: null })
  return service.update(localSiteAdmin, 'c', changes, draft)
}

test('of two who change it at once neither undoes what the other did', async () => {
  await Promise.all([update({ rights: 'read', group: 'hall' }), update({ topics: ['x/#'], name: 'new' })])
  expect(await clientById(db, 'c')).toMatchObject({
    rights: 'read',
    groupId: 'hall',
    topics: '["x/#"]',
    name: 'new',
  })
  const audited = await db.selectFrom('auditEntries').select('details').orderBy('seq').execute()
  const [first, second] = audited.map(({ details }) => JSON.parse(details))
  expect(first).toMatchObject({ before: { rights: 'both', name: 'c' } })
  expect(second.before).toEqual(first.after)
})

test('a group that was deleted a moment ago bounds nothing', async () => {
  await db.deleteFrom('groups').execute()
  await expect(update({ group: 'hall' })).rejects.toMatchObject({
    code: 'not_found',
    data: { what: 'group' },
  })
})
