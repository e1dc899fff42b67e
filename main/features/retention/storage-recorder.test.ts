import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { createLog } from '#platform/log/log.ts'
import { listStorageEvents } from './storage-events.repository.ts'
import { StorageRecorder } from './storage-recorder.ts'

const clock = { time: 1_800_000_000_000, now: () => clock.time }
let db: SiteDb
let recorder: StorageRecorder

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  recorder = new StorageRecorder({ db, clock, log: createLog({ level: 'silent' }), audit })
})
afterEach(() => db.destroy())

const retired = {
  type: 'monthRetired',
  month: '2025-10',
  retentionClass: 'standard',
  bytes: 9,
  readings: 4,
  series: [],
} as const

test('a deleted month is in the audit, done by the system, and why', async () => {
  recorder.record({ ...retired, cause: 'retention' })
  recorder.record({ ...retired, cause: 'budget' })
  await recorder.settled()
  const [first, second] = await db.selectFrom('auditEntries').selectAll().orderBy('seq').execute()
  expect(first).toMatchObject({
    actorKind: 'system',
    action: 'storage.month_deleted',
    objectKind: 'month',
    objectId: '2025-10.standard',
    details: JSON.stringify({ bytes: 9, readings: 4, cause: 'retention' }),
  })
  expect(second?.details).toContain('budget')
  const kinds = (await listStorageEvents(db, 10)).map(({ kind }) => kind)
  expect(kinds.toSorted()).toEqual(['month_evicted', 'month_retired'])
})

test('the same within an hour counts on; an hour later it is told anew', async () => {
  const damaged = {
    type: 'blockDamaged',
    file: 'D/months/2026-01.standard.sqlite',
    seriesId: 1,
    from: 0,
    to: 1,
  } as const
  for (let i = 0; i < 5; i++) recorder.record({ ...damaged, cause: 'checksum' })
  await recorder.settled()
  clock.time += 2 * 60 * 60_000
  recorder.record({ ...damaged, cause: 'checksum' })
  await recorder.settled()
  expect(await listStorageEvents(db, 10)).toMatchObject([
    { kind: 'block_damaged', subject: '2026-01.standard.sqlite', count: 1, cause: 'checksum' },
    { count: 5 },
  ])
})

test('only the newest few hundred stay', async () => {
  const old = Array.from({ length: 510 }, (_, i) => ({
    at: i,
    kind: 'month_retired',
    subject: String(i),
    count: 1,
    cause: null,
  }))
  await db.insertInto('storageEvents').values(old).execute()
  recorder.record({ ...retired, cause: 'retention' })
  await recorder.settled()
  const events = await listStorageEvents(db, 1_000)
  expect(events).toHaveLength(500)
  expect(events[0]?.subject).toBe('2025-10 standard')
  expect(events.at(-1)?.subject).toBe('11')
})
