import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Channel } from '#contract/model/channel.ts'
import type { Job } from '#contract/model/job.ts'
import type { ImportReport } from '#contract/model/telemetry-file.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People, type Person } from './people.ts'

const api = '/api/v1'
const from = Date.parse('2026-02-17T10:00:00Z')
const to = from + 3_600_000

let site: TestSite
let people: People
let tenantId: string
let operator: Person
let viewer: Person
let other: Person

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  const { tenants } = (await site.local.get(`${api}/tenants`)).json
  tenantId = tenants[0].id
  const foreign = await site.engine.createTenant({ slug: 'south', name: 'South' })
  operator = await people.add('operator', tenantId)
  viewer = await people.add('viewer', tenantId)
  other = await people.add('tenant_admin', foreign.id)
  for (const code of ['SOURCE', 'COPY', 'WIDE', 'EMPTY'])
    await site.local.post(`${api}/gateways/provision`, { code, name: code, tenant: tenantId })
  const gateway = (await site.local.get(`${api}/gateways/SOURCE`)).json
  await site.engine.importReadings(gateway.id, [
    ...Array.from({ length: 3_000 }, (_, index) => ({
      channel: 'meter/temperature',
      kind: 'number' as const,
      unit: '°C',
      ts: from + index * 1_000 + (index % 7),
      value: index % 11 === 0 ? Math.PI * index : Math.round(index * 3.7) / 100,
      quality: index % 100 === 0 ? 1 : 0,
    })),
    ...Array.from({ length: 50 }, (_, index) => ({
      channel: 'pump',
      kind: 'boolean' as const,
      unit: null,
      ts: from + index * 60_000,
      value: index % 2 === 0,
      quality: 0,
    })),
    ...['auto', '=1+1', "'@x", 'two\nlines', 'semi;colon, "q"'].map((value, index) => ({
      channel: 'mode [raw]',
      kind: 'text' as const,
      unit: null,
      ts: from + index * 60_000,
      value,
      quality: 0,
    })),
  ])
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

const as = async (person: Person) => ({ cookie: await people.cookie(person) })
const range = `from=${from}&to=${to}`

async function ended(id: string): Promise<Job & { log: unknown[] }> {
  return eventually(async () => {
    const { json } = await site.local.get(`${api}/jobs/${id}`)
    return json.endedAt === null ? null : json
  }, 'the end of the job')
}

async function exported(query: string): Promise<string> {
  const answer = await site.local.get(`${api}/telemetry/export?${query}&${range}`)
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, ''])
  return answer.text
}

async function imported(
  gateway: string,
  body: string,
  query = '',
): Promise<{ job: Job; report: ImportReport }> {
  const answer = await site.local.send(
    'POST',
    `${api}/telemetry/import?gateway=${gateway}&name=h.csv${query}`,
    body,
    {
      'content-type': 'text/csv',
    },
  )
  expect([answer.status, answer.json?.message]).toEqual([202, undefined])
  const job = await ended(answer.json.id)
  return { job, report: job.result as ImportReport }
}

describe('round trip', () => {
  test('what is exported from one gateway and imported to another is exported from there again', async () => {
    const source = await exported('gateway=SOURCE')
    expect(source.split('\r\n').length).toBeGreaterThan(3_050)
    const { report } = await imported('COPY', source)
    expect(report).toMatchObject({
      readings: 3_055,
      stored: 3_055,
      refused: 0,
      equal: 0,
      corrections: 0,
      newChannels: 3,
    })
    expect((await exported('gateway=COPY')).replaceAll('COPY,', 'SOURCE,')).toBe(source)
  })

  test('imported once more, all is there already; a changed value is a correction', async () => {
    const copy = await exported('gateway=COPY')
    const { report } = await imported('COPY', copy)
    expect(report).toMatchObject({ stored: 0, equal: 3_055, corrections: 0, newChannels: 0 })
    const changed = copy
      .replace(/^(COPY,pump,,\S+?),true,0$/m, '$1,false,0')
      .replace(/^COPY,pump,,\S+\r\n/m, '')
    expect(changed).not.toBe(copy)
    expect((await imported('COPY', changed)).report).toMatchObject({
      stored: 0,
      equal: 3_054,
      corrections: 0,
    })
    const corrected = copy.replace('0.04,0', '99,0')
    expect((await imported('COPY', corrected)).report).toMatchObject({
      stored: 0,
      equal: 3_054,
      corrections: 1,
    })
    expect(await exported('gateway=COPY')).toContain(',99,0')
  })

  test('wide, the same', async () => {
    const source = await exported('gateway=SOURCE&layout=wide')
    expect(source.split('\r\n')[0]).toBe('time,meter/temperature [°C],mode [raw] [],pump')
    const { report } = await imported('WIDE', source)
    expect(report).toMatchObject({ format: { layout: 'wide' }, stored: 3_055, refused: 0 })
    expect(await exported('gateway=WIDE&layout=wide')).toBe(source)
  })

  test('readings that are imported are not counted as arriving', async () => {
    const { json } = await site.local.get(`${api}/overview`)
    expect(json.ingest.perSecond).toBe(0)
  })
})

