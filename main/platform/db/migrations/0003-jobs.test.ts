import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import * as firstSite from './0001-first-site.ts'
import * as views from './0002-views.ts'
import * as jobs from './0003-jobs.ts'

test('a site with tenants gets jobs, of a tenant or of none, in the known states', async () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('foreign_keys = ON')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  await firstSite.up(db)
  await views.up(db)
  sqlite.exec(`insert into tenants values ('t', 't', 'T', 'active', 1)`)
  await jobs.up(db)
  const insert = sqlite.prepare(`insert into jobs
    (id, kind, tenantId, createdByName, subject, state, done, params, log, attempts, createdAt)
    values (?, 'telemetry.export', ?, 'Ana', 'GW001', ?, 0.5, '{}', '[]', 0, 1)`)
  insert.run('a', 't', 'queued')
  insert.run('b', null, 'interrupted')
  expect(() => insert.run('c', 't', 'lost')).toThrow(/CHECK/)
  expect(() => insert.run('d', 'nobody', 'done')).toThrow(/FOREIGN KEY/)
  expect(sqlite.prepare('select id, done, total, endedAt from jobs').all()).toEqual([
    { id: 'a', done: 0.5, total: null, endedAt: null },
    { id: 'b', done: 0.5, total: null, endedAt: null },
  ])
  expect(sqlite.prepare('select slug from tenants').all()).toEqual([{ slug: 't' }])
  await db.destroy()
})
