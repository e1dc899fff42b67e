import { sql } from 'kysely'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { ConnectionsService } from './connections.service.ts'
import { allClients, insertClient } from './mqtt-clients.repository.ts'

let db: SiteDb
let service: ConnectionsService

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  await db
    .insertInto('tenants')
    .values({ id: 't', slug: 't', name: 'T', state: 'active', createdAt: 0 })
    .execute()
  const row = { tenantId: 't', groupId: null, ownerUserId: null, passwordSetAt: 1, createdAt: 0 }
  const rights = { passwordSalt: 'aa', passwordHash: 'bb', rights: 'read', topics: '["#"]', state: 'active' }
  await db.transaction().execute(async (trx) => {
    for (const id of ['a', 'b'])
      await insertClient(trx, {
        ...row,
        ...rights,
        id,
        name: id,
        username: id,
        prefix: `clients/${id}`,
      } as never)
  })
  service = new ConnectionsService({
    db,
    log: pino({ level: 'silent' }),
    audit: new AuditService(db, { now: () => 0 }, () => new Uint8Array(32)),
    broker: { connections: async () => [], disconnect: async () => false },
    gateway: () => undefined,
  })
})
afterEach(() => db.destroy())

test('a storm of connects is one write, in which the newest of each client counts', async () => {
  const { rows: start } = await changes()
  for (let at = 1; at <= 200; at++) service.noteConnected({ clientId: 'a', at, address: `10.0.0.${at}` })
  service.noteConnected({ clientId: 'b', at: 5, address: '::1' })
  // Removed meanwhile.
  service.noteConnected({ clientId: 'gone', at: 6, address: '::1' })
  await service.stop()
  const rows = await allClients(db)
  expect(rows.map(({ lastConnectedAt, lastAddress }) => [lastConnectedAt, lastAddress])).toEqual([
    [200, '10.0.0.200'],
    [5, '::1'],
  ])
  const { rows: end } = await changes()
  expect((end[0]?.n ?? 0) - (start[0]?.n ?? 0)).toBe(2)
})

function changes() {
  return sql<{ n: number }>`select total_changes() as n`.execute(db)
}