describe('export', () => {
  test('as a job: it ends, and its file is the same as the stream, in parts too', async () => {
    const stream = await exported('gateway=SOURCE&gateway=WIDE')
    const started = await site.local.post(`${api}/telemetry/exports`, {
      gateways: ['SOURCE', 'WIDE'],
      from,
      to,
    })
    expect(started.status).toBe(202)
    const job = await ended(started.json.id)
    expect(job).toMatchObject({
      state: 'done',
      kind: 'telemetry.export',
      subject: 'SOURCE WIDE',
      tenantId,
      progress: { done: 1_000, total: 1_000 },
      result: { readings: 6_110, channels: 6, damaged: 0, missingChannels: 0 },
    })
    const file = await site.local.get(`${api}/jobs/${job.id}/file`)
    expect(file.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="SOURCE-WIDE_2026-02-17T1000Z_2026-02-17T1100Z.csv"',
      'content-length': String(job.file?.bytes),
    })
    expect(file.text).toBe(stream)
    const part = await site.local.get(`${api}/jobs/${job.id}/file`, { range: 'bytes=100-199' })
    expect(part.status).toBe(206)
    expect(part.headers['content-range']).toBe(`bytes 100-199/${job.file?.bytes}`)
    expect(part.bytes).toEqual(file.bytes.subarray(100, 200))
    const none = await site.local.get(`${api}/jobs/${job.id}/file`, { range: 'bytes=99999999-' })
    expect(none.status).toBe(416)
  })

  test('Parquet, in either way, holds for DuckDB what the store holds', async () => {
    const answer = await site.local.get(`${api}/telemetry/export?gateway=SOURCE&format=parquet&${range}`)
    expect(answer.headers['content-type']).toBe('application/vnd.apache.parquet')
    const file = join(site.dataDir, 'x.parquet')
    writeFileSync(file, answer.bytes)
    const db = await DuckDBInstance.create(':memory:')
    const connection = await db.connect()
    const rows = await connection.runAndReadAll(
      `select channel, kind, count(*)::int, count(value)::int, count(text)::int, sum(quality)::int
       from '${file}' group by all order by channel`,
    )
    expect(rows.getRowsJson()).toEqual([
      ['meter/temperature', 'number', 3_000, 3_000, 0, 30],
      ['mode [raw]', 'text', 5, 0, 5, 0],
      ['pump', 'boolean', 50, 50, 0, 0],
    ])
    connection.closeSync()
    db.closeSync()
  })

  test('CSV, in sqlite3', async () => {
    const file = join(site.dataDir, 'x.csv')
    writeFileSync(file, await exported('gateway=SOURCE&channel=pump,meter/temperature'))
    const sql = 'select channel, count(*) as n, min(time) as first from r group by 1 order by 1;'
    const output = execFileSync('sqlite3', [':memory:', '-cmd', `.import --csv ${file} r`, '-json', sql])
    expect(JSON.parse(output.toString())).toEqual([
      { channel: 'meter/temperature', n: 3_000, first: '2026-02-17T10:00:00.000Z' },
      { channel: 'pump', n: 50, first: '2026-02-17T10:00:00.000Z' },
    ])
  })

  test('by interval', async () => {
    const rows = (
      await exported('gateway=SOURCE&channel=pump&layout=wide&interval=600000&functions=count,last')
    ).split('\r\n')
    expect(rows[0]).toBe('time,pump count,pump last')
    expect(rows.slice(1, -1)).toEqual(
      [0, 10, 20, 30, 40].map((minute) => `2026-02-17T10:${String(minute).padStart(2, '0')}:00.000Z,10,0`),
    )
  })

  test.each([
    ['gateway=NOBODY', 404, 'not_found'],
    ['gateway=SOURCE&channel=nothing', 404, 'not_found'],
    ['gateway=SOURCE&from=yesterday', 400, 'range_invalid'],
    ['gateway=SOURCE&format=xlsx', 400, 'input_invalid'],
    ['gateway=SOURCE&layout=wide&functions=median', 400, 'input_invalid'],
  ])('%s is refused', async (query, status, code) => {
    expect((await site.local.get(`${api}/telemetry/export?${query}`)).json).toMatchObject({ status, code })
  })
})

