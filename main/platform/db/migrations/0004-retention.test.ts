import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import * as firstSite from './0001-first-site.ts'
import * as views from './0002-views.ts'
import * as jobs from './0003-jobs.ts'
import * as retention from './0004-retention.ts'

test('a site with channels keeps everything for a year, until somebody chooses', async () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('foreign_keys = ON')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  for (const { up } of [firstSite, views, jobs]) await up(db)
  sqlite.exec(`
    insert into tenants values ('t', 't', 'T', 'active', 1);
    insert into gateways (id, tenantId, code, label, name, maxDevices, dialect, state, createdAt)
      values ('g', 't', 'G', 'G', 'G', 8, 'canonical', 'claimed', 1);
    insert into assignments values ('a', 'g', 't', 1, null);
    insert into channels values ('c', 1, 'a', 'g', 't', 'level', null, 'm', 'number', null, 5, 1);`)
  await retention.up(db)
  expect(sqlite.prepare('select id, days, evictable from retentionClasses').all()).toEqual([
    { id: 'standard', days: 365, evictable: 0 },
  ])
  expect(sqlite.prepare('select * from storagePolicy').all()).toEqual([
    { id: 1, defaultClass: 'standard', budgetBytes: null },
  ])
  expect(sqlite.prepare('select key, highLimit, retentionClass from channels').get()).toEqual({
    key: 'level',
    highLimit: 5,
    retentionClass: null,
  })
  expect(() => sqlite.exec(`update channels set retentionClass = 'nix'`)).toThrow(/FOREIGN KEY/)
  sqlite.exec(`update tenants set retentionClass = 'standard'`)
  expect(() => sqlite.exec(`delete from retentionClasses`)).toThrow(/FOREIGN KEY/)
  expect(() => sqlite.exec(`insert into retentionClasses values ('x', 'X', 0, 0, 1)`)).toThrow(/CHECK/)
  await db.destroy()
})
