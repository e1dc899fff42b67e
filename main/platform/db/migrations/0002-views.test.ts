import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import * as firstSite from './0001-first-site.ts'
import * as views from './0002-views.ts'

test('a site with people and tenants gets views and annotations, and keeps what it has', async () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('foreign_keys = ON')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  await firstSite.up(db)
  sqlite.exec(`insert into tenants values ('t', 't', 'T', 'active', 1)`)
  sqlite.exec(`insert into users (id, email, name, passwordHash, role, tenantId, createdAt)
    values ('u', 'a@b', 'A', '', 'viewer', 't', 1)`)
  await views.up(db)
  const view = `insert into views values (?, 'trend', 'Boiler', 'u', 't', ?, '{}', 1, 1, 1, null)`
  sqlite.prepare(view).run('v1', 1)
  sqlite.prepare(view).run('v2', 0)
  expect(() => sqlite.prepare(view).run('v3', 1)).toThrow(/UNIQUE/)
  sqlite.exec(`insert into annotations values ('a', 't', 5, 5, 'x', '[]', 'u', 'A', 1, 1, 1)`)
  expect(() => sqlite.exec(`update annotations set toAt = 4`)).toThrow(/CHECK/)
  // An account that goes leaves what it wrote.
  sqlite.exec(`delete from users`)
  expect(sqlite.prepare('select ownerUserId, tenantId from views').all()).toEqual([
    { ownerUserId: null, tenantId: 't' },
    { ownerUserId: null, tenantId: 't' },
  ])
  expect(sqlite.prepare('select authorName from annotations').all()).toEqual([{ authorName: 'A' }])
  await db.destroy()
})