describe('import', () => {
  const file = 'time;a [bar];b\r\n2026-02-17 07:00:00;1,5;x\r\n2026-02-17 07:00:01;NaN;\r\nsoon;2;z\r\n'
  const options = '&timeZone=America/Sao_Paulo'

  test('a dry run tells what is in the file and stores nothing; then the same file is imported', async () => {
    const { job, report } = await imported('EMPTY', file, `${options}&dryRun=true`)
    expect(report).toMatchObject({
      dryRun: true,
      format: { layout: 'wide', separator: ';', decimal: ',', timeZone: 'America/Sao_Paulo' },
      rows: 3,
      readings: 2,
      empty: 1,
      refused: 3,
      from,
      to: from + 1_000,
      channels: [
        { channel: 'a', unit: 'bar', kind: 'number', isNew: true, readings: 1 },
        { channel: 'b', kind: 'text', isNew: true, readings: 1 },
      ],
      problems: [
        { line: 3, column: 'a', problem: 'not_finite', text: 'NaN' },
        { line: 4, column: 'a', problem: 'time', text: 'soon' },
        { line: 4, column: 'b', problem: 'time', text: 'soon' },
      ],
      stored: 0,
    })
    expect((await site.local.get(`${api}/channels?gateway=EMPTY`)).json.channels).toEqual([])
    const real = await site.local.post(`${api}/telemetry/imports`, {
      source: job.id,
      gateway: 'EMPTY',
      timeZone: 'America/Sao_Paulo',
    })
    expect(await ended(real.json.id)).toMatchObject({ state: 'done', result: { stored: 2, refused: 3 } })
    const { channels } = (await site.local.get(`${api}/channels?gateway=EMPTY`)).json
    expect(channels.map(({ key, unit, latest }: Channel) => [key, unit, latest?.value, latest?.ts])).toEqual([
      ['a', 'bar', 1.5, from],
      ['b', null, 'x', from],
    ])
    // The check is gone, and the import is done with its file.
    const importFrom = (source: string) =>
      site.local.post(`${api}/telemetry/imports`, { source, gateway: 'EMPTY' })
    expect((await importFrom(job.id)).json).toMatchObject({ status: 404, code: 'not_found' })
    expect((await importFrom(real.json.id)).json).toMatchObject({ status: 410, code: 'import_file_gone' })
  })

  test('what is no CSV fails with the reason, and can be tried again with other options', async () => {
    const { job } = await imported('EMPTY', 'nothing here')
    expect(job).toMatchObject({ state: 'failed', error: { code: 'import_file_invalid' } })
    const again = await site.local.post(`${api}/jobs/${job.id}/retry`)
    expect(again.status).toBe(202)
    expect(await ended(again.json.id)).toMatchObject({ state: 'failed' })
  })

  test.each([
    ['gateway=NOBODY', 'text/csv', 404, 'not_found'],
    ['gateway=EMPTY&timeZone=Mars', 'text/csv', 400, 'time_zone_unknown'],
    ['gateway=EMPTY&separator=x', 'text/csv', 400, 'input_invalid'],
    ['gateway=EMPTY', 'application/json', 415, 'media_type_unsupported'],
  ])('%s as %s is refused', async (query, type, status, code) => {
    const answer = await site.local.send('POST', `${api}/telemetry/import?${query}`, '{}', {
      'content-type': type,
    })
    expect(answer.json).toMatchObject({ status, code })
  })

  test('in parts, each where the last one ended', async () => {
    const part = (input: object) => site.local.post(`${api}/telemetry/uploads`, input)
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const first = await part({ name: 'parts.csv', offset: 0, data: base64(file.slice(0, 30)) })
    const { uploadId } = first.json
    expect(first.json.bytes).toBe(30)
    expect((await part({ uploadId, offset: 5, data: base64('x') })).json).toMatchObject({ code: 'not_found' })
    await part({ uploadId, offset: 30, data: base64(file.slice(30)) })
    const job = await site.local.post(`${api}/telemetry/imports`, {
      source: uploadId,
      gateway: 'EMPTY',
      dryRun: true,
    })
    expect(await ended(job.json.id)).toMatchObject({ subject: 'EMPTY parts.csv', result: { rows: 3 } })
  })
})

