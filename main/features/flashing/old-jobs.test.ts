import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SiteDb } from '#platform/db/site-db.ts'
import { FlashJobBook } from './flash-job-book.ts'
import type { NewFlashJob } from './flash-jobs.repository.ts'
import { insertGateway, openNorth } from './flashing-store.fixture.ts'
import { JobLogs } from './job-log.ts'

const DAY = 24 * 60 * 60_000
let db: SiteDb
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mw-old-jobs-'))
  db = await openNorth()
})
afterAll(async () => {
  await db.destroy()
  await rm(dir, { recursive: true })
})

test('jobs and logs go a year after their end; birth records, what they are of, and what is still needed stay', async () => {
  const now = 1_000 * DAY
  await insertGateway(db, { id: 'g', mac: '24:6f:28:00:00:01' })
  const logs = new JobLogs(
    dir,
    () => now,
    () => {},
  )
  const run = { tenantId: 'north', groupId: null, setup: '{}', facts: '{}', nextNumber: 1, endedAt: null }
  const by = { startedAt: 1, startedById: null, startedByName: 'Ana' }
  for (const state of ['open', 'ended'] as const)
    await db
      .insertInto('benchRuns')
      .values({ ...run, ...by, id: state, name: state, state })
      .execute()
  const old = now - 366 * DAY
  const job = async (id: string, endedAt: number, more: Partial<NewFlashJob> = {}) => {
    const what = {
      tenantId: 'north',
      runId: 'ended',
      kind: 'gateway',
      port: '{}',
      portIdentity: 'x',
    } as const
    await db
      .insertInto('flashJobs')
      .values({ id, ...what, ...by, state: 'failed', step: 'writing', endedAt, ...more })
      .execute()
    logs.add(id, 'bench', 'connecting')
    await logs.close(id)
    await utimes(join(dir, `${id}.log`), endedAt / 1_000, endedAt / 1_000)
  }
  await job('gone', old)
  await job('alone', old, { runId: null, kind: 'identify', state: 'passed' })
  await job('young', now - 364 * DAY)
  await job('running', old, { state: 'running' })
  await job('of-open-run', old, { runId: 'open' })
  await job('firmware', old, { gatewayId: 'g', committedAt: old, firmware: '{"nvs":"nvs"}' })
  await job('born', old, { gatewayId: 'g', committedAt: old, state: 'passed' })
  const birth = { id: 'b', jobId: 'born', gatewayId: 'g', tenantId: 'north', record: '{}' }
  await db
    .insertInto('birthRecords')
    .values({ ...birth, signature: 's', keyId: 'k', createdAt: 1 })
    .execute()

  await new FlashJobBook({ db, clock: { now: () => now }, logs }).forgetOld()
  const left = await db.selectFrom('flashJobs').select('id').orderBy('id').execute()
  expect(left.map(({ id }) => id)).toEqual(['born', 'firmware', 'of-open-run', 'running', 'young'])
  expect(await db.selectFrom('birthRecords').select('jobId').execute()).toEqual([{ jobId: 'born' }])
  expect(await readdir(dir)).toEqual(['young.log'])
})
