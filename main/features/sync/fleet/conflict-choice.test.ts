import { expect, onTestFinished, test } from 'vitest'
import { openSiteDb } from '#platform/db/site-db.ts'
import { listConflicts } from './conflict-choice.ts'

test('a conflict is called as its person is: by name, else by address', async () => {
  const db = await openSiteDb(':memory:')
  onTestFinished(() => db.destroy())
  for (const [id, name] of [
    ['ana', 'Ana'],
    ['bo', ''],
  ] as const)
    await db
      .insertInto('users')
      .values({ id, email: `${id}@x`, name, passwordHash: null, siteAdmin: 0, state: 'active', createdAt: 1 })
      .execute()
  const kept = { kept: '"active"', keptStamp: '1-a', keptBy: 'a' }
  const other = { other: '"suspended"', otherStamp: '0-b', otherBy: 'b' }
  for (const [at, id] of ['ana', 'bo', 'gone'].entries())
    await db
      .insertInto('cloudConflicts')
      .values({
        id,
        tenantId: null,
        entity: 'user',
        entityId: `t/${id}`,
        field: 'state',
        at,
        ...kept,
        ...other,
      })
      .execute()
  const rows = await listConflicts(db, { limit: 10 })
  expect(rows.map(({ name }) => name)).toEqual(['t/gone', 'bo@x', 'Ana'])
})
