import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { DELETED_PERSON, erasePersonIn } from './erase-person.ts'

interface Column {
  table: string
  name: string
  type: string
  notnull: number
  dflt_value: string | null
  pk: number
}

/** How columns are called that say who did something, by name or by id. */
const NAMES = /^(actor|\w+By|\w+ByName|authorName|actorName)$/
/** Erased beside it (the audit, jobs), or no person: what ended a hand-over, which site changed a field. */
const OTHERS = new Set([
  'auditPersonal.actorName',
  'handovers.endedBy',
  'jobs.createdByName',
  'cloudLink.stoppedBy',
  'cloudConflicts.keptBy',
  'cloudConflicts.otherBy',
])

let db: SiteDb
beforeEach(async () => {
  db = await openSiteDb(':memory:')
})
afterEach(() => db.destroy())

async function columns(): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select m.name as "table", c.name, c.type, c."notnull", c.dflt_value, c.pk
    from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'
  `.execute(db)
  return rows
}

test('no column of the store keeps the name of somebody whose data was erased', async () => {
  const all = await columns()
  const named = all.filter(({ table, name }) => NAMES.test(name) && !OTHERS.has(`${table}.${name}`))
  expect(named.length).toBeGreaterThan(8)
  await sql`pragma foreign_keys = off`.execute(db)
  await sql`pragma ignore_check_constraints = on`.execute(db)
  await db
    .insertInto('users')
    .values({
      id: 'ana',
      email: 'ana@aurora.example',
      name: 'Ana Lima',
      passwordHash: null,
      siteAdmin: 0,
      state: 'active',
      createdAt: 1,
    })
    .execute()
  for (const table of new Set(named.map((column) => column.table))) {
    const said = all.filter((column) => column.table === table).flatMap((column) => valueOf(column))
    const [names, values] = [said.map(([name]) => sql.ref(name)), said.map(([, value]) => sql`${value}`)]
    await sql`insert into ${sql.table(table)} (${sql.join(names)}) values (${sql.join(values)})`.execute(db)
  }
  await db.transaction().execute((trx) => erasePersonIn(trx, 'ana'))
  const kept: string[] = []
  for (const { table, name } of named) {
    const { rows } = await sql<{
      value: string
    }>`select ${sql.ref(name)} as value from ${sql.table(table)}`.execute(db)
    for (const { value } of rows) if (value !== DELETED_PERSON) kept.push(`${table}.${name}`)
  }
  expect(kept).toEqual([])
})

test('a namesake’s run of the bench stays theirs', async () => {
  const user = { passwordHash: null, siteAdmin: 0 as const, state: 'active' as const, createdAt: 1 }
  const run = { name: '', setup: '{}', facts: '{}', state: 'open' as const, startedAt: 1 }
  await sql`pragma foreign_keys = off`.execute(db)
  for (const id of ['ana', 'other']) {
    await db
      .insertInto('users')
      .values({ ...user, id, email: `${id}@aurora.example`, name: 'Ana Lima' })
      .execute()
    await db
      .insertInto('benchRuns')
      .values({
        ...run,
        id,
        tenantId: id,
        groupId: null,
        nextNumber: 1,
        startedById: id,
        startedByName: 'Ana Lima',
        endedAt: null,
      })
      .execute()
  }
  await db.transaction().execute((trx) => erasePersonIn(trx, 'ana'))
  const runs = db.selectFrom('benchRuns').select(['startedById', 'startedByName']).orderBy('id')
  expect(await runs.execute()).toEqual([
    { startedById: null, startedByName: DELETED_PERSON },
    { startedById: 'other', startedByName: 'Ana Lima' },
  ])
})

/** Whoever did it is Ana, by id and by name; the rest is whatever its type allows. */
function valueOf({ table, name, type, notnull, dflt_value }: Column): [name: string, value: unknown][] {
  if (/ById$|UserId$/.test(name) || (table === 'idempotencyKeys' && name === 'actor')) return [[name, 'ana']]
  if (NAMES.test(name)) return [[name, 'Ana Lima']]
  if (notnull === 0 || dflt_value !== null) return []
  if (type === 'BLOB') return [[name, Buffer.from('x')]]
  return [[name, /INT|REAL/.test(type) ? 1 : 'x']]
}
