import { expect, test } from 'vitest'
import { openSiteDb } from '#platform/db/site-db.ts'
import { OutboxWatch } from './outbox-watch.ts'

test('what waits when it begins to look is told, then what comes; not what was sent', async () => {
  const db = await openSiteDb(':memory:')
  const watch = new OutboxWatch(db)
  let told = 0
  watch.changed.subscribe(() => told++)
  const queue = (id: string) =>
    db.insertInto('cloudOutbox').values({ entity: 'gateway', id, tenantId: null, queuedAt: 1 }).execute()
  await watch.look()
  expect(told).toBe(0)
  await queue('one')
  await watch.look()
  await watch.look()
  expect(told).toBe(1)
  await db.deleteFrom('cloudOutbox').execute()
  await watch.look()
  expect(told).toBe(1)
  await queue('two')
  await watch.look()
  expect(told).toBe(2)
  const late = new OutboxWatch(db)
  late.changed.subscribe(() => told++)
  await late.look()
  expect(told).toBe(3)
  await db.destroy()
})
