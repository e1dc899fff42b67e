import { expect, test } from 'vitest'
import { openSiteDb } from '#platform/db/site-db.ts'
import { putWaiting, waitingOf } from './site-store.ts'

test('what is of a tenant that was turned on after the exchange began waits for the next one', async () => {
  const db = await openSiteDb(':memory:')
  const modes = { taken: 'fleet', new: 'fleet', off: 'off' } as const
  for (const [id, mode] of Object.entries(modes)) {
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
    await db.insertInto('cloudTenants').values({ tenantId: id, cloudTenantId: id, mode }).execute()
    await putWaiting(db, { entity: 'group', id: `group of ${id}`, tenantId: id, now: 1 })
  }
  const waiting = await waitingOf(db, 'group', { limit: 10, taken: ['taken'] })
  // What is off is looked at, to be dropped.
  expect(waiting.map(({ tenantId }) => tenantId)).toEqual(['off', 'taken'])
  await db.destroy()
})
