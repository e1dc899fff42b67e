import { rm } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import type { Job } from '#contract/model/job.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite } from '#tests/fixtures/site.ts'
import { type SiteProcess, serve } from '#tests/fixtures/site-process.ts'

const ROWS = 80_000
const from = Date.parse('2026-02-17T00:00:00Z')

let dataDir = ''
let process: SiteProcess | null = null
afterAll(async () => {
  await process?.kill()
  await rm(dataDir, { recursive: true, force: true })
})

const api = '/api/v1'

async function jobOf(site: SiteProcess, id: string): Promise<Job> {
  return (await site.local.get(`${api}/jobs/${id}`)).json
}

async function ended(site: SiteProcess, id: string): Promise<Job> {
  return eventually(
    async () => {
      const job = await jobOf(site, id)
      return job.endedAt === null ? null : job
    },
    'the end of the job',
    120_000,
  )
}

/** Kills the site while a job is under way; resolves with the next one. */
async function killDuring(site: SiteProcess, id: string): Promise<SiteProcess> {
  await eventually(async () => {
    const { state, progress } = await jobOf(site, id)
    expect(state).not.toBe('done')
    return progress.total !== null && progress.done > progress.total * 0.55
  }, 'progress of the job')
  await site.kill()
  return serve(dataDir)
}

test('an import and an export that are killed in the middle go on by themselves, and lack nothing', async () => {
  const first = await startSite()
  dataDir = first.dataDir
  await first.local.post(`${api}/gateways/provision`, { code: 'GW001', name: 'Pump' })
  await first.engine.stop()
  let site = await serve(dataDir)
  process = site

  let csv = 'time,level,flow\n'
  for (let row = 0; row < ROWS / 2; row++) csv += `${from + row * 1_000},${row},${(row % 977) / 10}\n`
  const started = await site.local.send('POST', `${api}/telemetry/import?gateway=GW001&name=big.csv`, csv, {
    'content-type': 'text/csv',
  })
  expect(started.status).toBe(202)
  site = await killDuring(site, started.json.id)
  process = site
  const imported = await ended(site, started.json.id)
  expect(imported).toMatchObject({
    state: 'done',
    attempts: 2,
    result: { readings: ROWS, refused: 0, corrections: 0 },
  })

  const range = { from, to: from + ROWS * 1_000 }
  const asked = { gateways: ['GW001'], ...range }
  const whole = await site.local.get(
    `${api}/telemetry/export?gateway=GW001&from=${range.from}&to=${range.to}`,
  )
  const lines = whole.text.trimEnd().split('\r\n')
  expect(lines.length).toBe(ROWS + 1)
  expect(new Set(lines).size).toBe(ROWS + 1)

  const writing = await site.local.post(`${api}/telemetry/exports`, { ...asked, format: 'parquet' })
  const waiting = await site.local.post(`${api}/telemetry/exports`, asked)
  await site.kill()
  site = await serve(dataDir)
  process = site
  expect(await ended(site, writing.json.id)).toMatchObject({ state: 'done', result: { readings: ROWS } })
  const { file } = await ended(site, waiting.json.id)
  expect(file?.bytes).toBe(whole.bytes.byteLength)
  const written = await site.local.get(`${api}/jobs/${waiting.json.id}/file`)
  expect(written.bytes.equals(whole.bytes)).toBe(true)
})
