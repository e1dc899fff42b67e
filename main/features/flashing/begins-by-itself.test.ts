import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { mayBeginByItself } from './begins-by-itself.ts'
import type { FlashJobState } from './flash-jobs.repository.ts'

let db: SiteDb
const port = { path: '/dev/ttyACM0', identity: 'usb-1' } as SerialPort

beforeAll(async () => {
  db = await openSiteDb(':memory:')
  const tenant = { id: 't', slug: 't', name: 'T', state: 'active', createdAt: 1 } as const
  await db.insertInto('tenants').values(tenant).execute()
  const run = { id: 'r', tenantId: 't', groupId: null, name: 'A', setup: '{}', facts: '{}', nextNumber: 1 }
  const started = { startedAt: 1, startedById: null, startedByName: 'Ana', endedAt: null }
  await db
    .insertInto('benchRuns')
    .values({ ...run, ...started, state: 'open' })
    .execute()
})
afterAll(() => db.destroy())
beforeEach(() => db.deleteFrom('flashJobs').execute())

async function ended(state: FlashJobState, mac: string | null, runId: string | null = 'r'): Promise<void> {
  const job = {
    id: uuid7(),
    runId,
    tenantId: 't',
    kind: 'gateway',
    port: '{}',
    portIdentity: 'usb-1',
  } as const
  const started = { startedAt: 1, startedById: null, startedByName: 'Ana' }
  await db
    .insertInto('flashJobs')
    .values({ ...job, ...started, state, step: 'writing', mac })
    .execute()
}
const may = (wasUnplugged: boolean) =>
  mayBeginByItself(db, { wasUnplugged: () => wasUnplugged }, { runId: 'r', port })

test('a board that failed begins again by itself when it was really unplugged, and twice at most', async () => {
  expect(await may(false)).toBe(true)
  await ended('failed', 'a')
  expect([await may(false), await may(true)]).toEqual([false, true])
  // One that is not reached tells no MAC.
  await ended('failed', null)
  expect([await may(false), await may(true)]).toEqual([false, true])
  await ended('failed', 'a')
  expect([await may(false), await may(true)]).toEqual([false, false])
})

test('another board in the same socket, one that passed, and another run begin anew', async () => {
  for (let n = 0; n < 3; n += 1) await ended('failed', 'a')
  await ended('failed', 'b')
  expect([await may(false), await may(true)]).toEqual([false, true])
  await ended('passed', 'a')
  expect(await may(false)).toBe(true)
  await ended('failed', 'a', null)
  expect(await may(false)).toBe(true)
})
