import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import * as firstSite from './0001-first-site.ts'
import * as views from './0002-views.ts'
import * as jobs from './0003-jobs.ts'
import * as retention from './0004-retention.ts'
import * as calculations from './0005-calculations.ts'

test('a site with tenants gets room for calculations, one of a name in each tenant', async () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('foreign_keys = ON')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  for (const { up } of [firstSite, views, jobs, retention]) await up(db)
  const tenant = sqlite.prepare(
    `insert into tenants (id, slug, name, state, createdAt) values (?, ?, ?, 'active', 1)`,
  )
  for (const id of ['t1', 't2']) tenant.run(id, id, id)
  await calculations.up(db)
  const insert = (id: string, tenantId: string, name: string, basis = 'average') =>
    sqlite
      .prepare(`insert into calculations values (?, ?, ?, null, '[x] + 1', ?, 1, 'somebody')`)
      .run(id, tenantId, name, basis)
  insert('a', 't1', 'Losses')
  insert('b', 't2', 'Losses')
  expect(() => insert('c', 't1', 'LOSSES')).toThrow(/UNIQUE/)
  expect(() => insert('c', 't3', 'Losses')).toThrow(/FOREIGN KEY/)
  expect(() => insert('c', 't1', 'Other', 'median')).toThrow(/CHECK/)
  expect(sqlite.prepare('select count(*) as n from tenants').get()).toEqual({ n: 2 })
  await db.destroy()
})
