import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Job } from '#contract/model/job.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People } from './people.ts'

const api = '/api/v1'
const csv = 'time,level\n1767225600000,1\n1767225601000,2\n'

let site: TestSite
let people: People
beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  await site.local.post(`${api}/gateways/provision`, { code: 'GW001', name: 'Pump' })
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

async function ended(id: string): Promise<Job> {
  return eventually(async () => {
    const job: Job = (await site.local.get(`${api}/jobs/${id}`)).json
    return job.endedAt === null ? null : job
  }, 'the end of the job')
}

const importCsv = (query: string) =>
  site.local.send('POST', `${api}/telemetry/import?${query}`, csv, { 'content-type': 'text/csv' })

const recorded = (action: string, id: string) =>
  people.db
    .selectFrom('auditEntries')
    .select(['outcome', 'details'])
    .where('action', '=', action)
    .where('objectId', '=', id)
    .execute()

test('a file that says it is too large is refused as one, before it travels', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const request = http.request({
      socketPath: site.addresses.socket ?? '',
      path: `${api}/telemetry/import?gateway=GW001`,
      method: 'POST',
      headers: { 'content-type': 'text/csv', 'content-length': 3 * 1024 ** 3 },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('close', () => resolve(text))
      response.on('end', () => request.destroy())
    })
    request.flushHeaders()
  })
  expect(JSON.parse(answer)).toMatchObject({
    status: 413,
    code: 'import_too_large',
    data: { limit: 2 * 1024 ** 3 },
  })
})

test('an upload begins at its beginning', async () => {
  const answer = await site.local.post(`${api}/telemetry/uploads`, { name: 'x.csv', offset: 7, data: 'eA==' })
  expect(answer.json).toMatchObject({ status: 400, code: 'input_invalid' })
})

test('history from a file does not make a silent gateway look alive', async () => {
  const { id } = (await importCsv('gateway=GW001&name=a.csv')).json
  expect(await ended(id)).toMatchObject({ state: 'done', result: { stored: 2 } })
  await eventually(async () => {
    const { channels } = (await site.local.get(`${api}/telemetry/latest?gateway=GW001`)).json
    return channels[0]?.latest?.value === 2
  }, 'its newest reading')
  expect((await site.local.get(`${api}/gateways/GW001`)).json.lastSeenAt).toBeNull()
  expect(await recorded('telemetry.import.start', id)).toEqual([
    { outcome: 'done', details: JSON.stringify({ gateway: 'GW001', fileName: 'a.csv', dryRun: false }) },
  ])
})

test('a file is fetched with one entry in the audit, from wherever that begins', async () => {
  const started = await site.local.post(`${api}/telemetry/exports`, { gateways: ['GW001'] })
  const { id } = await ended(started.json.id)
  const fetchFrom = (offset: number) =>
    site.local.get(`${api}/jobs/${id}/file`, { range: `bytes=${offset}-` })
  expect((await fetchFrom(1)).status).toBe(206)
  expect(await recorded('job.download', id)).toHaveLength(1)
  await fetchFrom(2)
  expect(await recorded('job.download', id)).toHaveLength(1)
  const client = await people.api(await people.add('site_admin', null))
  await client.jobs.filePart({ jobId: id, offset: 1 })
  expect(await recorded('job.download', id)).toHaveLength(2)
  await client.jobs.filePart({ jobId: id, offset: 2 })
  expect(await recorded('job.download', id)).toHaveLength(2)
})

test('an import that waits while its gateway is given away is not stored for the new owner', async () => {
  const checked = (await importCsv('gateway=GW001&dryRun=true')).json
  await ended(checked.id)
  const [row] = await people.db.selectFrom('jobs').select('params').where('id', '=', checked.id).execute()
  const params = JSON.parse(row?.params ?? '{}')
  expect(params.assignmentId).toMatch(/^[0-9a-f-]{36}$/)
  // Params of a job never change; this one is as if the gateway had been assigned anew since.
  await site.engine.stop()
  await people.db
    .updateTable('jobs')
    .set({ params: JSON.stringify({ ...params, assignmentId: params.gatewayId }), state: 'queued' })
    .set({ endedAt: null, expiresAt: null })
    .where('id', '=', checked.id)
    .execute()
  const again = await startSite({ dataDir: site.dataDir })
  const failed = await eventually(async () => {
    const job: Job = (await again.local.get(`${api}/jobs/${checked.id}`)).json
    return job.endedAt === null ? null : job
  }, 'the end of the job')
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'gateway_state_conflict' } })
  await again.engine.stop()
})
