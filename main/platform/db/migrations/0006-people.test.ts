import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import * as firstSite from './0001-first-site.ts'
import * as views from './0002-views.ts'
import * as jobs from './0003-jobs.ts'
import * as retention from './0004-retention.ts'
import * as calculations from './0005-calculations.ts'
import * as people from './0006-people.ts'

test('people keep their passwords, roles and sessions, and what is theirs', async () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('foreign_keys = OFF')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  for (const { up } of [firstSite, views, jobs, retention, calculations]) await up(db)
  sqlite.exec(`
    insert into tenants (id, slug, name, state, createdAt) values ('t', 't', 'T', 'active', 1);
    insert into users values
      ('u', 'ana@plant.example', 'Ana', 'hash', 'site_admin', null, 5, 6, 0, null),
      ('v', 'bo@plant.example', 'Bo', 'hash', 'viewer', 't', 5, null, 3, 9);
    insert into sessions values ('0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 'v', 1, 2, 3, '::1', 'a');
    insert into gateways (id, tenantId, code, label, name, maxDevices, dialect, state, createdAt)
      values ('g', 't', 'G', 'G', 'G', 8, 'canonical', 'claimed', 1);
    insert into views (id, kind, name, ownerUserId, tenantId, shared, content, version, createdAt, updatedAt)
      values ('w', 'trend', 'W', 'v', 't', 1, '{}', 1, 1, 1);
    insert into certificates values
      ('r', 'device_root', null, null, '01', 'CN=r', 'EC P-384', 'f1', 'pem', 1, 2, 'active', null, null, 1),
      ('c', 'gateway', 'g', 'r', '02', 'CN=c', 'EC P-256', 'f2', 'pem', 1, 2, 'active', null, null, 1);
    insert into handovers (certificateId, gatewayId, sealedSecretId, createdAt, expiresAt) values ('c', 'g', 's', 1, 2);`)
  await people.up(db)
  sqlite.pragma('foreign_keys = ON')
  expect(sqlite.pragma('foreign_key_check')).toEqual([])
  expect(sqlite.prepare('select id, siteAdmin, state, passwordHash from users').all()).toEqual([
    { id: 'u', siteAdmin: 1, state: 'active', passwordHash: 'hash' },
    { id: 'v', siteAdmin: 0, state: 'active', passwordHash: 'hash' },
  ])
  expect(sqlite.prepare('select userId, tenantId, roleId, reach, createdAt from memberships').all()).toEqual([
    { userId: 'v', tenantId: 't', roleId: 'viewer', reach: 'tenant', createdAt: 5 },
  ])
  expect(sqlite.prepare('select id, kind, userId, expiresAt from sessions').get()).toEqual({
    id: '0123456789abcdef0123456789abcdef',
    kind: 'browser',
    userId: 'v',
    expiresAt: 2,
  })
  expect(sqlite.prepare('select ownerUserId from views').get()).toEqual({ ownerUserId: 'v' })
  expect(sqlite.prepare('select id, serial, issuerId from certificates order by id').all()).toEqual([
    { id: 'c', serial: '02', issuerId: 'r' },
    { id: 'r', serial: '01', issuerId: null },
  ])
  expect(() => sqlite.exec(`delete from certificates where id = 'c'`)).toThrow(/FOREIGN KEY/)
  sqlite.exec(`delete from users where id = 'v'`)
  expect(sqlite.prepare('select count(*) as n from sessions').get()).toEqual({ n: 0 })
  expect(sqlite.prepare('select ownerUserId from views').get()).toEqual({ ownerUserId: null })
  await db.destroy()
})

test('groups of one name stand once beside each other, and one that goes takes only its own right', async () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('foreign_keys = OFF')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  for (const { up } of [firstSite, views, jobs, retention, calculations, people]) await up(db)
  sqlite.pragma('foreign_keys = ON')
  sqlite.exec(`
    insert into tenants (id, slug, name, state, createdAt) values ('t', 't', 'T', 'active', 1);
    insert into users (id, email, name, siteAdmin, state, createdAt) values ('u', 'a@b', 'A', 0, 'active', 1);
    insert into groups values ('hall', 't', null, 'Hall', 1), ('line', 't', 'hall', 'Line', 1);
    insert into memberships (userId, tenantId, roleId, reach, createdAt) values ('u', 't', 'operator', 'groups', 1);
    insert into membershipGroups values ('u', 't', 'line');`)
  expect(() => sqlite.exec(`insert into groups values ('x', 't', null, 'HALL', 1)`)).toThrow(/UNIQUE/)
  sqlite.exec(`delete from groups where id = 'line'`)
  expect(sqlite.prepare('select reach from memberships').all()).toEqual([{ reach: 'groups' }])
  expect(sqlite.prepare('select * from membershipGroups').all()).toEqual([])
  await db.destroy()
})
