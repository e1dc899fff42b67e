import { rm } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { ended, importSimFirmware, jobsOf, openRun } from '#tests/fixtures/bench.ts'
import { startBoards, type TestBoards } from '#tests/fixtures/boards.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite } from '#tests/fixtures/site.ts'
import { anyPorts, type SiteProcess, serve } from '#tests/fixtures/site-process.ts'

const api = '/api/v1'
const COUNT = 16

let dataDir = ''
let running: SiteProcess | null = null
let boards: TestBoards | null = null
afterAll(async () => {
  await running?.kill()
  await boards?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

test('an engine that is killed in the middle of sixteen boards leaves whole gateways and boards that can be retried', async () => {
  boards = await startBoards(COUNT, { each: (index) => ({ faults: { slowErase: index * 40 } }) })
  process.env['MILLWRIGHT_SIMULATED_PORTS'] = boards.folder
  const first = await startSite()
  dataDir = first.dataDir
  const bundleId = await importSimFirmware(first.local)
  await first.engine.stop()

  let site = await serve(dataDir)
  running = site
  const runId = await openRun(site.local, { bundleId, expected: COUNT })
  await eventually(
    async () => {
      const jobs = await jobsOf(site.local, runId)
      return jobs.filter(({ committed }) => committed).length >= 2
    },
    'gateways that stand',
    30_000,
  )
  await site.kill()

  // Boards that were let go look for the broker where it was.
  site = await serve(dataDir, [...anyPorts.slice(0, -1), String(site.mqttsPort)])
  running = site
  const after = await ended(site.local, runId, COUNT)
  const states = Map.groupBy(after, ({ state }) => state)
  // What stood when it was killed goes on by itself; the rest is interrupted, and its number is kept.
  expect([...states.keys()].toSorted()).toEqual(['interrupted', 'passed'])
  for (const job of after) expect(job.state === 'passed').toBe(job.committed)
  const { gateways: whole } = (await site.local.get(`${api}/gateways`)).json
  expect(whole).toHaveLength(states.get('passed')?.length ?? 0)

  const retried = await site.local.post(`${api}/bench/runs/${runId}/retry`, {})
  expect(retried.json).toMatchObject({ absent: 0 })
  const jobs = await ended(site.local, runId, COUNT)
  expect(jobs.map(({ state, error }) => error?.code ?? state)).toEqual(
    Array.from({ length: COUNT }, () => 'passed'),
  )
  const { gateways } = (await site.local.get(`${api}/gateways`)).json
  const codes = gateways.map(({ code }: { code: string }) => code)
  expect(codes.toSorted()).toEqual(
    Array.from({ length: COUNT }, (_, index) => `GW${String(index + 1).padStart(3, '0')}`),
  )
  expect(gateways.every(({ online }: { online: boolean }) => online)).toBe(true)
})
