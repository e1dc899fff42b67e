import { createHash, createHmac } from 'node:crypto'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import * as firstSite from './0001-first-site.ts'
import * as views from './0002-views.ts'
import * as jobs from './0003-jobs.ts'
import * as retention from './0004-retention.ts'
import * as calculations from './0005-calculations.ts'
import * as people from './0006-people.ts'
import * as audit from './0007-audit.ts'

test('entries stay as they are, of the first format; there is room for the second', async () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('foreign_keys = OFF')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  for (const { up } of [firstSite, views, jobs, retention, calculations, people]) await up(db)
  const salt = Buffer.alloc(16, 1)
  const personalHash = createHash('sha256')
    .update(salt)
    .update(JSON.stringify(['Ana', '::1']))
    .digest()
  const chain = createHmac('sha256', 'key').update('entry').digest()
  sqlite
    .prepare(
      `insert into auditEntries (at, actorKind, action, outcome, details, personalHash, chain) values (5, 'local', 'site.setup', 'done', '{}', ?, ?)`,
    )
    .run(personalHash, chain)
  sqlite.prepare(`insert into auditPersonal values (1, ?, 'Ana', '::1')`).run(salt)
  await audit.up(db)
  sqlite.pragma('foreign_keys = ON')
  expect(sqlite.pragma('foreign_key_check')).toEqual([])
  expect(sqlite.prepare('select * from auditEntries').get()).toMatchObject({
    seq: 1,
    at: 5,
    format: 1,
    path: null,
    status: null,
    durationMs: null,
    subjectId: null,
    subjectHash: null,
    personalHash,
    chain,
  })
  expect(sqlite.prepare('select actorName from auditPersonal').get()).toEqual({ actorName: 'Ana' })
  expect(() => sqlite.exec(`insert into auditSubjects values (9, zeroblob(16), '{}')`)).toThrow(/FOREIGN KEY/)
  sqlite.exec(`insert into auditSubjects values (1, zeroblob(16), '{}')`)
  await db.destroy()
})
