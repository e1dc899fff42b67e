import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrations } from './migrations/index.ts'
import { openSiteDb } from './site-db.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mw-db-'))
  file = join(folder, 'site.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('an empty file becomes a store with every table, durable and overwriting what it deletes', async () => {
  const db = await openSiteDb(file)
  const tables = (await db.introspection.getTables()).map(({ name }) => name)
  expect(tables).toEqual(expect.arrayContaining(['gateways', 'certificates', 'auditEntries', 'refusals']))
  await db.destroy()
  const sqlite = new Database(file)
  expect(sqlite.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok')
  sqlite.close()
})

test('opening it again changes nothing and loses nothing', async () => {
  const tenant = {
    id: 't1',
    slug: 'plant',
    name: 'Plant',
    state: 'active' as const,
    createdAt: 1,
    retentionClass: null,
  }
  const first = await openSiteDb(file)
  await first.insertInto('tenants').values(tenant).execute()
  await first.destroy()
  const again = await openSiteDb(file)
  expect(await again.selectFrom('tenants').selectAll().execute()).toEqual([expect.objectContaining(tenant)])
  await again.destroy()
})

test('the store keeps its own rules: nobody is a member of what is not there', async () => {
  const db = await openSiteDb(file)
  const user = { id: 'u1', email: 'a@b', name: 'A', passwordHash: '', createdAt: 1 }
  await db
    .insertInto('users')
    .values({ ...user, siteAdmin: 0, state: 'active' })
    .execute()
  const membership = {
    userId: 'u1',
    tenantId: 'none',
    roleId: 'viewer',
    reach: 'tenant' as const,
    createdAt: 1,
  }
  await expect(db.insertInto('memberships').values(membership).execute()).rejects.toThrow(/FOREIGN KEY/)
  await db.destroy()
})

test('data of a newer version is refused, and named', async () => {
  await (await openSiteDb(file)).destroy()
  const sqlite = new Database(file)
  sqlite.prepare('insert into kysely_migration (name, timestamp) values (?, ?)').run('9999-later', '2030')
  sqlite.close()
  await expect(openSiteDb(file)).rejects.toMatchObject({
    code: 'data_from_newer_version',
    data: { migration: '9999-later' },
  })
})

test('a damaged file is left as it is', async () => {
  const damage = Buffer.from('this is no database, or no longer one'.repeat(200))
  writeFileSync(file, damage)
  await expect(openSiteDb(file)).rejects.toMatchObject({ code: 'SQLITE_NOTADB' })
  expect(readFileSync(file)).toEqual(damage)
})

test('migrations are numbered without a gap, and each has its file', () => {
  const names = Object.keys(migrations)
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1))
  const files = readdirSync(new URL('./migrations', import.meta.url)).filter((name) => /^\d{4}-/.test(name))
  expect(files.filter((name) => !name.includes('.test.')).map((name) => name.replace(/\.ts$/, ''))).toEqual(
    names,
  )
})
