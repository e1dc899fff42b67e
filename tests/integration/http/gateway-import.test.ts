import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unpack } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { mosquittoPub } from '#tests/fixtures/mosquitto.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { millwright } from '../cli/command.ts'

let site: TestSite
let folder = ''
beforeAll(async () => {
  site = await startSite()
  folder = await mkdtemp(join(tmpdir(), 'mw-csv-'))
})
afterAll(async () => {
  await site.stop()
  await rm(folder, { recursive: true, force: true })
})

const csv = { 'content-type': 'text/csv' }
const post = (query: string, body: string) => site.local.post(`/api/v1/gateways/import?${query}`, body, csv)
const gateways = async () => (await site.local.get('/api/v1/gateways')).json.gateways as { code: string }[]

test('from a file to stored readings, by the command line alone', async () => {
  const file = join(folder, 'plant.csv')
  await writeFile(
    file,
    'mac_address;código;nome;grupo\r\naa:bb:cc:dd:ee:01;GW001;Boiler;Plant 1/Line 2\r\nAABBCCDDEE02;GW002;Pump;\r\nzz;GW003;x;\r\n',
  )
  const at = ['--data', site.dataDir]
  const look = await millwright(['gateways', 'import', file, '--dry-run', '--create-groups', ...at])
  expect(look.code).toBe(1)
  expect(look.stdout).toContain('Plant 1, Plant 1/Line 2')
  expect(look.stdout).toContain('"zz" is not a MAC address')
  expect(await gateways()).toEqual([])

  const out = join(folder, 'keys')
  const made = await millwright(['gateways', 'import', file, '--create-groups', '--out', out, ...at])
  expect(made.stdout).toMatch(/created +2\n/)
  expect(made.code).toBe(1)
  expect((await readdir(out)).toSorted()).toEqual([
    'aa-bb-cc-dd-ee-01_certs.zip',
    'aa-bb-cc-dd-ee-02_certs.zip',
    'labels.pdf',
    'report.csv',
  ])
  expect((await stat(join(out, 'aa-bb-cc-dd-ee-01_certs.zip'))).mode & 0o777).toBe(0o600)
  // Confirmed: nobody fetches them a second time.
  expect((await site.local.get('/api/v1/gateways/GW001/credentials')).status).toBe(410)

  for (const [code, mac] of [
    ['GW001', '01'],
    ['GW002', '02'],
  ]) {
    const zip = await readFile(join(out, `aa-bb-cc-dd-ee-${mac}_certs.zip`))
    const credentials = await unpack(zip, join(folder, code ?? ''))
    await mosquittoPub(credentials, { message: '{"values":{"temperature":21.5}}' })
    await eventually(async () => {
      const { json } = await site.local.get(`/api/v1/channels?gateway=${code}`)
      return json.channels[0]?.key === 'temperature'
    }, `a reading of ${code}`)
  }

  // The same file again: all the same, nothing to fetch.
  const again = await millwright([
    'gateways',
    'import',
    file,
    '--out',
    join(folder, 'again'),
    '--json',
    ...at,
  ])
  const { job, rows, files } = JSON.parse(again.stdout) as {
    job: { id: string; result: unknown }
    rows: { outcome: string }[]
    files: string[]
  }
  expect(job.result).toEqual({ created: 0, again: 0, same: 2, failed: 1 })
  expect(rows.map(({ outcome }) => outcome)).toEqual(['same', 'same', 'failed'])
  expect(files).toEqual([])
  expect((await site.local.get(`/api/v1/gateways/imports/${job.id}/credentials`)).status).toBe(410)
  const report = await site.local.get(`/api/v1/jobs/${job.id}/file`)
  expect(report.text).toContain('4,zz,GW003,x,,,failed,"""zz"" is not a MAC address')
})

test('the file as the body of one request: looked at, taken, refused early', async () => {
  const look = await post('dryRun=true&name=a.csv', 'code,name\nA1,a\n=A,a\n')
  expect(look.status).toBe(200)
  expect(look.json).toMatchObject({ fileName: 'a.csv', counts: { new: 1, problem: 1 } })
  const taken = await post('name=a.csv', 'code,name\nA1,a\n')
  expect(taken.status).toBe(202)
  const result = () => site.local.get(`/api/v1/gateways/imports/${taken.json.id}`)
  const row = await eventually(async () => {
    const { json } = await result()
    return json.job.state === 'done' ? json.rows[0] : undefined
  }, 'the end of the import')
  expect(row).toMatchObject({ code: 'A1', outcome: 'created', credentialWaiting: true })

  expect(
    (await post('', `code,name\n${'A,a\n'.repeat(2_000_000)}`).catch(() => null))?.json ?? {},
  ).toMatchObject({
    code: 'csv_too_large',
  })
  expect((await post('', 'code,name\nA,\0\n')).json).toMatchObject({ code: 'csv_invalid', data: { line: 2 } })
  expect((await post('', 'a,b\n1,2\n')).json.code).toBe('csv_columns_missing')
  expect((await post('tenant=nobody', 'code,name\nB1,a\n')).json.code).toBe('tenant_unknown')
  expect((await post('group=Nowhere', 'code,name\nB1,a\n')).json.code).toBe('not_found')
  expect((await site.local.post('/api/v1/gateways/import', { a: 1 })).status).toBe(415)
  const { entries } = (await site.local.get('/api/v1/audit?action=gateway.import.start')).json
  expect(entries.map(({ outcome }: { outcome: string }) => outcome)).toContain('failed')
})
