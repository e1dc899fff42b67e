import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditService } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { type BenchDependencies, BenchService } from './bench.service.ts'
import { FlashJobBook } from './flash-job-book.ts'
import type { NewFlashJob } from './flash-jobs.repository.ts'
import type { JobLogs } from './job-log.ts'
import { RunningJobs } from './running-jobs.ts'

const clock = { now: () => 2_000 }

let db: SiteDb
beforeEach(async () => {
  db = await openSiteDb(':memory:')
  const north = { id: 'north', slug: 'north', name: 'North', state: 'active' as const, createdAt: 1 }
  await db.insertInto('tenants').values(north).execute()
})
afterEach(() => db.destroy())

test('what did not count when the site stopped is interrupted, in the audit too; what counted is taken up', async () => {
  const job: NewFlashJob = {
    id: 'cut',
    tenantId: 'north',
    kind: 'settings',
    port: '{}',
    portIdentity: 'x',
    state: 'running',
    step: 'writing',
    startedAt: 1,
    startedById: null,
    startedByName: 'somebody who was erased',
  }
  await db
    .insertInto('flashJobs')
    .values([job, { ...job, id: 'counted', committedAt: 1, step: 'waiting' }])
    .execute()
  const taken: string[] = []
  const logs: Partial<JobLogs> = { add: () => {}, close: async () => {}, sweep: async () => {} }
  const book = new FlashJobBook({ db, clock, logs: logs as JobLogs })
  const service = new BenchService({
    tools: {
      db,
      clock,
      book,
      audit: new AuditService(db, clock, () => new Uint8Array(32)),
      ports: { start: () => {} },
    },
    scheduler: { start: () => {} },
    running: new RunningJobs(),
    resumeSingle: ({ id }: { id: string }) => Promise.resolve(void taken.push(id)),
  } as unknown as BenchDependencies)
  await service.start()
  expect(taken).toEqual(['counted'])
  expect(await book.require({ all: true }, 'cut')).toMatchObject({
    state: 'interrupted',
    errorCode: 'flash_interrupted',
  })
  const entries = await db.selectFrom('auditEntries').select(['action', 'objectId', 'details']).execute()
  expect(entries).toMatchObject([{ action: 'flash_job.end', objectId: 'cut' }])
  expect(JSON.parse(entries[0]?.details ?? '{}')).toMatchObject({ result: 'interrupted', step: 'writing' })
})
