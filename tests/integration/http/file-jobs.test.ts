import http from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Job } from '#contract/model/job.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type Api, People } from './people.ts'

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

async function endedFor(client: Api, jobId: string): Promise<void> {
  await eventually(async () => (await client.jobs.get({ jobId })).endedAt !== null, 'the end of their job')
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  )

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

describe('rights that end after a job was asked for', () => {
  let tenant: string
  let hall: string
  let yard: string
  beforeAll(async () => {
    tenant = (await site.local.get(`${api}/tenants`)).json.tenants[0].id
    const group = async (name: string) =>
      (await site.local.post(`${api}/groups`, { tenant, parent: null, name })).json.id
    ;[hall, yard] = [await group('Hall'), await group('Yard')]
    await site.local.post(`${api}/gateways/provision`, { code: 'GW002', name: 'Fan', tenant, group: hall })
    await ended((await importCsv('gateway=GW002')).json.id)
  })
  const place = (group: string) => site.local.post(`${api}/gateways/GW002/place`, { tenant, group })

  test('its file is not to be had, and it is not started again, until the gateway is theirs again', async () => {
    const person = await people.addWithin('operator', tenant, [hall])
    const client = await people.api(person)
    const { uploadId } = await client.telemetryFiles.upload({
      name: 'a.csv',
      offset: 0,
      data: Buffer.from(csv).toString('base64'),
    })
    const checked = await client.telemetryFiles.startImport({
      source: uploadId,
      gateway: 'GW002',
      dryRun: true,
    })
    const exported = await client.telemetryFiles.startExport({ gateways: ['GW002'] })
    for (const { id } of [checked, exported]) expect(await ended(id)).toMatchObject({ state: 'done' })
    const cookie = await people.cookie(person)
    const outcomes = async () => [
      await codeOf(client.jobs.filePart({ jobId: exported.id, offset: 0 })),
      (await site.browser.get(`${api}/jobs/${exported.id}/file`, { cookie })).status,
      await codeOf(client.jobs.retry({ jobId: exported.id })),
      await codeOf(client.jobs.retry({ jobId: checked.id })),
    ]
    await place(yard)
    expect(await outcomes()).toEqual(['not_found', 404, 'not_found', 'not_found'])
    await place(hall)
    expect(await outcomes()).toEqual(['ok', 200, 'ok', 'ok'])
  })

  test('exports of the audit and of a tenant need what they needed when they were asked for', async () => {
    const person = await people.add('tenant_admin', tenant)
    const client = await people.api(person)
    const jobs = [
      await client.audit.startExport({ format: 'csv' }),
      await client.privacy.exportTenant({ tenant, format: 'csv' }),
    ]
    await Promise.all(jobs.map(({ id }) => endedFor(client, id)))
    const outcomes = () =>
      Promise.all(jobs.map(({ id }) => codeOf(client.jobs.filePart({ jobId: id, offset: 0 }))))
    expect(await outcomes()).toEqual(['ok', 'ok'])
    await people.db.updateTable('memberships').set({ reach: 'own' }).where('userId', '=', person.id).execute()
    expect(await outcomes()).toEqual(['forbidden_reach', 'forbidden_reach'])
  })
})

test('an upload is of the key that began it, and of no other', async () => {
  const south = await site.engine.createTenant({ slug: 'south', name: 'South' })
  const keys: Record<string, string>[] = []
  for (const tenantId of [(await site.local.get(`${api}/tenants`)).json.tenants[0].id, south.id]) {
    const client = await people.api(await people.add('tenant_admin', tenantId))
    const { secret } = await client.apiKeys.create({ name: 'k', scopes: ['gateways:write'] })
    keys.push({ authorization: `Bearer ${secret}` })
  }
  const [mine, other] = keys
  const part = (headers: Record<string, string> | undefined, more: object) =>
    site.browser.post(
      `${api}/telemetry/uploads`,
      { name: 'x.csv', data: 'eA==', offset: 0, ...more },
      headers,
    )
  const { uploadId } = (await part(mine, {})).json
  expect((await part(other, { uploadId, offset: 1 })).json).toMatchObject({ code: 'not_found' })
  // As many as one may have: another's own gives way to none of them.
  for (let n = 0; n < 4; n++) expect((await part(other, {})).status).toBe(200)
  expect((await part(mine, { uploadId, offset: 1 })).json).toMatchObject({ uploadId, bytes: 2 })
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
