import { afterAll, beforeAll, expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { wholeTenant } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { type BenchDependencies, BenchService } from './bench.service.ts'
import { type FlashJobRow, jobsOfRun } from './flash-jobs.repository.ts'

let db: SiteDb
const row = { id: 'r', tenantId: 't', name: 'A', state: 'open', setup: { atOnce: 2, plan: [] } }
const caller = { actor: { kind: 'local' as const, name: 'local' }, scope: wholeTenant('t') }
const audit = { about: () => {} } as unknown as AuditDraft
const ports = ['u1', 'u2', 'u4', 'u5'].map((identity) => ({ identity, path: identity }) as SerialPort)
const busy = new Set(['u1'])

beforeAll(async () => {
  db = await openSiteDb(':memory:')
  const tenant = { id: 't', slug: 't', name: 'T', state: 'active', createdAt: 1 } as const
  await db.insertInto('tenants').values(tenant).execute()
  const started = { startedAt: 1, startedById: null, startedByName: 'Ana' }
  const run = { id: 'r', tenantId: 't', groupId: null, name: 'A', setup: '{}', facts: '{}', nextNumber: 1 }
  await db
    .insertInto('benchRuns')
    .values({ ...run, ...started, endedAt: null, state: 'open' })
    .execute()
  for (const n of [1, 2, 3, 4, 5]) {
    const job = { runId: 'r', tenantId: 't', kind: 'gateway', state: 'failed', step: 'writing' } as const
    const port = JSON.stringify({ path: `u${n}` })
    await db
      .insertInto('flashJobs')
      .values({ ...job, ...started, id: `j${n}`, port, portIdentity: `u${n}`, mac: `m${n}` })
      .execute()
  }
})
afterAll(() => db.destroy())

/** Ports whose boards begin, with room for two. */
function bench() {
  const begun: string[] = []
  const waiting = new Map<string, () => Promise<void>>()
  let room = 2
  const begin = (identity: string) => {
    if (busy.has(identity)) throw new ExpectedError('port_busy', { port: identity, holder: 'a monitor' })
    room -= 1
    begun.push(identity)
    return Promise.resolve({})
  }
  const service = new BenchService({
    tools: {
      db,
      ports: {
        all: () => ports,
        isFree: () => true,
        isUntouched: () => true,
        ofIdentity: (identity: string) => ports.find((port) => port.identity === identity) ?? null,
        requireFree: ({ identity }: SerialPort) => {
          if (busy.has(identity))
            throw new ExpectedError('port_busy', { port: identity, holder: 'a monitor' })
        },
      },
      book: {
        viewOf: (job: unknown) => job,
        require: async (_: unknown, id: string) => (await jobsOfRun(db, 'r')).find((job) => job.id === id),
      },
    },
    runs: { require: () => Promise.resolve(row) },
    running: { has: () => false },
    scheduler: {
      room: () => room,
      begin: (_: unknown, port: SerialPort) => begin(port.identity),
      again: (_: unknown, job: FlashJobRow) => begin(job.portIdentity),
      ask: (_: string, asked: readonly SerialPort[]) => {
        for (const { identity } of asked) waiting.set(identity, () => Promise.resolve())
      },
      askAgain: (_: string, id: string, retry: () => Promise<void>) => waiting.set(id, retry),
    },
  } as unknown as BenchDependencies)
  return { service, begun, waiting }
}

test('"retry failed" begins as many at once as the run has, the others later; only what is not there is absent', async () => {
  const { service, begun, waiting } = bench()
  const { jobs, ...counts } = await service.retryFailed(caller, 'r', audit)
  expect(begun).toEqual(['u2', 'u4'])
  expect([jobs.length, counts]).toEqual([2, { later: 1, absent: 1, refused: 1 }])
  expect([...waiting.keys()]).toEqual(['j5'])
  await waiting.get('j5')?.()
  expect(begun).toEqual(['u2', 'u4', 'u5'])
})

test('"start all" leaves out what somebody else took meanwhile, and tells it only where nothing begins', async () => {
  const { service, begun, waiting } = bench()
  await service.startBoards(caller, { runId: 'r', port: null }, audit)
  expect([begun, [...waiting.keys()]]).toEqual([['u2', 'u4'], ['u5']])
  for (const { identity } of ports) busy.add(identity)
  try {
    const nothing = bench().service.startBoards(caller, { runId: 'r', port: null }, audit)
    await expect(nothing).rejects.toMatchObject({ code: 'port_busy' })
  } finally {
    for (const identity of ['u2', 'u4', 'u5']) busy.delete(identity)
  }
})
