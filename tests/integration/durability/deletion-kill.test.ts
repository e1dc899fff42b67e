import { readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite } from '#tests/fixtures/site.ts'
import { type SiteProcess, serve } from '#tests/fixtures/site-process.ts'
import { millwright } from '../cli/command.ts'

const SECRET = 'recipe of the goat cheese'
const GATEWAYS = 12
const ROWS = 4_000
const from = Date.parse('2026-05-17T00:00:00Z')

let dataDir = ''
let process: SiteProcess | null = null
afterAll(async () => {
  await process?.kill()
  await rm(dataDir, { recursive: true, force: true })
})

const api = '/api/v1'

function filesWith(text: string): string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text))
}

/** Kills the site once the deletion has come so far. False where it was done before: it is looked at without a pause. */
async function killedAt(site: SiteProcess, step: number): Promise<boolean> {
  const end = Date.now() + 30_000
  while (Date.now() < end) {
    const [job] = (await site.local.get(`${api}/jobs?kind=privacy.tenant_deletion`)).json.jobs
    if (job?.state === 'done') return false
    if (!job || job.progress.done < step) continue
    await site.kill()
    return true
  }
  throw new Error(`The deletion did not come to step ${step}`)
}

test('a deletion that is killed in the middle goes on by itself, and leaves not a byte', {
  timeout: 180_000,
}, async () => {
  const first = await startSite()
  dataDir = first.dataDir
  const kept = (await first.local.get(`${api}/tenants`)).json.tenants[0].id
  await first.local.post(`${api}/tenants`, { name: 'Aurora', slug: 'aurora' })
  for (const [tenant, count, text] of [
    [kept, 2, 'what stays'],
    ['aurora', GATEWAYS, SECRET],
  ] as const)
    for (let n = 1; n <= count; n++) {
      const code = `GW${n}`
      const made = await first.local.post(`${api}/gateways/provision`, { code, name: code, tenant })
      await first.engine.importReadings(
        made.json.gateway_id,
        Array.from({ length: ROWS }, (_, at) => ({
          channel: 'note',
          kind: 'text' as const,
          unit: null,
          ts: from + at * 600_000,
          value: `${text} ${n} ${at}`,
          quality: 0,
        })),
      )
    }
  const picture = async (site: Pick<SiteProcess, 'local'>) =>
    (await site.local.get(`${api}/telemetry/export?tenant=${kept}&from=0`)).text
  const before = await picture(first)
  expect(before.split('\r\n').length).toBe(2 * ROWS + 2)
  const asked = { confirm: 'aurora', withoutExport: true }
  expect((await first.local.post(`${api}/tenants/aurora/deletion`, asked)).status).toBe(200)
  await first.engine.stop()
  expect(filesWith(SECRET).length).toBeGreaterThan(0)
  // Two weeks later.
  const store = new Database(join(dataDir, 'site.sqlite'))
  store.prepare(`update tenants set deletionAt = 1 where slug = 'aurora'`).run()
  store.close()

  let kills = 0
  // A job that ended the site three times waits an hour: twice is what it bears at once.
  for (const step of [0, 1]) {
    process = await serve(dataDir)
    // Too fast for us: it runs on.
    if (!(await killedAt(process, step))) break
    process = null
    kills += 1
  }
  expect(kills).toBeGreaterThan(0)
  process ??= await serve(dataDir)
  const { local } = process
  await eventually(
    async () => (await local.get(`${api}/jobs?kind=privacy.tenant_deletion&state=done`)).json.jobs.length > 0,
    'the end of the deletion',
    60_000,
  )
  expect((await local.get(`${api}/tenants/aurora`)).status).toBe(404)
  expect(await picture(process)).toBe(before)
  expect(filesWith(SECRET)).toEqual([])
  expect(await process.stop()).toBe(0)
  expect(filesWith(SECRET)).toEqual([])
  expect((await millwright(['audit', 'verify', '--data', dataDir])).code).toBe(0)
  expect((await millwright(['historian', 'verify', '--data', dataDir])).code).toBe(0)
})