describe('whose jobs', () => {
  test('people see their own, who changes gateways those of the tenant, nobody those of another tenant', async () => {
    const mine = await site.browser.post(
      `${api}/telemetry/exports`,
      { gateways: ['SOURCE'], from, to },
      { ...(await as(viewer)), origin: site.addresses.http ?? '' },
    )
    expect(mine.status).toBe(202)
    const { id } = await ended(mine.json.id)
    const theirs = (await site.local.post(`${api}/telemetry/exports`, { gateways: ['SOURCE'], from, to }))
      .json.id
    await ended(theirs)
    const see = async (person: Person, job: string) => {
      const headers = { ...(await as(person)), origin: site.addresses.http ?? '' }
      const { jobs } = (await site.browser.get(`${api}/jobs?limit=500`, headers)).json
      const one = await site.browser.get(`${api}/jobs/${job}`, headers)
      const file = await site.browser.get(`${api}/jobs/${job}/file`, headers)
      return [jobs.some((each: Job) => each.id === job), one.status, file.status]
    }
    expect(await see(viewer, id)).toEqual([true, 200, 200])
    expect(await see(viewer, theirs)).toEqual([false, 404, 404])
    expect(await see(operator, theirs)).toEqual([true, 200, 200])
    expect(await see(other, id)).toEqual([false, 404, 404])
    const headers = { ...(await as(other)), origin: site.addresses.http ?? '' }
    for (const [method, path] of [
      ['POST', `jobs/${id}/cancel`],
      ['POST', `jobs/${id}/retry`],
      ['DELETE', `jobs/${id}`],
    ] as const)
      expect((await site.browser.send(method, `${api}/${path}`, undefined, headers)).status).toBe(404)
    const foreign = await site.browser.post(`${api}/telemetry/exports`, { gateways: ['SOURCE'] }, headers)
    expect(foreign.json).toMatchObject({ status: 404, code: 'not_found' })
    const stolen = await site.browser.send(
      'POST',
      `${api}/telemetry/import?gateway=SOURCE`,
      'time,a\n1771322400,1\n',
      {
        ...headers,
        'content-type': 'text/csv',
      },
    )
    expect(stolen.json).toMatchObject({ status: 404, code: 'not_found' })
    const viewers = { ...(await as(viewer)), origin: site.addresses.http ?? '', 'content-type': 'text/csv' }
    const refused = await site.browser.send(
      'POST',
      `${api}/telemetry/import?gateway=SOURCE`,
      'time,a\n',
      viewers,
    )
    expect(refused.json).toMatchObject({ status: 403, code: 'forbidden' })
  })

  test('a job is deleted with its file', async () => {
    const { id } = (await site.local.post(`${api}/telemetry/exports`, { gateways: ['EMPTY'], from, to })).json
    await ended(id)
    expect((await site.local.send('DELETE', `${api}/jobs/${id}`)).status).toBe(200)
    expect((await site.local.get(`${api}/jobs/${id}/file`)).status).toBe(404)
    expect((await site.local.get(`${api}/jobs/${id}`)).status).toBe(404)
  })

  test('what was started, cancelled and fetched is in the audit', async () => {
    const actions = await people.db
      .selectFrom('auditEntries')
      .select(['action', 'outcome'])
      .where('objectKind', 'in', ['job', 'telemetry'])
      .execute()
    const done = new Set(actions.filter(({ outcome }) => outcome === 'done').map(({ action }) => action))
    for (const action of [
      'telemetry.export',
      'telemetry.export.start',
      'telemetry.import.start',
      'job.retry',
      'job.delete',
      'job.download',
    ])
      expect(done).toContain(action)
  })
})
