import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type BenchSetup, BenchSetupSchema } from '#contract/model/flash.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { runById } from './bench-runs.repository.ts'
import { jobsOfRun } from './flash-jobs.repository.ts'
import { likelyLabel, peekNames, requireOwnCode, reserveName, takeCode } from './run-names.ts'

let db: SiteDb
let runId: string

beforeAll(async () => {
  db = await openSiteDb(':memory:')
  await db
    .insertInto('tenants')
    .values({ id: 't', slug: 't', name: 'T', state: 'active', createdAt: 1 })
    .execute()
})
afterAll(() => db.destroy())
beforeEach(async () => {
  for (const table of ['flashJobs', 'benchRuns'] as const) await db.deleteFrom(table).execute()
})

async function openRun(setup: Partial<BenchSetup> = {}): Promise<void> {
  runId = uuid7()
  const row = {
    id: runId,
    tenantId: 't',
    groupId: null,
    name: 'A',
    setup: JSON.stringify(BenchSetupSchema.parse({ bundleId: uuid7(), ...setup })),
    facts: '{}',
    state: 'open' as const,
    nextNumber: 1,
    startedAt: 1,
    startedById: null,
    startedByName: 'Ana',
    endedAt: null,
  }
  await db.insertInto('benchRuns').values(row).execute()
}

/** A board with this MAC begins. */
async function named(mac: string, given: { id?: string; code?: string } = {}) {
  const id = given.id ?? uuid7()
  if (given.id === undefined)
    await db
      .insertInto('flashJobs')
      .values({
        id,
        runId,
        tenantId: 't',
        kind: 'gateway',
        port: '{}',
        portIdentity: id,
        state: 'running',
        step: 'preparing',
        mac,
        code: given.code ?? null,
        startedAt: 1,
        startedById: null,
        startedByName: 'Ana',
      })
      .execute()
  const name = await reserveName(db, { jobId: id, runId, mac, label: likelyLabel(mac) })
  return { id, ...name }
}
const fail = (id: string) =>
  db.updateTable('flashJobs').set({ state: 'failed' }).where('id', '=', id).execute()
const mac = (n: number) => `24:6f:28:00:00:0${n}`

test('numbers go up, each to one board, also where boards come at once; a retry and the same board keep theirs', async () => {
  await openRun({ namePattern: 'Press {n}, {label}' })
  const names = await Promise.all([1, 2, 3].map((n) => named(mac(n))))
  expect(names.map(({ code }) => code).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'GW001',
    'GW002',
    'GW003',
  ])
  const [first] = names
  expect(first?.name).toBe(`Press ${Number(first?.code.slice(2))}, ESP-000001`)
  await fail(first?.id ?? '')
  expect((await named(mac(1), { id: first?.id ?? '' })).code).toBe(first?.code)
  expect((await named(mac(1))).code).toBe(first?.code)
  expect((await named(mac(4))).code).toBe('GW004')
  const run = await runById(db, { all: true }, runId)
  const of = { tenantId: 't', setup: run?.setup as BenchSetup, nextNumber: run?.nextNumber ?? 0 }
  expect(await peekNames(db, { ...of, jobs: await jobsOfRun(db, runId) }, 2)).toEqual([
    { code: 'GW005', name: 'Press 5, ESP-000000' },
    { code: 'GW006', name: 'Press 6, ESP-000000' },
  ])
})

test('a plan: its line by MAC, else the next without one, until it is used up; a code by hand', async () => {
  await openRun({
    plan: [
      { code: 'P1', name: 'Press' },
      { code: 'P2', mac: '24-6F-28-00-00-02' },
      { code: 'P3' },
      { code: 'P4' },
    ],
  })
  const second = await named(mac(2))
  expect([second.code, (await named(mac(1))).code]).toEqual(['P2', 'P1'])
  const run = await runById(db, { all: true }, runId)
  if (!run) throw new Error('no run')
  await takeCode(db, run, 'P4')
  expect((await named(mac(3), { code: 'P4' })).code).toBe('P4')
  const last = await named(mac(4))
  expect(last.code).toBe('P3')
  await expect(named(mac(5))).rejects.toMatchObject({ code: 'plan_used_up' })
  await expect(takeCode(db, run, 'P9')).rejects.toMatchObject({ code: 'plan_unknown_code' })
  await expect(takeCode(db, run, 'P3')).rejects.toMatchObject({ code: 'code_taken' })
  // Of a board that came to nothing another may take it.
  await fail(last.id)
  await takeCode(db, run, 'P3')
  expect((await named(mac(6), { code: 'P3' })).code).toBe('P3')
})

test('a board that is a gateway keeps its code: another one is refused by name, by hand and in the plan', async () => {
  await openRun({ plan: [{ code: 'P2', mac: '24-6F-28-00-00-02' }, { code: 'P3' }] })
  const run = await runById(db, { all: true }, runId)
  if (!run) throw new Error('no run')
  const { id: jobId } = await named(mac(1))
  const given = async (code: string | null, of: string, known: string) => {
    await db.updateTable('flashJobs').set({ code, name: null }).where('id', '=', jobId).execute()
    return requireOwnCode(db, { jobId, run, mac: of, code: known })
  }
  await expect(given('OTHER', mac(1), 'GW007')).rejects.toMatchObject({
    code: 'board_has_code',
    data: { mac: mac(1), code: 'OTHER' },
  })
  await expect(given(null, mac(2), 'GW007')).rejects.toMatchObject({ code: 'board_has_code' })
  await given('GW007', mac(1), 'GW007')
  await given(null, mac(1), 'GW007')
  // What a job took for a board that was new then is no wish of a person.
  await db.updateTable('flashJobs').set({ code: 'P3', name: 'P3' }).where('id', '=', jobId).execute()
  await requireOwnCode(db, { jobId, run, mac: mac(1), code: 'GW007' })
})
